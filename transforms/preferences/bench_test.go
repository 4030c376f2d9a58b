package preferences

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
)

// benchBucket writes the listens of one bucket of listeners with 50 plays each over 28 days in sessions of ten, in 20
// countries, on 5 devices, and returns the songs beside it: 20,000 with 7 moods, 30 genres and tempos.
func benchBucket(b *testing.B, s lake.Store, listeners int) (lake.FileRef, *songTable) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	songs := newBuilder()
	for i := range 20_000 {
		tempo := float32(60 + r.IntN(120))
		songs.add(songTags{fmt.Sprintf("s%06d", i), []string{fmt.Sprint("genre", r.IntN(30))}, &tempo}, []string{fmt.Sprint("mood", r.IntN(7))})
	}
	t := songs.finish()
	book := listenio.NewBook()
	for l := range listeners {
		region := fmt.Sprint("R", r.IntN(20))
		for session := range 5 {
			at := night.AddDate(0, 0, 5*session-27+r.IntN(4))
			hour, device := int32(r.IntN(24)), []string{"phone", "phone", "desktop", "speaker", "tv", "car"}[r.IntN(6)]
			part := []string{schemas.Weekday, schemas.Weekend}[session/4]
			for range 10 {
				song := int32(r.ExpFloat64() * 3000)
				book.Add(listenio.Event{
					UserID: fmt.Sprintf("u%06d", l), At: at, Song: min(song, 19_999), Play: true, Weight: worth.One - r.Int64N(worth.One/2),
					Cell: listenio.Cell{Region: region, Weekpart: part, Hour: hour, Device: device},
				})
			}
		}
	}
	ref, err := book.Write(b.Context(), s, "bucket", t.ids)
	if err != nil {
		b.Fatal(err)
	}
	return ref, t
}

// BenchmarkCount counts a bucket of 400,000 plays of 8,000 listeners from its file.
func BenchmarkCount(b *testing.B) {
	s, err := lake.Open(b.Context(), "mem://"+b.Name())
	if err != nil {
		b.Fatal(err)
	}
	ref, songs := benchBucket(b, s, 8000)
	b.ReportAllocs()
	for b.Loop() {
		c := newCounter(Default(), listenio.DayOf(night), songs)
		if err := c.read(b.Context(), s, []lake.FileRef{ref}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*400_000/b.Elapsed().Seconds(), "plays/s")
}

// BenchmarkRows makes the rows of the genres of that bucket.
func BenchmarkRows(b *testing.B) {
	s, err := lake.Open(b.Context(), "mem://"+b.Name())
	if err != nil {
		b.Fatal(err)
	}
	ref, songs := benchBucket(b, s, 8000)
	c := newCounter(Default(), listenio.DayOf(night), songs)
	if err := c.read(b.Context(), s, []lake.FileRef{ref}); err != nil {
		b.Fatal(err)
	}
	rows := 0
	b.ReportAllocs()
	for b.Loop() {
		m := newMerge(Default(), songs, 0)
		for _, r := range c.sums.Rows() {
			if k := r.Key.Member(); k < songs.first[1] || k == int32(len(songs.names)) {
				m.add(c.index.cells[r.Key.Cell()], k, r.Value)
			}
		}
		rows = len(m.rows())
	}
	b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
}
