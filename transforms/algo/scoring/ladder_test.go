package scoring

import (
	"slices"
	"testing"
)

// tiny is a model of 4 songs: 0 and 1 are neighbours, 2 is charted, 3 is only popular.
func tiny() *Model {
	m := &Model{Settings: settings(), Count: []int64{4, 3, 2, 1}, MaxCount: 4, Popular: []int32{0, 1, 2, 3}}
	m.Lists = Lists{Start: []int64{0, 1, 2, 2, 2}, Songs: []int32{1, 0}, Scores: []float32{1, 1}}
	m.Catalogue = Catalogue{Artist: []int32{0, 0, 0, -1}, Group: []int32{0, 1, 2, 3}, Countries: make([][]string, 4), Classes: make([][]int32, 4)}
	m.World = NewChart([]int32{2}, []int64{2})
	return m
}

// ladderCase is one listener in a variant of the tiny model, with the songs and the reason expected.
type ladderCase struct {
	name   string
	l      Listener
	change func(m *Model)
	songs  []int32
	reason string
}

var ladderCases = []ladderCase{
	{"one play", Listener{Favourites: []Favourite{{0, 1}}, Known: []int32{0}}, nil, []int32{1, 2, 3}, ReasonFavourites},
	{"only skips", Listener{Known: []int32{0}, Disliked: []int32{0}}, nil, []int32{1, 2, 3}, ReasonNoFavourites},
	{"a favourite without neighbours", Listener{Favourites: []Favourite{{2, 1}}, Known: []int32{2}}, nil, []int32{0, 1, 3}, ReasonNoNeighbours},
	{"no plays, the cap leaves out the last of equals", Listener{}, nil, []int32{0, 1, 3}, ReasonNoPlays},
	{"one artist, cap 2", Listener{}, func(m *Model) { m.Catalogue.Artist[3] = 0 }, []int32{0, 1}, ReasonNoPlays},
	{"all known", Listener{Known: []int32{0, 1, 2, 3}}, nil, []int32{0, 1, 3}, ReasonAllKnown},
	{"known kept", Listener{Known: []int32{0, 1, 2, 3}}, func(m *Model) { m.Settings.KeepKnown = true }, []int32{0, 1, 3}, ReasonNoFavourites},
	{"nothing available", Listener{Region: "SE"}, func(m *Model) {
		for i := range m.Catalogue.Countries {
			m.Catalogue.Countries[i] = []string{"US"}
		}
	}, nil, ReasonNothing},
	{"no songs heard or listed", Listener{}, func(m *Model) { m.World, m.Popular = nil, nil }, nil, ReasonNothing},
}

// One play, only skips, one artist, nothing at all, everything known, nothing available.
func TestLadder(t *testing.T) {
	for _, c := range ladderCases {
		t.Run(c.name, func(t *testing.T) {
			m := tiny()
			if c.change != nil {
				c.change(m)
			}
			list := m.Make(&c.l, NewScratch(4))
			if list.Reason != c.reason {
				t.Errorf("reason %s, want %s", list.Reason, c.reason)
			}
			var got []int32
			for _, r := range list.Rows {
				got = append(got, r.Song)
			}
			if slices.Sort(got); !slices.Equal(got, c.songs) {
				t.Errorf("songs %v, want %v", got, c.songs)
			}
		})
	}
}

// A disliked song and a disliked artist's song come after an equal one.
func TestDislikedIsPushedDown(t *testing.T) {
	m := tiny()
	m.Settings.KeepKnown, m.Catalogue.Artist = true, []int32{0, 1, 2, 3}
	m.Count = []int64{4, 4, 4, 4}
	list := m.Make(&Listener{Disliked: []int32{0}, DislikedArtists: []int32{1}}, NewScratch(4))
	want := []int32{2, 3, 1, 0}
	for i, r := range list.Rows {
		if r.Song != want[i] {
			t.Fatalf("order %v, want %v", list.Rows, want)
		}
	}
	if a := list.Rows[3].Adjustment; a != -0.5 {
		t.Errorf("adjustment %v of a disliked song", a)
	}
}
