// Package spread measures how recommendations spread over songs and artists.
//
//	spread.go  Entropy, Gini, Covered, Distance, Apart
package spread

import (
	"math"
	"slices"

	"segue/transforms/algo/simd"
)

// Entropy returns the entropy of counts over its greatest value for as many items, [0,1]: 1 = all different, 0 = all alike.
// Fewer than two items are 1.
func Entropy(counts []int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	if total < 2 {
		return 1
	}
	var h float64
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(total)
			h -= float64(p * math.Log2(p))
		}
	}
	return h / math.Log2(float64(total))
}

// Gini returns the Gini coefficient of counts: 0 = all have the same, towards 1 = one has all; 0 without any.
// Cost: O(n log n); counts are not changed.
func Gini(counts []int64) float64 {
	sorted := slices.Sorted(slices.Values(counts))
	var total, ranked float64
	for i, n := range sorted {
		total += float64(n)
		ranked += float64(float64(i+1) * float64(n))
	}
	if total == 0 {
		return 0
	}
	n := float64(len(sorted))
	return 2*ranked/(n*total) - (n+1)/n
}

// Covered returns the share of counts above 0; 0 without counts.
func Covered(counts []int64) float64 {
	used := 0
	for _, n := range counts {
		if n > 0 {
			used++
		}
	}
	return float64(used) / float64(max(1, len(counts)))
}

// ahead is how many vectors before their turn vectors are asked for: they may lie anywhere.
const ahead = 4

// Distance returns the mean of 1 − cosine over all pairs of unit vectors; ok is false for fewer than two. Zero vectors are
// left out. Cost: O(vectors · dim) in float32, since Σ_{i≠j} u_i·u_j = |Σ u|² − n.
func Distance(vectors [][]float32) (mean float64, ok bool) {
	var sum []float32
	n, own := 0.0, 0.0
	for i, v := range vectors {
		if next := i + ahead; next < len(vectors) {
			simd.Fetch(vectors[next])
		}
		square := simd.Dot(v, v)
		if square == 0 {
			continue
		}
		if sum == nil {
			sum = make([]float32, len(v))
		}
		simd.Axpy(1, v, sum)
		n, own = n+1, own+float64(square)
	}
	if n < 2 {
		return 0, false
	}
	all := float64(simd.Dot(sum, sum)) - own
	return 1 - all/(n*(n-1)), true
}

// Apart returns half the sum of absolute differences of two mixes by class, [0,1]: 0 = the same mix. Each is scaled to add up
// to 1; ok is false where one is empty.
func Apart(a, b []float64) (distance float64, ok bool) {
	sum := func(v []float64) (s float64) {
		for _, x := range v {
			s += x
		}
		return s
	}
	p, q := sum(a), sum(b)
	if p <= 0 || q <= 0 {
		return 0, false
	}
	for i := range a {
		distance += math.Abs(a[i]/p-b[i]/q) / 2
	}
	return distance, true
}
