package nightly_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"segue/local/world"
	"segue/pipelines/nightly"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
)

// BenchmarkNight runs a cold night over a generated world whose size in songs SEGUE_NIGHT_SONGS sets: as many playlists, a fifth as many
// listeners. With -cpuprofile it says where the night's time goes: make profile.
func BenchmarkNight(b *testing.B) {
	songs, err := strconv.Atoi(os.Getenv("SEGUE_NIGHT_SONGS"))
	if err != nil {
		songs = 2000
	}
	in, start := b.TempDir(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	p := world.Params{Seed: 1, Songs: songs, Playlists: songs, Users: songs / 5, Artists: songs / 10, Days: 8, Start: start, Format: "parquet"}
	if err := world.Generate(b.Context(), in, p); err != nil {
		b.Fatal(err)
	}
	glob := func(kind string) []string {
		files, _ := filepath.Glob(filepath.Join(in, kind+".*"))
		return files
	}
	src := importer.Sources{From: "parquet", Playlists: glob("playlists"), Songs: glob("songs"), Plays: glob("plays"), Users: glob("users")}
	used := 0.0
	for b.Loop() {
		b.StopTimer()
		s, err := lake.Open(b.Context(), b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		date := start.AddDate(0, 0, p.Days-1)
		if _, err := importer.Import(b.Context(), s, src, importer.Options{Date: date}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		from := cpuSeconds(b)
		if _, err := nightly.Run(b.Context(), nightly.Options{Lake: s, Date: date, Params: nightly.Default(), Seed: 1, Producer: "segue benchmark"}); err != nil {
			b.Fatal(err)
		}
		used += cpuSeconds(b) - from
	}
	b.ReportMetric(used/float64(b.N), "cpu-s")
}

func cpuSeconds(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
