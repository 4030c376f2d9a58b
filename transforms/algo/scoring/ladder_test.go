package scoring

import (
	"slices"
	"testing"
)

// tiny is a model of 4 songs: 0 and 1 are neighbours, 2 is charted, 3 is only popular.
func tiny() *Model {
	m := &Model{Settings: settings(), LogCount: []float32{4, 3, 2, 1}, MaxLog: 4, Popular: []int32{0, 1, 2, 3}}
	m.Settings.Explore = 0
	m.Lists = Lists{{Start: []int32{0, 1, 2, 2, 2}, Songs: []int32{1, 0}, Scores: []float32{1, 1}}}
	m.Catalogue = Catalogue{
		Artist: []int32{0, 0, 0, -1}, Album: []int32{-1, -1, -1, -1}, Group: []int32{0, 1, 2, 3}, Market: make([]int32, 4),
		ClassStart: make([]int32, 5), Sure: make([]float32, 4), Artists: 4,
	}
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
	{"one play", Listener{Plays: 1, Favourites: []Favourite{{0, 1}}, Known: []int32{0}}, nil, []int32{1, 2, 3}, ReasonFavourites},
	{"only skips", Listener{Known: []int32{0}, Disliked: []int32{0}}, nil, []int32{1, 2, 3}, ReasonNoFavourites},
	{"a favourite without neighbours", Listener{Favourites: []Favourite{{2, 1}}, Known: []int32{2}}, nil, []int32{0, 1, 3}, ReasonNoNeighbours},
	{"no plays, the cap leaves out the last of equals", Listener{}, nil, []int32{0, 1, 3}, ReasonNoPlays},
	{"one artist, cap 2", Listener{}, func(m *Model) { m.Catalogue.Artist[3] = 0 }, []int32{0, 1}, ReasonNoPlays},
	{"one album, cap 2", Listener{}, func(m *Model) {
		m.Catalogue.Artist, m.Catalogue.Album, m.Catalogue.Albums = []int32{0, 1, 2, 3}, []int32{0, 0, -1, 0}, 1
	}, []int32{0, 1, 2}, ReasonNoPlays},
	{"all known", Listener{Known: []int32{0, 1, 2, 3}}, nil, []int32{0, 1, 3}, ReasonAllKnown},
	{"known kept", Listener{Known: []int32{0, 1, 2, 3}}, func(m *Model) { m.Settings.Mode = Mixed }, []int32{0, 1, 3}, ReasonNoFavourites},
	{"long gone", Listener{Inactive: true, Favourites: []Favourite{{0, 1}}, Known: []int32{0}}, nil, []int32{1, 2, 3}, ReasonInactive},
	{"nothing available", Listener{Region: "SE"}, func(m *Model) {
		for i := range m.Catalogue.Market {
			m.Catalogue.Market[i] = m.Catalogue.Markets.Number([]string{"US"})
		}
	}, nil, ReasonNothing},
	{"no songs heard or listed", Listener{}, func(m *Model) { m.World, m.Popular = nil, nil }, nil, ReasonNothing},
}

// One play, only skips, one artist, nothing at all, everything known, nothing available: a list that is as long as can be,
// or a reason.
func TestLadder(t *testing.T) {
	for _, c := range ladderCases {
		t.Run(c.name, func(t *testing.T) {
			m := tiny()
			m.Settings.Length = len(c.songs)
			if c.songs == nil {
				m.Settings.Length = 1
			}
			if c.change != nil {
				c.change(m)
			}
			list := m.Make(&c.l, m.NewScratch())[0]
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
	m.Settings.Mode, m.Catalogue.Artist = Mixed, []int32{0, 1, 2, 3}
	m.LogCount = []float32{4, 4, 4, 4}
	list := m.Make(&Listener{Disliked: []int32{0}, DislikedArtists: []int32{1}}, m.NewScratch())[0]
	want := []int32{2, 3, 1, 0}
	for i, r := range list.Rows {
		if r.Song != want[i] {
			t.Fatalf("order %v, want %v", list.Rows, want)
		}
	}
	if a := list.Rows[3].Adjustments; a[DislikedSong] != -0.5 {
		t.Errorf("adjustments %v of a disliked song", a)
	}
	if list.Reason != ReasonShort {
		t.Errorf("reason %s of 4 rows of 20", list.Reason)
	}
}

// A song just played cools down: minus the whole discount on the day, half of it after so many days.
func TestCoolDown(t *testing.T) {
	m := tiny()
	m.Settings.Mode = Mixed
	l := &Listener{Favourites: []Favourite{{0, 1}, {1, 1}}, Known: []int32{0, 1}, Recent: []Recent{{0, 0}, {1, 3}}}
	got := map[int32]float32{}
	for _, r := range m.Make(l, m.NewScratch())[0].Rows {
		got[r.Song] = r.Adjustments[JustPlayed]
	}
	if got[0] != -0.3 || got[1] != -0.15 || got[3] != 0 {
		t.Errorf("discounts %v", got)
	}
}

// Every rung supplies the rows of who has no better one, and weights move from the persona's to the personal ones with n/(n+κ).
func TestRungs(t *testing.T) {
	m := tiny()
	m.Settings.Length, m.Settings.PoolDepth = 1, 4
	one := NewChart([]int32{3}, []int64{9})
	for _, c := range []struct {
		l    Listener
		want Tier
	}{
		{Listener{Favourites: []Favourite{{0, 1}}, Known: []int32{0}, Vectors: nil, Plays: 90}, Personal},
		{Listener{Persona: &Persona{Songs: []int32{3}, Scores: []float32{1}}}, ByPersona},
		{Listener{Mix: []Context{{&Cell{Chart: one}, 0, 1}}, Regional: one}, ByContext},
		{Listener{Genres: []GenreCharts{{one, nil}}, Regional: one}, RegionGenre},
		{Listener{Genres: []GenreCharts{{nil, one}}, Regional: one}, Genre},
		{Listener{Regional: one}, Region},
		{Listener{}, World},
	} {
		list := m.Make(&c.l, m.NewScratch())[0]
		if got := list.Tier(); got != c.want {
			t.Errorf("tier %d, want %d: %+v", got, c.want, list)
		}
	}
	l := &Listener{Favourites: []Favourite{{0, 1}}, Persona: &Persona{}, Plays: 10}
	if w, want := m.weights(l, m.Settings.trust(l.Plays), true), mustWeights(0.25, 0.15); w != want {
		t.Errorf("half-way weights %v, want %v", w, want)
	}
}
