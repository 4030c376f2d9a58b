package ranking

import (
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// Top equals sorting everything, for random scores with many ties and shuffled ids.
func TestTopEqualsFullSort(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(300)
		scores, ids := make([]float64, n), make([]int32, n)
		for i, p := range r.Perm(n) {
			scores[i], ids[i] = float64(r.IntN(5)-1), int32(p)
		}
		skip := []int32{int32(r.IntN(n)), int32(r.IntN(n))}
		depth := 1 + r.IntN(40)
		var want []int32
		for c := range int32(n) {
			if !slices.Contains(skip, c) {
				want = append(want, c)
			}
		}
		sort.Slice(want, func(a, b int) bool {
			x, y := want[a], want[b]
			return scores[x] > scores[y] || scores[x] == scores[y] && ids[x] < ids[y]
		})
		want = want[:min(depth, len(want))]
		if got := Top(scores, ids, skip, depth); !slices.Equal(got, want) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, want)
		}
	}
}

// An order over sums equals Top over the same scores, for prefixes, negative scores and sums that are used again.
func TestOrderEqualsTop(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		n := 1 + r.IntN(400)
		ids := make([]int32, n)
		for i, p := range r.Perm(n) {
			ids[i] = int32(p)
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
			want := Top(scores[:limit], ids, skip, depth)
			if got := order.Top(sums, limit, skip, depth); !slices.Equal(got, want) {
				t.Fatalf("seed %d: got %v, want %v", seed, got, want)
			}
		}
	}
}
