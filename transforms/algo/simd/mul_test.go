package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Mul is within its bound for every kind of number at all edges of a tile; avx2 and avx512 give the same bits.
func TestMul(t *testing.T) {
	for kind, draw := range draws {
		results := map[level][]float32{}
		eachTier(t, func(t *testing.T, r *rand.Rand) {
			for range 150 {
				n, w, k := r.IntN(40), r.IntN(80), 1+r.IntN(40)
				_, a := filled(r, n*k, draw)
				_, b := filled(r, k*w, draw)
				g, out := filled(r, n*w, draw)
				Mul(out, a, b, k)
				g.check(t, n*w)
				for i := range n {
					for j := range w {
						var col []float32
						for c := range k {
							col = append(col, b[c*w+j])
						}
						if want, size := exact(a[i*k:(i+1)*k], col); !near(out[i*w+j], k, want, size) {
							t.Fatalf("%s: %d×%d×%d (%d,%d): %v, want %v", kind, n, k, w, i, j, out[i*w+j], want)
						}
					}
				}
				results[active] = append(results[active], out...)
			}
		})
		if len(results[avx512]) > 0 {
			sameAll(t, kind+": avx512 and avx2", results[avx512], results[avx2])
		}
	}
}

// Gram is symmetric and within its bound for any number of columns; avx2 and avx512 give the same bits.
func TestGram(t *testing.T) {
	results := map[level][]float64{}
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for l := 1; l < 70; l++ {
			n := r.IntN(2 * gramRows)
			_, x := filled(r, n*l, normal)
			g := make([]float64, l*l)
			for i := range g {
				g[i] = float64(i/l + i%l)
			}
			Gram(g, x, l)
			for i := range l {
				for j := range l {
					want, size := float64(i+j), float64(i+j)*0x1p-23
					for k := range n {
						p := float64(x[k*l+i]) * float64(x[k*l+j])
						want += p
						size += math.Abs(p)
					}
					if got := g[i*l+j]; math.Abs(got-want) > bound(gramRows, size) || got != g[j*l+i] {
						t.Fatalf("%d rows of %d (%d,%d): %v and %v, want %v", n, l, i, j, got, g[j*l+i], want)
					}
				}
			}
			results[active] = append(results[active], g...)
		}
	})
	for i, v := range results[avx512] {
		if v != results[avx2][i] {
			t.Fatalf("element %d: %v with avx512, %v with avx2", i, v, results[avx2][i])
		}
	}
}
