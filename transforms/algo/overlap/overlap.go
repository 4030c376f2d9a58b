// Package overlap compares two ranked lists of the same thing, such as a listener's lists of two nights.
package overlap

import "math"

// Shared returns how many of the first k items of a are among the first k of b, over k; lists shorter than k count as they
// are, over the longer one's length. Two empty lists share 1. Items of a list are different from one another.
// Cost: O(k).
func Shared[T comparable](a, b []T, k int) float64 {
	a, b = a[:min(k, len(a))], b[:min(k, len(b))]
	if len(a) == 0 && len(b) == 0 {
		return 1
	}
	in := make(map[T]struct{}, len(a))
	for _, v := range a {
		in[v] = struct{}{}
	}
	n := 0
	for _, v := range b {
		if _, ok := in[v]; ok {
			n++
		}
	}
	return float64(n) / float64(max(len(a), len(b)))
}

// RankBiased returns the extrapolated rank-biased overlap of a and b in [0,1]: the mean agreement over all depths, where
// depth d+1 counts p times depth d, p in (0,1). With p = .9 the first ten ranks carry 86 % of the weight.
//
// Lists of different lengths are handled as if the agreement at the end of each went on.
// Source: Webber, Moffat, Zobel (2010), "A similarity measure for indefinite rankings", eq. 32. Two empty lists give 1.
// Cost: O(len(a) + len(b)).
func RankBiased[T comparable](a, b []T, p float64) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	s, l := len(a), len(b)
	if s == 0 {
		if l == 0 {
			return 1
		}
		return 0
	}
	inA, inB := make(map[T]struct{}, s), make(map[T]struct{}, l)
	shared := make([]float64, l+1) // shared[d]: items among the first d of both
	for d := 1; d <= l; d++ {
		x := shared[d-1]
		if d <= s {
			inA[a[d-1]] = struct{}{}
		}
		inB[b[d-1]] = struct{}{}
		if _, ok := inA[b[d-1]]; ok {
			x++
		}
		if d <= s {
			if _, ok := inB[a[d-1]]; ok && a[d-1] != b[d-1] {
				x++
			}
		}
		shared[d] = x
	}
	sum, weight := 0.0, 1.0
	for d := 1; d <= l; d++ {
		weight *= p
		sum += shared[d] / float64(d) * weight
		if d > s {
			sum += shared[s] * float64(d-s) / float64(s*d) * weight
		}
	}
	end := (shared[l]-shared[s])/float64(l) + shared[s]/float64(s)
	return (1-p)/p*sum + end*math.Pow(p, float64(l))
}
