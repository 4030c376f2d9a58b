package charts

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work"
)

// benchPlays writes the listens of 28 days: 50 plays each by listeners of 20 countries, songs by rank^-0.8.
func benchPlays(b *testing.B, s lake.Store, listeners int, songs *songTable) lake.FileRef {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	n := len(songs.ids)
	draw := func() int32 { return int32(float64(n) * math.Pow(r.Float64(), 5)) } // density ∝ rank^-0.8
	book := listenio.NewBook()
	devices := []string{"phone", "phone", "phone", "desktop", "speaker", "tv", "car", "tablet"}
	for l := range listeners {
		region := fmt.Sprintf("%c%c", 'A'+l%5, 'A'+l%20)
		at := day.AddDate(0, 0, -28)
		for i := range 50 { // sessions of ten
			if i%10 == 0 {
				at = at.Add(time.Duration(1+r.IntN(5*24)) * time.Hour)
			}
			device := devices[(l+i/10)%len(devices)]
			book.Add(listenio.Event{
				UserID: fmt.Sprintf("u%07d", l), At: at, Song: draw(), Play: true, Weight: worth.One,
				Cell: listenio.Cell{Region: region, Weekpart: schemas.Weekday, Hour: int32(at.Hour()), Device: device},
			})
		}
	}
	ref, err := book.Write(b.Context(), s, fmt.Sprintf("bench-%d.parquet", listeners), songs.ids)
	if err != nil {
		b.Fatal(err)
	}
	return ref
}

func benchSongs(n int) *songTable {
	t := &songTable{ids: make([]string, n), main: make([]int32, n), genres: make([][]int32, n)}
	for i := range 16 {
		t.names = append(t.names, fmt.Sprint("genre", i))
	}
	for i := range t.ids {
		t.ids[i], t.main[i], t.genres[i] = fmt.Sprintf("song%06d", i), int32(i), []int32{int32(i % 16)}
	}
	return t
}

// BenchmarkCount counts one item of listens by listeners of 20 countries, 100,000 songs: reading, counting, writing
// segments; then merging them and picking the best songs. The larger the item, the fewer counts are written twice.
func BenchmarkCount(b *testing.B) {
	songs := benchSongs(100_000)
	for _, listeners := range []int{10_000, 50_000} {
		b.Run(fmt.Sprintf("plays=%d", 50*listeners), func(b *testing.B) {
			s, err := lake.Open(b.Context(), b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			ref := benchPlays(b, s, listeners, songs)
			runtime.GC()
			b.ReportAllocs()
			start := cpuSeconds(b)
			for i := 0; b.Loop(); i++ {
				env := &work.Env{Lake: s, Scratch: s, Run: "2026-01-30.1", Stage: "charts", Attempt: fmt.Sprint(i)}
				c := benchCount(b, env, ref, songs)
				n := 0
				for p := range chart.Parts {
					n += c.heard.Table(p).Len() + c.charts.Table(p).Len()
				}
				b.ReportMetric(float64(n)/float64(50*listeners), "counts/play")
			}
			b.ReportMetric((cpuSeconds(b)-start)*1e9/float64(b.N*50*listeners), "cpu-ns/play")
		})
	}
}

// benchCount does what one item and the merges behind it do.
func benchCount(b *testing.B, env *work.Env, ref lake.FileRef, songs *songTable) *counter {
	c := newCounter(listenio.DayOf(day), worth.Decay(7), songs)
	c.index.hours = localtime.UsualHours()
	for l, err := range c.reader.Listeners(b.Context(), env.Lake, []lake.FileRef{ref}) {
		if err != nil {
			b.Fatal(err)
		}
		c.add(l)
	}
	c.finish()
	segments, err := writeSegments(b.Context(), env, "item", c)
	if err != nil {
		b.Fatal(err)
	}
	for _, seg := range segments {
		var m merge
		if err := m.open(b.Context(), env.Lake, seg); err != nil {
			b.Fatal(err)
		}
		m.best(200, songs)
		m.arrays.Close()
	}
	return c
}

// cpuSeconds returns the user and system time of this process: other programs of the machine do not count.
func cpuSeconds(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
