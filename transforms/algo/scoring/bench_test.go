package scoring

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkMake makes lists of 100 for listeners with 30 favourites whose deep lists hold 200 of 20,000 songs.
func BenchmarkMake(b *testing.B) {
	const songs = 20_000
	r := rand.New(rand.NewPCG(1, 8))
	m := world(1, songs)
	m.Lists = Lists{Start: []int64{0}}
	for i := range songs {
		for k := range 200 {
			m.Lists.Songs = append(m.Lists.Songs, int32((i+r.IntN(2000))%songs))
			m.Lists.Scores = append(m.Lists.Scores, 1/float32(k+1))
		}
		m.Lists.Start = append(m.Lists.Start, int64(len(m.Lists.Songs)))
	}
	m.Settings.Length, m.Settings.PoolDepth = 100, 200
	l := &Listener{Taste: []float32{.5, .5, .5, .5}, Cell: &Cell{Chart: chart(r, songs)}}
	for range 30 {
		l.Favourites = append(l.Favourites, Favourite{int32(r.IntN(songs)), r.Float32()})
	}
	s := NewScratch(songs)
	b.ReportAllocs()
	for b.Loop() {
		m.Make(l, s)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lists/s")
}
