package scoring

import (
	"math"
	"testing"
)

// Favourites like each other leave the own taste its full part; of those that have little in common it has less; vectors missing,
// nothing is held against it.
func TestFocusByHand(t *testing.T) {
	m := &Model{
		Catalogue: Catalogue{Artist: make([]int32, 5), Album: make([]int32, 5), Group: []int32{0, 1, 2, 3, 4}, Market: make([]int32, 5), Sure: make([]float32, 5), ClassStart: make([]int32, 6), Artists: 1, Albums: 1},
		LogCount:  make([]float32, 5),
		Vectors:   Vectors{Dim: 2, Data: []float32{1, 0, 0, 1, .6, .8, -1, 0, 0, 0}}, // the last has none
		Settings:  Settings{Kappa: 10},
	}
	for _, c := range []struct {
		name       string
		favourites []Favourite
		vectors    []float32
		focus      float32
	}{
		{"one song", []Favourite{{0, 2}}, []float32{1, 0}, 1},
		{"the nearest of two", []Favourite{{0, 1}, {1, 1}}, []float32{1, 0, 0, 1}, 1},
		{"by weight", []Favourite{{0, 3}, {2, 1}}, []float32{1, 0}, .9},
		{"far ones count as nothing", []Favourite{{0, 1}, {1, 1}, {3, 2}}, []float32{1, 0}, .25},
		{"without vectors left out", []Favourite{{0, 1}, {4, 9}}, []float32{1, 0}, 1},
		{"none with a vector", []Favourite{{4, 1}}, []float32{1, 0}, 1},
		{"no taste vector", []Favourite{{1, 1}}, nil, 1},
	} {
		l, s := &Listener{Favourites: c.favourites, Vectors: c.vectors, Plays: 30}, m.NewScratch()
		m.tastes(l, s)
		if got := s.focus(l); math.Abs(float64(got-c.focus)) > .01 {
			t.Errorf("%s: focus %v, want %v", c.name, got, c.focus)
		}
		m.setTrust(l, s)
		if got, want := s.trust, .75*min(1, 2*c.focus); math.Abs(float64(got-want)) > .01 {
			t.Errorf("%s: the own taste counts %v, want %v", c.name, got, want)
		}
	}
}

// The cut follows from the cosine that one more favourite would have: n favourites are built that have one cosine to each other,
// their taste vector is added up, and the next of their kind is compared with it.
func TestCutIsThatOfOneMoreFavourite(t *testing.T) {
	for _, c := range []struct {
		n        int
		together float64 // cosine of two favourites
	}{{1, .3}, {2, 0}, {2, .5}, {3, .2}, {5, .36}, {5, .9}, {20, .1}, {20, .3}, {50, .4}} {
		// Favourite i is √together along the shared axis and √(1 − together) along an axis of its own; so is the next one.
		n, common := float64(c.n), math.Sqrt(c.together)
		length := math.Sqrt(n*n*c.together + n*(1-c.together))
		focus := (n*c.together + 1 - c.together) / length
		next := n * common * common / length
		want := min(mostCut, max(leastCut, (widening*(n-1)*next+mostCut)/n))
		if got := cut(focus, n); math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("%d favourites of cosine %v: cut at %v, want %v", c.n, c.together, got, want)
		}
	}
	favourites := []Favourite{{1, 3}, {2, 3}, {3, 3}, {4, 0}}
	if got := effectiveN(favourites); math.Abs(got-3) > 1e-6 {
		t.Errorf("three favourites of one weight count as %v", got)
	}
	if got := effectiveN(nil); got != 0 {
		t.Errorf("no favourites count as %v", got)
	}
	if got := cut(1, 0); got != mostCut {
		t.Errorf("without favourites the cut is at %v", got)
	}
}
