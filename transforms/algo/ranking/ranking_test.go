package ranking

import (
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// top is the obvious way: sort everything.
func top(scores []float64, ids, skip []int32, depth int) []int32 {
	var all []int32
	for c := range int32(len(scores)) {
		if !slices.Contains(skip, c) {
			all = append(all, c)
		}
	}
	sort.Slice(all, func(a, b int) bool {
		x, y := all[a], all[b]
		if scores[x] != scores[y] || ids == nil {
			return scores[x] > scores[y] || scores[x] == scores[y] && x < y
		}
		return ids[x] < ids[y]
	})
	return all[:min(depth, len(all))]
}

// Top equals sorting everything, for prefixes, negative scores and sums that are used again.
func TestTopEqualsFullSort(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		n := 1 + r.IntN(400)
		ids := make([]int32, n)
		for i, p := range r.Perm(n) {
			ids[i] = int32(3 * p)
		}
		if seed%5 == 0 {
			ids = nil
		}
		order, sums := NewOrder(n, ids), NewSums(n)
		for range 3 {
			sums.Reset()
			scores := make([]float64, n)
			for range r.IntN(2 * n) {
				c, x := int32(r.IntN(n)), float64(r.IntN(6)-2)
				sums.Add(c, x)
				scores[c] += x
			}
			limit, depth := 1+r.IntN(n), 1+r.IntN(60)
			skip := []int32{int32(r.IntN(n)), int32(r.IntN(n))}
			want := top(scores[:limit], ids, skip, depth)
			if got := order.Top(sums, limit, skip, depth); !slices.Equal(got, want) {
				t.Fatalf("seed %d: got %v, want %v", seed, got, want)
			}
		}
	}
}

// Large catalogues, where a bound is guessed, are ordered like small ones, few scores repeating or many.
func TestTopOfManyEqualsFullSort(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 3))
		n := 6000
		order, sums := NewOrder(n, nil), NewSums(n)
		scores := make([]float64, n)
		values := 2 + r.IntN(3000)
		for c := range n {
			x := float64(r.IntN(values))
			if seed%3 == 0 {
				x -= float64(values / 2)
			}
			sums.Add(int32(c), x)
			scores[c] += x
		}
		for _, depth := range []int{1, 100, 500} {
			limit, skip := n-r.IntN(n/2), []int32{int32(r.IntN(n)), int32(r.IntN(n))}
			if got, want := order.Top(sums, limit, skip, depth), top(scores[:limit], nil, skip, depth); !slices.Equal(got, want) {
				t.Fatalf("seed %d, depth %d: got %v, want %v", seed, depth, got[:10], want[:10])
			}
		}
	}
}

// Scaled sums are ordered by their products, of large catalogues and small ones, dense or in part named.
func TestScaledEqualsFullSort(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 4))
		n := []int{1 + r.IntN(400), 12_000}[seed%2]
		dense := n - []int{0, r.IntN(n)}[seed/2%2]/4
		x, scale, scores := make([]float64, n), make([]float64, n), make([]float64, n)
		order, sums := NewOrder(n, nil), Scaled(x, scale, dense)
		var touched []int32
		for c := range n {
			scale[c] = float64(1 + r.IntN(900))
			if c >= dense && r.IntN(3) > 0 {
				continue
			}
			x[c] = float64(r.IntN(7) - int(seed%3))
			scores[c] = x[c] * scale[c]
			if c >= dense {
				touched = append(touched, int32(c))
			}
		}
		sums.Touch(touched)
		for _, depth := range []int{1, 100, 500} {
			limit, skip := 1+r.IntN(n), []int32{int32(r.IntN(n))}
			if got, want := order.Top(sums, limit, skip, depth), top(scores[:limit], nil, skip, depth); !slices.Equal(got, want) {
				t.Fatalf("seed %d, depth %d of %d: other columns than by sorting all", seed, depth, limit)
			}
		}
	}
}
