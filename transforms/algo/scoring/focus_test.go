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
		if got, want := m.trust(l, s), .75*min(1, 2*c.focus); math.Abs(float64(got-want)) > .01 {
			t.Errorf("%s: the own taste counts %v, want %v", c.name, got, want)
		}
	}
}
