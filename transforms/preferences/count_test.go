package preferences

import "testing"

// BenchmarkCount counts and sorts about 100,000 plays of 7,000 listeners.
func BenchmarkCount(b *testing.B) {
	plays := randomPlays(1, 7000)
	classes := newSongClasses()
	for _, s := range songs {
		classes.add(songTags{Genres: s.Genres, Moods: s.Moods, Tempo: s.Tempo})
	}
	b.ReportAllocs()
	for b.Loop() {
		c := newCounter(classes)
		for _, p := range plays {
			if err := c.add(p); err != nil {
				b.Fatal(err)
			}
		}
		c.segments()
	}
	b.ReportMetric(float64(b.N*len(plays))/b.Elapsed().Seconds(), "plays/s")
}
