package scoring

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// world is a random model of songs with lists, vectors, charts, versions, countries and classes.
func world(seed uint64, songs int) *Model {
	r := rand.New(rand.NewPCG(seed, 3))
	m := &Model{Vectors: Vectors{Dim: 4}, Settings: settings()}
	m.Lists.Start = []int64{0}
	for i := range songs {
		for range r.IntN(12) {
			m.Lists.Songs = append(m.Lists.Songs, int32(r.IntN(songs)))
			m.Lists.Scores = append(m.Lists.Scores, r.Float32())
		}
		m.Lists.Start = append(m.Lists.Start, int64(len(m.Lists.Songs)))
		for range 4 {
			m.Vectors.Data = append(m.Vectors.Data, (r.Float32()-0.3)/2)
		}
		m.Catalogue.Artist = append(m.Catalogue.Artist, int32(r.IntN(songs/6+1)-1))
		m.Catalogue.Group = append(m.Catalogue.Group, int32(i-i%(1+r.IntN(2))))
		m.Catalogue.Countries = append(m.Catalogue.Countries, [][]string{nil, nil, nil, {"SE"}, {"SE", "US"}}[r.IntN(5)])
		m.Catalogue.Classes = append(m.Catalogue.Classes, []int32{int32(r.IntN(4))})
		m.Count = append(m.Count, int64(r.IntN(50)))
		m.MaxCount = max(m.MaxCount, m.Count[i])
		m.Popular = append(m.Popular, int32(i))
	}
	for i := range m.Catalogue.Group { // a group stands for itself
		m.Catalogue.Group[i] = m.Catalogue.Group[m.Catalogue.Group[i]]
	}
	slices.SortStableFunc(m.Popular, func(a, b int32) int { return int(m.Count[b] - m.Count[a]) })
	m.World = chart(r, songs)
	return m
}

func settings() Settings {
	w, err := NewWeights(0.2, 0.1)
	if err != nil {
		panic(err)
	}
	return Settings{Length: 20, ArtistCap: 2, PoolDepth: 15, ArtistStep: 0.03, SongPush: 0.5, ArtistPush: 0.1, Weights: w}
}

func chart(r *rand.Rand, songs int) *Chart {
	var ids []int32
	var heard []int64
	for i, s := range r.Perm(songs)[:songs/3] {
		ids, heard = append(ids, int32(s)), append(heard, int64(songs-i))
	}
	return NewChart(ids, heard)
}

func listener(r *rand.Rand, songs int) *Listener {
	l := &Listener{Region: []string{"", "SE", "US"}[r.IntN(3)], Taste: []float32{0.5, 0.5, 0.5, 0.5}}
	for range r.IntN(6) {
		f := Favourite{int32(r.IntN(songs)), r.Float32() + 0.1}
		l.Favourites = append(l.Favourites, f)
		l.Known = append(l.Known, f.Song)
	}
	l.Disliked = set(int32(r.IntN(songs)), int32(r.IntN(songs)))
	l.DislikedArtists = set(int32(r.IntN(5)))
	if r.IntN(2) == 0 {
		l.Regional = chart(r, songs)
	}
	if r.IntN(2) == 0 {
		l.Cell = &Cell{Name: "SE/night/phone", Chart: chart(r, songs), Lift: map[int32]float64{0: 2, 1: 0.5}}
	}
	l.Known = set(l.Known...)
	return l
}

func set(v ...int32) []int32 {
	slices.Sort(v)
	return slices.Compact(v)
}

// calibrated gives a model the maps of its own candidates.
func calibrated(m *Model, r *rand.Rand) {
	s := NewScratch(len(m.Count))
	var sample []Raw
	for range 30 {
		for _, c := range m.Candidates(listener(r, len(m.Count)), s, nil, false) {
			sample = append(sample, c.Raw)
		}
	}
	m.Settings.Calibration = Calibrate(sample)
}

func eachWorld(t *testing.T, f func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch)) {
	t.Helper()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 4))
		m := world(seed, 30+r.IntN(100))
		calibrated(m, r)
		s := NewScratch(len(m.Count))
		for range 4 {
			l := listener(r, len(m.Count))
			l.Known = m.Catalogue.Known(l.Known)
			f(t, seed, m, l, s)
		}
		if t.Failed() {
			return
		}
	}
}
