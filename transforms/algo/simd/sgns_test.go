package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Grad is within 2⁻²¹ of the logistic, monotone at the ends, keeps NaN, writes nothing else, and is the same bits with avx2 and avx512.
func TestGrad(t *testing.T) {
	results := map[level][]float32{}
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for n := range 100 {
			g, x := filled(r, n, func(r *rand.Rand) float32 {
				if r.IntN(4) == 0 {
					return wild(r)
				}
				return float32(r.NormFloat64() * 30)
			})
			_, label := filled(r, n, func(r *rand.Rand) float32 { return float32(r.IntN(2)) })
			was := append([]float32(nil), x...)
			Grad(x, label, .5)
			g.check(t, n)
			for i, v := range was {
				want := (float64(label[i]) - 1/(1+math.Exp(-float64(v)))) / 2
				if math.IsNaN(want) != (x[i] != x[i]) || math.Abs(float64(x[i])-want) > 0x1p-21 {
					t.Fatalf("logit %v, label %v: %v, want %v", v, label[i], x[i], want)
				}
			}
			results[active] = append(results[active], x...)
		}
	})
	if len(results[avx512]) > 0 {
		sameAll(t, "avx512 and avx2", results[avx512], results[avx2])
	}
}

// widths of rows: those with kernels of their own, and others.
var widths = []int{1, 15, 16, 48, 64, 100, 112, 128, 144, 300}

// GatherRows copies, Dots are inner products within their bound.
func TestGatherRowsAndDots(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for kind, draw := range draws {
			for _, width := range widths {
				m, n := r.IntN(9), r.IntN(9)
				_, base := filled(r, 10*width, draw)
				rows := make([]int32, m)
				for i := range rows {
					rows[i] = int32(r.IntN(10))
				}
				g, a := filled(r, m*width, draw)
				GatherRows(a, base, rows, width)
				g.check(t, m*width)
				for i, row := range rows {
					sameAll(t, kind, a[i*width:(i+1)*width], base[int(row)*width:int(row+1)*width])
				}
				_, b := filled(r, n*width, draw)
				h, out := filled(r, m*n, draw)
				Dots(out, a, b, width)
				h.check(t, m*n)
				for i := range m {
					for j := range n {
						if want, size := exact(a[i*width:(i+1)*width], b[j*width:(j+1)*width]); !near(out[i*n+j], width, want, size) {
							t.Fatalf("%s, width %d (%d,%d): %v, want %v", kind, width, i, j, out[i*n+j], want)
						}
					}
				}
			}
		}
	})
}

// Update adds to each named row its sum, in both layouts of the coefficients and also to a row named twice; avx2 equals avx512.
func TestUpdate(t *testing.T) {
	results := map[level][]float32{}
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for _, width := range widths {
			for _, transposed := range []bool{false, true} {
				rows, m := []int32{3, 1, 3, 0}[:r.IntN(5)], r.IntN(7)
				guards, base := filled(r, 5*width, normal)
				want, size := make([]float64, len(base)), make([]float64, len(base))
				for i, v := range base {
					want[i], size[i] = float64(v), math.Abs(float64(v))
				}
				_, x := filled(r, m*width, normal)
				_, g := filled(r, m*len(rows), normal)
				for i, row := range rows {
					for k := range m {
						c := g[i*m+k]
						if transposed {
							c = g[k*len(rows)+i]
						}
						for j := range width {
							p := float64(c) * float64(x[k*width+j])
							want[int(row)*width+j] += p
							size[int(row)*width+j] += math.Abs(p)
						}
					}
				}
				if transposed {
					UpdateT(base, rows, x, g, width)
				} else {
					Update(base, rows, x, g, width)
				}
				guards.check(t, len(base))
				for i, v := range base {
					if !near(v, 2*m+2, want[i], size[i]) {
						t.Fatalf("width %d, %d rows, %d terms, transposed %v: element %d is %v, want %v", width, len(rows), m, transposed, i, v, want[i])
					}
				}
				results[active] = append(results[active], base...)
			}
		}
	})
	if len(results[avx512]) > 0 {
		sameAll(t, "avx512 and avx2", results[avx512], results[avx2])
	}
}
