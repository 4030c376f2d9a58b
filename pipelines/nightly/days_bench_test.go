package nightly_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// daysStages are the stages that plays go through, in order.
var daysStages = []string{"clean", "listens", "preferences", "charts", "profiles"}

// BenchmarkDays measures the stages over 28 days of plays, a million (SEGUE_BENCH_PLAYS) of 20,000 listeners: first all in an empty
// lake, then, after a night of 27 days, the 28th alone. Clean and listens read the plays of that day and what they kept; the others
// read the listens of all days.
func BenchmarkDays(b *testing.B) {
	plays := 1_000_000
	if text := os.Getenv("SEGUE_BENCH_PLAYS"); text != "" {
		var err error
		if plays, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	whole, next := make([]float64, len(daysStages)), make([]float64, len(daysStages))
	runs := 0.0
	for b.Loop() {
		runs++
		s, err := lake.Open(b.Context(), b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		landing := landDays(b, s, plays)
		all := map[string][]lake.FileRef{schemas.LandingPlays: landing}
		firstDays := map[string][]lake.FileRef{schemas.LandingPlays: landing[:27]}
		empty, err := lake.Open(b.Context(), b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		landDays(b, empty, plays)
		add(whole, runDays(b, empty, all, 28))
		runDays(b, s, firstDays, 27)
		add(next, runDays(b, s, all, 28))
	}
	for i, name := range daysStages {
		b.ReportMetric(whole[i]/runs, "whole-"+name+"-cpu-s")
		b.ReportMetric(next[i]/runs, "next-"+name+"-cpu-s")
	}
}

func add(sum, x []float64) {
	for i := range sum {
		sum[i] += x[i]
	}
}

// landDays lands 28 days of plays, a file a day.
func landDays(b *testing.B, s lake.Store, plays int) (refs []lake.FileRef) {
	b.Helper()
	r := rand.New(rand.NewPCG(3, 3))
	for day := range 28 {
		at := benchStart.AddDate(0, 0, day)
		rows := make([]schemas.Play, plays/28)
		for i := range rows {
			ms, track, offset := int64(r.IntN(200_000)), int64(210_000), int32(60*r.IntN(12))
			rows[i] = schemas.Play{
				UserID: fmt.Sprintf("u%05d", r.IntN(20_000)), SongID: fmt.Sprintf("song%06d", int(r.ExpFloat64()*8000)), StartedAt: at.Add(time.Duration(r.IntN(86_400_000)) * time.Millisecond),
				EventID: fmt.Sprint(day, "-", i), Kind: schemas.KindPlay, MsPlayed: &ms, TrackMs: &track, Device: "phone", UTCOffsetMinutes: &offset, Country: "SE",
			}
		}
		key := fmt.Sprintf("%s/date=%s/part.parquet", schemas.LandingPlays, at.Format(time.DateOnly))
		ref, err := parquetio.WriteAll(b.Context(), s, key, parquetio.Meta{Table: "landing"}, rows)
		if err != nil {
			b.Fatal(err)
		}
		refs = append(refs, lake.FileRef{Key: ref.Key, ETag: ref.ETag, Size: ref.Size})
	}
	return refs
}

// runDays runs the stages as the night after so many days and returns the CPU seconds of each.
func runDays(b *testing.B, s lake.Store, landing map[string][]lake.FileRef, days int) []float64 {
	b.Helper()
	runner, err := work.NewRunner("direct")
	if err != nil {
		b.Fatal(err)
	}
	spent, date, files := make([]float64, len(daysStages)), benchStart.AddDate(0, 0, days-1), map[string][]lake.FileRef{}
	for i, name := range daysStages {
		before := cpu(b)
		for _, st := range nightly.Stages(nightly.Default()) {
			if st.Name != name {
				continue
			}
			set := work.Setting{Lake: s, Run: date.Format(time.DateOnly) + ".1", Attempt: "b", Date: date, Seed: 1, Runner: runner}
			sc, err := work.NewContext(context.Background(), set, st, files, landing)
			if err == nil {
				err = st.Run(context.Background(), sc)
			}
			if err != nil {
				b.Fatal(err)
			}
			for name, refs := range sc.Outputs() {
				files[name] = refs
			}
		}
		spent[i] = cpu(b) - before
	}
	return spent
}

// cpu returns the CPU seconds, user and system, of this process.
func cpu(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
