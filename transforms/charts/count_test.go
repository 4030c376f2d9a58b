package charts

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/worth"
)

// BenchmarkCount counts and sorts one bucket of 100,000 plays of 2,000 listeners, 20,000 songs, 4 countries.
func BenchmarkCount(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	plays := make([]schemas.CleanPlay, 100_000)
	for i := range plays {
		plays[i] = schemas.CleanPlay{
			UserID: fmt.Sprint("u", i/50), Song: int32(r.ExpFloat64() * 3000), StartedAt: day.Add(-time.Duration(r.IntN(28*24)) * time.Hour),
			Kind: schemas.KindPlay, Device: []string{"phone", "speaker"}[r.IntN(2)], Country: []string{"SE", "BR", "US", "JP"}[i/50%4], LocalMin: ptr[int32](60),
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		c := newCounter(day, worth.Decay(7), contextDays)
		for _, p := range plays {
			c.add(p)
		}
		c.segments()
	}
	b.ReportMetric(float64(b.N*len(plays))/b.Elapsed().Seconds(), "plays/s")
}
