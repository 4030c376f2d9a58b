package overlap_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/overlap"
)

// Shared counts by hand.
func TestShared(t *testing.T) {
	for _, c := range []struct {
		a, b string
		k    int
		want float64
	}{
		{"abc", "abc", 3, 1},
		{"abc", "xyz", 3, 0},
		{"abcd", "bcde", 2, .5},
		{"abcd", "dcba", 4, 1},
		{"abcd", "dcba", 1, 0},
		{"", "", 3, 1},
		{"", "ab", 3, 0},
		{"ab", "abcd", 4, .5},
	} {
		if got := overlap.Shared([]rune(c.a), []rune(c.b), c.k); got != c.want {
			t.Errorf("Shared(%q, %q, %d) = %g, want %g", c.a, c.b, c.k, got, c.want)
		}
	}
}

// naive sums the definition for lists of equal length, far beyond their end with the last agreement.
func naive(a, b []int, p float64) float64 {
	sum, last := 0.0, 0.0
	for d := 1; d < 3000; d++ {
		if d <= len(a) {
			n := 0
			for _, x := range a[:d] {
				for _, y := range b[:d] {
					if x == y {
						n++
					}
				}
			}
			last = float64(n) / float64(d)
		}
		sum += (1 - p) * math.Pow(p, float64(d-1)) * last
	}
	return sum
}

// RankBiased equals the sum of the definition, is symmetric, and 1 for equal and 0 for foreign lists.
func TestRankBiased(t *testing.T) {
	const seed = 11
	r := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		n := 1 + r.IntN(12)
		a, b := r.Perm(15)[:n], r.Perm(15)[:n]
		p := .5 + .45*r.Float64()
		got := overlap.RankBiased(a, b, p)
		if want := naive(a, b, p); math.Abs(got-want) > 1e-9 {
			t.Fatalf("seed %d: RankBiased(%v, %v, %g) = %g, want %g", seed, a, b, p, got, want)
		}
		c := b[:r.IntN(n+1)]
		x, y := overlap.RankBiased(a, c, p), overlap.RankBiased(c, a, p)
		if x != y || x < 0 || x > 1+1e-12 {
			t.Fatalf("seed %d: RankBiased(%v, %v, %g) = %g, turned round %g", seed, a, c, p, x, y)
		}
		if same := overlap.RankBiased(a, a, p); math.Abs(same-1) > 1e-12 {
			t.Fatalf("a list agrees with itself to %g", same)
		}
	}
	if got := overlap.RankBiased([]int{1, 2}, []int{3, 4}, .9); got != 0 {
		t.Errorf("foreign lists agree to %g", got)
	}
	if got := overlap.RankBiased([]int{1, 2, 3}, []int{1, 2, 3, 4, 5}, .9); math.Abs(got-1) > 1e-12 {
		t.Errorf("a beginning agrees with the whole to %g, want 1: what is not seen is extrapolated", got)
	}
}
