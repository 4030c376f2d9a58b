package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// AddAt adds what a plain loop adds, bit for bit, at every tier: known places, values of any sign, sums of -Inf; it writes nothing else.
func TestAddAt(t *testing.T) {
	special := []float32{0, -1, float32(math.NaN()), float32(math.Inf(1)), math.SmallestNonzeroFloat32, float32(math.Inf(-1)), float32(math.Copysign(0, -1))}
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for n := range 100 {
			sums := newGuarded(r, 64)
			sum, want := sums.slice(64), map[int32]float32{}
			for j := range sum {
				sum[j] = []float32{0, 0, r.Float32(), float32(math.Inf(-1))}[r.IntN(4)]
				want[int32(j)] = sum[j]
			}
			at, x, w := make([]int32, n), make([]float32, n), []float32{1, r.Float32(), 1e-30}[r.IntN(3)]
			var fresh []int32
			for i := range at {
				at[i] = int32(r.IntN(64))
				if x[i] = r.Float32(); n%2 == 1 && r.IntN(3) == 0 {
					x[i] = special[r.IntN(len(special))]
				}
				if e := w * x[i]; e > 0 {
					if want[at[i]] == 0 {
						fresh = append(fresh, at[i])
					}
					want[at[i]] += e
				}
			}
			room := make([]int32, n)
			if k := AddAt(sum, at, x, w, room); !slices.Equal(room[:k], fresh) {
				t.Fatalf("%d places: fresh %v, want %v", n, room[:k], fresh)
			}
			for j, x := range sum {
				if math.Float32bits(x) != math.Float32bits(want[int32(j)]) && !(x != x && want[int32(j)] != want[int32(j)]) {
					t.Fatalf("%d places: sum %d is %g, want %g", n, j, x, want[int32(j)])
				}
			}
			sums.check(t, 64)
			ClearAt(sum, at)
			for _, j := range at {
				want[j] = 0
			}
			for j, x := range sum {
				if math.Float32bits(x) != math.Float32bits(want[int32(j)]) && x == x {
					t.Fatalf("%d places: sum %d is %g after clearing, want %g", n, j, x, want[int32(j)])
				}
			}
			sums.check(t, 64)
		}
	})
}

// KeepAt keeps what a plain filter keeps, in its place too.
func TestKeepAt(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for n := range 100 {
			sum, at := make([]float32, 32), make([]int32, n)
			for j := range sum {
				sum[j] = []float32{0, r.Float32(), 0.5, float32(math.Inf(1))}[r.IntN(4)]
			}
			for i := range at {
				at[i] = int32(r.IntN(len(sum)))
			}
			for _, least := range []float32{0, 0.5, 0.9, float32(math.Inf(1))} {
				var want []int32
				for _, j := range at {
					if sum[j] >= least {
						want = append(want, j)
					}
				}
				kept := slices.Clone(at)
				if k := KeepAt(sum, kept, least, kept); !slices.Equal(kept[:k], want) {
					t.Fatalf("%d places, least %g: %v, want %v", n, least, kept[:k], want)
				}
			}
		}
	})
}

// Arguments that do not fit panic.
func TestSparseWrong(t *testing.T) {
	eachTier(t, func(t *testing.T, _ *rand.Rand) {
		sum, x, at := make([]float32, 4), make([]float32, 2), []int32{0, 1}
		many := []int32{0, 1, 2, 3, 3, 2, 1, -1, 0}
		for name, f := range map[string]func(){
			"values": func() { AddAt(sum, at, x[:1], 1, make([]int32, 2)) },
			"fresh":  func() { AddAt(sum, at, x, 1, make([]int32, 1)) },
			"place":  func() { AddAt(sum, []int32{0, 4}, x, 1, make([]int32, 2)) },
			"below":  func() { AddAt(sum, []int32{0, -1}, x, 1, make([]int32, 2)) },
			"none":   func() { AddAt(nil, at, x, 1, make([]int32, 2)) },
			"kept":   func() { KeepAt(sum, at, 0, make([]int32, 1)) },
			"least":  func() { KeepAt(sum, at, -1, make([]int32, 2)) },
			"far":    func() { KeepAt(sum, []int32{0, 4}, 0, make([]int32, 2)) },
			"many":   func() { AddAt(sum, many, []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}, 1, make([]int32, 9)) },
			"clear":  func() { ClearAt(sum, many) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				f()
			}()
		}
	})
}
