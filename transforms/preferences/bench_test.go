package preferences

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work/worktest"
)

// benchBucket writes the listens of one bucket of listeners with 50 plays each over 28 days in sessions of ten, in 20
// countries, on 5 devices, and returns the songs beside it: 20,000 with 7 moods, 30 genres and tempos.
func benchBucket(b testing.TB, s lake.Store, number, listeners int) (lake.FileRef, *songTable) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	songs := newBuilder()
	for i := range 20_000 {
		tempo := float32(60 + r.IntN(120))
		songs.add(songTags{fmt.Sprintf("s%06d", i), []string{fmt.Sprint("genre", r.IntN(30))}, &tempo}, []string{fmt.Sprint("mood", r.IntN(7))})
	}
	t := songs.finish()
	r = rand.New(rand.NewPCG(2, uint64(number)))
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
					UserID: fmt.Sprintf("u%03d-%06d", number, l), At: at, Song: min(song, 19_999), Play: true, Weight: worth.One - r.Int64N(worth.One/2),
					Cell: listenio.Cell{Region: region, Weekpart: part, Hour: hour, Device: device},
				})
			}
		}
	}
	ref, err := book.Write(b.Context(), s, fmt.Sprint("bucket-", number), t.ids)
	if err != nil {
		b.Fatal(err)
	}
	return ref, t
}

// BenchmarkCount counts a bucket of 400,000 plays of 8,000 listeners from its file.
func BenchmarkCount(b *testing.B) {
	s, err := lake.Open(b.Context(), "mem://"+b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	ref, songs := benchBucket(b, s, 0, 8000)
	b.ReportAllocs()
	for b.Loop() {
		c := newCounter(Default(), listenio.DayOf(night), songs)
		if err := c.read(b.Context(), s, []lake.FileRef{ref}); err != nil {
			b.Fatal(err)
		}
		c.finish()
	}
	b.ReportMetric(float64(b.N)*400_000/b.Elapsed().Seconds(), "plays/s")
}

// BenchmarkRows makes the rows of the genres of that bucket.
func BenchmarkRows(b *testing.B) {
	s, err := lake.Open(b.Context(), "mem://"+b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	ref, songs := benchBucket(b, s, 0, 8000)
	c := newCounter(Default(), listenio.DayOf(night), songs)
	if err := c.read(b.Context(), s, []lake.FileRef{ref}); err != nil {
		b.Fatal(err)
	}
	c.finish()
	rows := 0
	b.ReportAllocs()
	for b.Loop() {
		m := newMerge(Default(), songs, 0)
		for _, r := range c.sums.Rows() {
			if k := r.Key.Member(); k < songs.first[1] || k == int32(len(songs.names)) {
				m.add(c.index.Values()[r.Key.Cell()], k, r.Value)
			}
		}
		rows = len(m.rows())
	}
	b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
}

// The stage over 10 million plays of 200,000 listeners, when SEGUE_BENCH_LARGE asks for it: at most 15 CPU seconds.
func TestTenMillionPlays(t *testing.T) {
	if os.Getenv("SEGUE_BENCH_LARGE") == "" {
		t.Skip("takes a minute: set SEGUE_BENCH_LARGE")
	}
	n := worktest.New(t, night.Format(time.DateOnly))
	var songs *songTable
	var listens []lake.FileRef
	for i := range 25 {
		var ref lake.FileRef
		ref, songs = benchBucket(t, n.Lake, i, 8000)
		listens = append(listens, ref)
	}
	var rows []schemas.SongRow
	var moods []schemas.SongMood
	for i, id := range songs.ids {
		row := schemas.SongRow{SongID: id}
		for _, k := range songs.of(int32(i)) {
			switch c := songs.names[k]; c.Kind {
			case KindGenre:
				row.Genres = []string{c.Value}
			case KindMood:
				moods = append(moods, schemas.SongMood{SongID: id, Mood: c.Value})
			}
		}
		rows = append(rows, row)
	}
	n.Files[schemas.WorkListens] = listens
	n.Files[schemas.TableSongs] = []lake.FileRef{write(t, n, "songs", rows)}
	n.Files[schemas.TableSongMoods] = []lake.FileRef{write(t, n, "moods", moods)}
	runtime.GC()
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		t.Fatal(err)
	}
	n.MustStage(Stage(Default()))
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		t.Fatal(err)
	}
	seconds := float64(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano()) / 1e9
	t.Logf("%.1f CPU-s, peak %d MB with the listens in memory, %d rows, %d listens", seconds, after.Maxrss>>10, n.Counts["preferences/rows"], n.Counts["preferences/listens"])
	if seconds > 15 {
		t.Errorf("%.1f CPU-s, want at most 15", seconds)
	}
}
