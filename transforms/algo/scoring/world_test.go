package scoring

import (
	"math/rand/v2"
	"slices"
	"testing"

	"segue/transforms/algo/blend"
)

// world is a random model of songs with lists, vectors, charts, versions, countries and classes.
func world(seed uint64, songs int) *Model {
	r := rand.New(rand.NewPCG(seed, 3))
	m := &Model{Vectors: Vectors{Dim: 4}, Settings: settings()}
	c := &m.Catalogue
	c.Artists, c.Albums, c.ClassCount = songs/6+1, songs/3+1, 4
	c.ClassStart = []int32{0}
	for i := range songs {
		list := m.Lists.next(i)
		for range r.IntN(12) {
			list.Songs, list.Scores = append(list.Songs, int32(r.IntN(songs))), append(list.Scores, r.Float32())
		}
		list.Start = append(list.Start, int32(len(list.Songs)))
		for range 4 {
			m.Vectors.Data = append(m.Vectors.Data, (r.Float32()-0.3)/2)
		}
		c.Artist = append(c.Artist, int32(r.IntN(c.Artists+1)-1))
		c.Album = append(c.Album, int32(r.IntN(c.Albums+1)-1))
		c.Group = append(c.Group, int32(i-i%(1+r.IntN(2))))
		c.Market = append(c.Market, c.Markets.Number([][]string{nil, nil, nil, {"SE"}, {"US", "SE"}}[r.IntN(5)]))
		c.Classes = append(c.Classes, int32(r.IntN(4)))
		c.ClassStart = append(c.ClassStart, int32(len(c.Classes)))
		c.Sure = append(c.Sure, r.Float32())
		m.LogCount = append(m.LogCount, float32(r.IntN(50))/10)
		m.MaxLog = max(m.MaxLog, m.LogCount[i])
		m.Popular = append(m.Popular, int32(i))
	}
	for i := range c.Group { // a group stands for itself
		c.Group[i] = c.Group[c.Group[i]]
	}
	slices.SortStableFunc(m.Popular, func(a, b int32) int { return int(10*m.LogCount[b] - 10*m.LogCount[a]) })
	m.World = chart(r, songs)
	m.NewSongs = make([][]int32, c.Artists)
	m.NewSongs[0] = []int32{int32(songs - 1)}
	return m
}

// next returns the part that the list of song i goes to; songs come in order.
func (l *Lists) next(i int) *blend.Part {
	if i%blend.BlockSongs == 0 {
		*l = append(*l, blend.Part{Start: []int32{0}})
	}
	return &(*l)[len(*l)-1]
}

func mustWeights(context, popularity float64) Weights {
	w, err := NewWeights(context, popularity)
	if err != nil {
		panic(err)
	}
	return w
}

func settings() Settings {
	return Settings{
		Length: 20, ContextLength: 6, ArtistCap: 2, AlbumCap: 2, Neighbours: 25, PoolDepth: 15, ArtistStep: 0.03, AlbumStep: 0.01, SongPush: 0.5,
		ArtistPush: 0.1, CoolDown: 0.3, CoolDownDays: 3, FamiliarLift: 0.2, Kappa: 10, CosineShare: 0.5, Explore: 0.1, FreshFloor: 0.3,
		Personal: mustWeights(0.2, 0.1), Persona: mustWeights(0.3, 0.2),
	}
}

func chart(r *rand.Rand, songs int) *Chart {
	var ids []int32
	var heard []int64
	for i, s := range r.Perm(songs)[:songs/3] {
		ids, heard = append(ids, int32(s)), append(heard, int64(songs-i))
	}
	return NewChart(ids, heard)
}

func randomCell(r *rand.Rand, songs int) *Cell {
	c := &Cell{Name: "SE/all/night/phone", Level: "SE/all/night/phone", Fit: []float32{0.7, 0.3, 0.5, 0.5}}
	if r.IntN(3) > 0 {
		c.Chart = chart(r, songs)
	}
	return c
}

func listener(r *rand.Rand, songs int) *Listener {
	l := &Listener{Region: []string{"", "SE", "US"}[r.IntN(3)], Draw: r.Uint64(), Plays: int64(r.IntN(60)), Trending: []int32{int32(r.IntN(songs))}}
	for range r.IntN(6) {
		f := Favourite{int32(r.IntN(songs)), r.Float32() + 0.1}
		l.Favourites = append(l.Favourites, f)
		l.Known = append(l.Known, f.Song)
		l.Recent = append(l.Recent, Recent{f.Song, float32(r.IntN(9))})
	}
	if r.IntN(3) > 0 {
		l.Vectors = []float32{0.5, 0.5, 0.5, 0.5, 1, 0, 0, 0}
	}
	l.Disliked = set(int32(r.IntN(songs)), int32(r.IntN(songs)))
	l.DislikedArtists = set(int32(r.IntN(songs / 6)))
	if r.IntN(2) == 0 {
		l.Regional = chart(r, songs)
	}
	if r.IntN(2) == 0 {
		l.Persona = &Persona{Songs: []int32{int32(r.IntN(songs)), 0}, Scores: []float32{1, 0.5}, Centre: []float32{0, 1, 0, 0}}
	}
	if r.IntN(2) == 0 {
		l.Distinct = r.Float32()
		l.Mix = []Context{{randomCell(r, songs), 0, 0.75}, {randomCell(r, songs), 1, 0.25}}
		l.Main = []Main{{"night:phone", []Context{{randomCell(r, songs), 0, 1}}}}
		l.Own = [][]ClassFit{{{1, 0.8}}}
	}
	if r.IntN(2) == 0 {
		l.Genres, l.Places, l.Artists = []GenreCharts{{nil, chart(r, songs)}}, []*Chart{chart(r, songs)}, []int32{0}
	}
	l.Known = set(l.Known...)
	return l
}

func set(v ...int32) []int32 {
	slices.Sort(v)
	return slices.Compact(v)
}

// calibrated gives a model the maps of its own candidates.
func calibrated(m *Model, r *rand.Rand) *Model {
	s := m.NewScratch()
	var sample []Raw
	for range 30 {
		for _, c := range m.Candidates(listener(r, len(m.LogCount)), s, nil) {
			sample = append(sample, c.Raw)
		}
	}
	return m.Calibrated(Calibrate(sample))
}

// eachWorld runs a test over random worlds, modes and listeners.
func eachWorld(t *testing.T, f func(t *testing.T, seed uint64, m *Model, l *Listener, s *Scratch)) {
	t.Helper()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 4))
		m := world(seed, 30+r.IntN(100))
		m.Settings.Mode = int(seed % 3)
		m = calibrated(m, r)
		s := m.NewScratch()
		for range 4 {
			l := listener(r, len(m.LogCount))
			l.Known = m.Catalogue.Known(l.Known)
			f(t, seed, m, l, s)
		}
		if t.Failed() {
			return
		}
	}
}
