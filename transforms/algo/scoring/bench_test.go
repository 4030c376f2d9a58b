package scoring

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// benchSongs is the size of the catalogue of benchmarks: SCORING_SONGS, or 50,000.
func benchSongs() int {
	if n, err := strconv.Atoi(os.Getenv("SCORING_SONGS")); err == nil {
		return n
	}
	return 50_000
}

// benchWorld is a calibrated model whose songs have 100 neighbours near them, vectors of 128 and a centre for 256 of them, and listeners
// with 50 favourites in three parts of the catalogue, charts of 100 and four contexts.
func benchWorld() (*Model, []*Listener) {
	const dim, near, listeners = 128, 100, 256
	songs, r := benchSongs(), rand.New(rand.NewPCG(1, 8))
	m := world(1, songs)
	m.Lists = nil
	for i := range songs {
		list := m.Lists.next(i)
		for k := range near {
			list.Songs, list.Scores = append(list.Songs, int32((i+r.IntN(2000))%songs)), append(list.Scores, 1/float32(k+1))
		}
		list.Start = append(list.Start, int32(len(list.Songs)))
	}
	m.Vectors = Vectors{Data: make([]float32, songs*dim), Dim: dim}
	for i := range m.Vectors.Data {
		m.Vectors.Data[i] = (r.Float32() - 0.5) / 6
	}
	const aCentre = 256
	for c := range min(songs/aCentre, 512) {
		m.Inverted.Centres = append(m.Inverted.Centres, m.Vectors.Data[c*dim:(c+1)*dim]...)
		m.Inverted.Start = append(m.Inverted.Start, int64(len(m.Inverted.Songs)))
		for range aCentre {
			m.Inverted.Songs = append(m.Inverted.Songs, int32(r.IntN(songs)))
		}
	}
	m.Inverted.Start = append(m.Inverted.Start, int64(len(m.Inverted.Songs)))
	m.Settings.Length, m.Settings.ContextLength, m.Settings.Neighbours, m.Settings.PoolDepth, m.Settings.ArtistCap = 100, 30, 250, 30, 5
	m.Settings.Explore = 0.05
	hundred := func() *Chart { // of popular songs
		heard := make([]int64, 100)
		ids := make([]int32, 100)
		for i, k := range r.Perm(1000)[:100] {
			ids[i], heard[i] = m.Popular[k], int64(1000-i)
		}
		return NewChart(ids, heard)
	}
	m.World = hundred()
	home := hundred()
	var all []*Listener
	for range listeners {
		l := &Listener{Draw: r.Uint64(), Plays: 300, Regional: home, Region: "SE", Persona: &Persona{Songs: home.Songs, Scores: home.Reach, Centre: m.Vectors.Data[:dim]}}
		for c := range 3 {
			for range 17 - c/2 {
				f := (r.IntN(3)*songs/3 + r.IntN(3000)) % songs
				l.Favourites = append(l.Favourites, Favourite{int32(f), r.Float32()})
				l.Known = append(l.Known, int32(f))
			}
			l.Vectors = append(l.Vectors, m.Vectors.Data[c*dim:(c+1)*dim]...)
		}
		for i := range 4 {
			cell := &Cell{Chart: hundred(), Fit: []float32{0.7, 0.3, 0.5, 0.5}}
			l.Distinct = 0.5
			l.Mix = append(l.Mix, Context{cell, i, 0.25})
			l.Main = append(l.Main, Main{"m", []Context{{cell, i, 1}}})
		}
		l.Known = m.Catalogue.Known(l.Known)
		all = append(all, l)
	}
	return sampled(m, all), all
}

func sampled(m *Model, all []*Listener) *Model {
	s := m.NewScratch()
	var sample []Raw
	for _, l := range all[:50] {
		for i, c := range m.Candidates(l, s, nil) {
			if i%16 == 0 {
				sample = append(sample, c.Raw)
			}
		}
	}
	return m.Calibrated(Calibrate(sample))
}

// The steps of a listener's general list, then the list, then all five lists.
func BenchmarkMake(b *testing.B) {
	m, all := benchWorld()
	s := m.NewScratch()
	run := func(name string, step func(l *Listener)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i, before := 0, cpu(b)
			for b.Loop() {
				step(all[i%len(all)])
				i++
			}
			b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-µs/listener")
		})
	}
	run("evidence", func(l *Listener) {
		s.touched = m.Lists.Evidence(l.Favourites, s.sum, s.touched[:0])
		for _, j := range s.touched {
			s.sum[j] = 0
		}
	})
	run("gather", func(l *Listener) {
		s.begin(m, l)
		m.gather(l, s, nil, true)
		s.release()
	})
	run("60 near vectors", func(l *Listener) {
		s.begin(m, l)
		s.candidates = s.candidates[:0]
		m.near(l, s, 60, true)
		s.release()
	})
	run("candidates", func(l *Listener) { m.Candidates(l, s, nil) })
	run("general without seeds", func(l *Listener) {
		only := *l
		only.Main = nil
		m.rank(&only, s)
	})
	run("general", func(l *Listener) {
		only := *l
		only.Main = nil
		m.Make(&only, s)
	})
	run("five lists", func(l *Listener) { m.Make(l, s) })
}
