package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Dot is within its bound of the exact sum at every length around the registers, and NaN and infinities come through.
func TestDot(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for kind, draw := range draws {
			for n := range 200 {
				_, x := filled(r, n, draw)
				_, y := filled(r, n, draw)
				want, size := exact(x, y)
				if got := Dot(x, y); !near(got, n, want, size) {
					t.Fatalf("%s, length %d: %v, want %v ± %v", kind, n, got, want, bound(n, size))
				}
			}
		}
	})
}

// Axpy and Scale are right in every lane and write nothing else; Scale is the same bits at every tier.
func TestAxpyAndScale(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for kind, draw := range draws {
			for n := range 150 {
				alpha := draw(r)
				_, x := filled(r, n, draw)
				g, y := filled(r, n, draw)
				was := slices.Clone(y)
				Axpy(alpha, x, y)
				for i := range y {
					p := float64(alpha) * float64(x[i])
					if !near(y[i], 1, float64(was[i])+p, math.Abs(p)+math.Abs(float64(was[i]))) {
						t.Fatalf("%s: axpy element %d of %d: %v + %v·%v = %v", kind, i, n, was[i], alpha, x[i], y[i])
					}
				}
				Scale(alpha, y)
				g.check(t, n)
				Axpy(alpha, x, was)
				for i := range was {
					was[i] *= alpha
				}
				sameAll(t, kind, y, was)
			}
		}
	})
}

// gatherCase is a list of items over rows of a width.
type gatherCase struct {
	items []int32
	w     []float32
	rows  Rows
	width int
}

func newGatherCase(r *rand.Rand, width int, draw func(*rand.Rand) float32) gatherCase {
	n, first := 1+r.IntN(30), r.IntN(5)
	_, data := filled(r, n*width, draw)
	_, w := filled(r, first+n, draw)
	c := gatherCase{rows: Rows{data, int32(first)}, width: width, w: w}
	for range r.IntN(40) {
		c.items = append(c.items, int32(first+r.IntN(n)))
	}
	w[first+r.IntN(n)] = 0
	return c
}

// slow adds up in float64.
func (c gatherCase) slow(y []float32) (sum, size []float64) {
	sum, size = make([]float64, c.width), make([]float64, c.width)
	for k, v := range y {
		sum[k], size[k] = float64(v), math.Abs(float64(v))
	}
	for _, i := range c.items {
		if a := float64(c.w[i]); a != 0 {
			for k := range sum {
				p := a * float64(c.rows.Data[int(i-c.rows.First)*c.width+k])
				sum[k] += p
				size[k] += math.Abs(p)
			}
		}
	}
	return sum, size
}

// GatherAxpy is within its bound at every width, and avx2 equals avx512 bit for bit.
func TestGatherAxpy(t *testing.T) {
	for kind, draw := range draws {
		results := map[level][]float32{}
		eachTier(t, func(t *testing.T, r *rand.Rand) {
			for width := range 300 {
				c := newGatherCase(r, width, draw)
				g, y := filled(r, width, draw)
				want, size := c.slow(y)
				GatherAxpy(y, c.items, c.w, c.rows)
				g.check(t, width)
				for k, v := range y {
					if !near(v, len(c.items), want[k], size[k]) {
						t.Fatalf("%s, width %d, %d items: column %d is %v, want %v", kind, width, len(c.items), k, v, want[k])
					}
				}
				results[active] = append(results[active], y...)
			}
		})
		if len(results[avx512]) > 0 {
			sameAll(t, kind+": avx512 and avx2", results[avx512], results[avx2])
		}
	}
}

// A weight of 0, of either sign, leaves even what is no number unread.
func TestGatherAxpySkipsZeros(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for _, width := range []int{5, 16, 24, 160} {
			nan := float32(math.NaN())
			data := slices.Concat(slices.Repeat([]float32{nan}, width), slices.Repeat([]float32{2}, width), slices.Repeat([]float32{nan}, width))
			y := make([]float32, width)
			GatherAxpy(y, []int32{0, 1, 2}, []float32{0, 3, float32(math.Copysign(0, -1))}, Rows{Data: data})
			sameAll(t, "weights of zero", y, slices.Repeat([]float32{6}, width))
		}
	})
}

// Arguments that do not fit panic before anything is read or written.
func TestWrongArguments(t *testing.T) {
	f := func(n int) []float32 { return make([]float32, n) }
	for name, call := range map[string]func(){
		"dot":           func() { Dot(f(3), f(4)) },
		"axpy":          func() { Axpy(1, f(4), f(3)) },
		"item":          func() { GatherAxpy(f(16), []int32{2}, f(3), Rows{Data: f(32)}) },
		"negative item": func() { GatherAxpy(f(16), []int32{-1}, f(3), Rows{Data: f(32)}) },
		"item before":   func() { GatherAxpy(f(16), []int32{0}, f(3), Rows{Data: f(32), First: 1}) },
		"weight":        func() { GatherAxpy(f(16), []int32{1}, f(1), Rows{Data: f(32)}) },
		"panel":         func() { Tile(f(12), f(33), new([TileRows]float32), new(Hits)) },
		"depth":         func() { TileSym(f(24), f(32), new([TileRows]float32), new([TileCols]float32), new(Hits)) },
		"groups":        func() { TileI8(make([]uint8, 12), make([]int8, 32), EdgesI8{}, new(Hits)) },
		"no edge":       func() { TileI8Sym(make([]uint8, 48), make([]int8, 128), EdgesI8{}, new(Hits)) },
		"pack":          func() { PackRows(f(12), f(13), 1, make([]int32, 13)) },
		"mul":           func() { Mul(f(5), f(4), f(4), 2) },
		"gram":          func() { Gram(make([]float64, 4), f(3), 2) },
		"labels":        func() { Grad(f(2), f(1), 1) },
		"rows":          func() { GatherRows(f(64), f(64), []int32{1}, 64) },
		"fetched rows":  func() { FetchRows(f(64), []int32{1}, 64) },
		"dots":          func() { Dots(f(1), f(64), f(128), 64) },
		"coefficients":  func() { Update(f(64), []int32{0}, f(64), f(2), 64) },
		"update row":    func() { UpdateT(f(64), []int32{1}, f(64), f(1), 64) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
