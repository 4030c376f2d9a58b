package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawCounts draws counts, most of which are 0 and some escaped.
func drawCounts(r *rand.Rand, n int) []uint8 {
	counts := make([]uint8, n)
	for i := range counts {
		if r.IntN(200) < 20+i%100 {
			counts[i] = []uint8{EscapedCount, EscapedCount - 1, 1, uint8(r.IntN(256))}[r.IntN(4)]
		}
	}
	return counts
}

// AddCounts adds exactly the rounded products and AtLeast marks exactly the counts of a bound, at every tier and length; neither writes anything else.
func TestCounts(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for n := range 400 {
			counts, weight := drawCounts(r, n), r.Float64()
			sums := make([]float64, n+guard)
			for i := range sums {
				sums[i] = r.NormFloat64()
			}
			want := slices.Clone(sums)
			for i, k := range counts {
				if k != EscapedCount {
					want[i] += float64(float64(k) * weight)
				}
			}
			AddCounts(sums[:n], counts, weight)
			if !slices.Equal(sums, want) {
				t.Fatalf("%d counts: other sums than one by one", n)
			}
			least := uint8(1 + r.IntN(255))
			marks := make([]uint64, (n+63)/64)
			for i := range marks {
				marks[i] = r.Uint64()
			}
			AtLeast(marks, counts, least)
			for i := range 64 * len(marks) {
				if got, want := marks[i/64]>>(i%64)&1 != 0, i < n && counts[i] >= least; got != want {
					t.Fatalf("count %d of %d: marked %v for %d", i, n, got, least)
				}
			}
		}
	})
}

// Reaching marks exactly the sums whose rounded product reaches a bound, at every tier and length.
func TestReaching(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for n := range 400 {
			sums, scale := make([]float64, n), make([]float64, n)
			for i := range sums {
				sums[i], scale[i] = float64(r.IntN(9)-2), 1/math.Sqrt(float64(1+r.IntN(5)))
			}
			least := math.Inf(-1)
			if n > 0 && n%5 > 0 {
				least = sums[n/2] * scale[n/2]
			}
			marks := make([]uint64, (n+63)/64)
			for i := range marks {
				marks[i] = r.Uint64()
			}
			Reaching(marks, sums, scale, least)
			for i := range 64 * len(marks) {
				if got, want := marks[i/64]>>(i%64)&1 != 0, i < n && sums[i]*scale[i] >= least; got != want {
					t.Fatalf("sum %d of %d: marked %v for %v", i, n, got, least)
				}
			}
		}
	})
}

// Arguments that do not fit panic before memory is read.
func TestCountsWrong(t *testing.T) {
	for name, f := range map[string]func(){
		"sums":  func() { AddCounts(make([]float64, 3), make([]uint8, 4), 1) },
		"scale": func() { Reaching(make([]uint64, 1), make([]float64, 3), make([]float64, 2), 1) },
		"marks": func() { AtLeast(make([]uint64, 1), make([]uint8, 65), 1) },
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
}
