package topk

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A list equals sorting everything and cutting, ties included, in any order of pushes.
func TestListAgainstSort(t *testing.T) {
	const seed = 5
	r := rand.New(rand.NewPCG(seed, 1))
	var l List
	for range 200 {
		all := make([]Entry, r.IntN(40))
		for i := range all {
			all[i] = Entry{int32(i), float32(r.IntN(8))}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		k := r.IntN(12)
		l.Reset(k)
		for _, e := range all {
			l.Push(e.ID, e.Score)
		}
		slices.SortFunc(all, Compare)
		if want := all[:min(k, len(all))]; !slices.Equal(l.Sorted(), want) {
			t.Fatalf("seed %d: k=%d: %v, want %v", seed, k, l.Sorted(), want)
		}
	}
}

// NaN is never kept.
func TestListDropsNaN(t *testing.T) {
	var l List
	l.Reset(2)
	l.Push(1, float32(math.NaN()))
	l.Push(2, -1)
	if got := l.Sorted(); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("%v", got)
	}
}
