package topk

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A selection equals sorting everything and cutting: for few and many entries, scores of all sizes, and ties beyond the buffer;
// and an entry below Floor may be left out.
func TestSelectionAgainstSort(t *testing.T) {
	const seed = 9
	r := rand.New(rand.NewPCG(seed, 1))
	var s Selection
	for trial := range 400 {
		all := make([]Entry, r.IntN(1+trial*10))
		for i := range all {
			score := math.Ldexp(r.Float64(), r.IntN(60)-30)
			switch trial % 4 {
			case 1:
				score = float64(r.IntN(3))
			case 2:
				score = .25 + r.Float64()/100
			case 3:
				score = math.Ldexp(r.Float64(), -149+r.IntN(250))
			}
			all[i] = Entry{int32(i), float32(score)}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		k := 1 + r.IntN(250)
		s.Reset(k)
		for _, e := range all {
			if e.Score >= s.Floor {
				s.Offer(e.ID, e.Score)
			}
		}
		slices.SortFunc(all, Compare)
		if got, want := s.Sorted(), all[:min(k, len(all))]; !slices.Equal(got, want) {
			t.Fatalf("seed %d trial %d: k=%d of %d: %v, want %v", seed, trial, k, len(all), got, want)
		}
	}
}

// Scores below 0 are selected like others when all entries are offered.
func TestSelectionBelowZero(t *testing.T) {
	const seed = 10
	r := rand.New(rand.NewPCG(seed, 1))
	var s Selection
	for trial := range 200 {
		all := make([]Entry, r.IntN(1+trial*10))
		k := 1 + r.IntN(250)
		s.Reset(k)
		for i := range all {
			all[i] = Entry{int32(i), float32(r.IntN(40)-30) / 7}
			s.Offer(all[i].ID, all[i].Score)
		}
		slices.SortFunc(all, Compare)
		if got, want := s.Sorted(), all[:min(k, len(all))]; !slices.Equal(got, want) {
			t.Fatalf("seed %d trial %d: k=%d of %d: %v, want %v", seed, trial, k, len(all), got, want)
		}
	}
}
