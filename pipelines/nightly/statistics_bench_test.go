package nightly_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// Size of the statistics that are measured, beside the number of plays: 50 a listener, on 28 days.
const (
	benchListenerPlays = 50
	benchSongs         = 50_000
	benchDim           = 128
	benchBuckets       = 32
)

// BenchmarkStatistics runs the stages listens, preferences, charts and profiles over 10 million plays (SEGUE_BENCH_PLAYS) of
// 200,000 listeners and reports the CPU seconds of each, of all, and the peak of memory of the process so far.
func BenchmarkStatistics(b *testing.B) {
	plays := 10_000_000
	if text := os.Getenv("SEGUE_BENCH_PLAYS"); text != "" {
		var err error
		if plays, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	s, err := lake.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	files := benchInput(b, s, plays)
	spent, runs := map[string]float64{}, 0
	for b.Loop() {
		runs++
		benchStages(b, s, files, runs, spent)
	}
	all := 0.0
	for _, name := range slices.Sorted(maps.Keys(spent)) {
		b.ReportMetric(spent[name]/float64(runs), name+"-cpu-s")
		all += spent[name]
	}
	b.ReportMetric(all/float64(runs), "cpu-s")
	b.ReportMetric(all*1e6/float64(runs*plays), "cpu-µs/play")
	b.ReportMetric(float64(usage(b).Maxrss)/1024, "peak-MiB")
}

// benchStages runs the stages once and adds to the CPU seconds that each spent.
func benchStages(b *testing.B, s lake.Store, files map[string][]lake.FileRef, try int, spent map[string]float64) {
	b.Helper()
	runner, err := work.NewRunner("direct")
	if err != nil {
		b.Fatal(err)
	}
	for _, st := range nightly.Stages(nightly.Default()) {
		if !slices.Contains([]string{"listens", "preferences", "charts", "profiles"}, st.Name) {
			continue
		}
		set := work.Setting{Lake: s, Run: fmt.Sprintf("2026-04-28.%d", try), Attempt: "b", Date: benchStart.AddDate(0, 0, 27), Seed: 1, Runner: runner}
		before := usage(b)
		sc, err := work.NewContext(b.Context(), set, st, files, nil)
		if err == nil {
			err = st.Run(b.Context(), sc)
		}
		if err != nil {
			b.Fatal(err)
		}
		after := usage(b)
		spent[st.Name] += float64(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano()) / 1e9
		maps.Copy(files, sc.Outputs())
	}
}

var benchStart = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// benchInput writes what the stages read: plays in sessions of ten, in 20 countries, on five devices, of songs of 60 styles,
// three of them a listener's own.
func benchInput(b *testing.B, s lake.Store, plays int) map[string][]lake.FileRef {
	b.Helper()
	files := map[string][]lake.FileRef{}
	r := rand.New(rand.NewPCG(1, 1))
	songs, moods, vectors := make([]schemas.SongRow, benchSongs), make([]schemas.SongMood, benchSongs), make([]float32, benchSongs*benchDim)
	for i := range songs {
		tempo, id := float32(60+r.IntN(120)), fmt.Sprintf("song%06d", i)
		songs[i] = schemas.SongRow{SongID: id, Genres: []string{fmt.Sprint("genre", i%60/3)}, ArtistIDs: []string{fmt.Sprint("artist", i/7)}, Tempo: &tempo}
		moods[i] = schemas.SongMood{SongID: id, Mood: fmt.Sprint("mood", r.IntN(7)), MoodSource: "tag", Confidence: 1}
		for d := range benchDim {
			vectors[i*benchDim+d] = float32(r.NormFloat64()) / 11
		}
		vectors[i*benchDim+i%60] += 0.7
	}
	files[schemas.TableSongs] = []lake.FileRef{writeBench(b, s, "songs", songs)}
	files[schemas.TableSongMoods] = []lake.FileRef{writeBench(b, s, "moods", moods)}
	array, err := npy.Write(b.Context(), s, "bench/vectors.npy", vectors, benchSongs, benchDim)
	if err != nil {
		b.Fatal(err)
	}
	files[schemas.WorkVectors] = []lake.FileRef{array}
	listeners := plays / benchListenerPlays / benchBuckets
	for bucket := range benchBuckets {
		people, rows := benchBucket(bucket, listeners)
		files[schemas.WorkListeners] = append(files[schemas.WorkListeners], writeBench(b, s, fmt.Sprint("listeners-", bucket), people))
		files[schemas.WorkPlays] = append(files[schemas.WorkPlays], writeBench(b, s, fmt.Sprint("plays-", bucket), rows))
	}
	return files
}

// benchBucket returns the listeners of a bucket and their plays.
func benchBucket(bucket, listeners int) ([]schemas.Listener, []schemas.CleanPlay) {
	r := rand.New(rand.NewPCG(2, uint64(bucket)))
	people, rows := make([]schemas.Listener, listeners), make([]schemas.CleanPlay, 0, listeners*benchListenerPlays)
	for l := range people {
		people[l] = schemas.Listener{UserID: fmt.Sprintf("u%03d-%06d", bucket, l), Country: fmt.Sprint("R", r.IntN(20))}
		styles, offset, ms, track := [3]int{r.IntN(60), r.IntN(60), r.IntN(60)}, int32(60*(r.IntN(24)-11)), int64(200_000), int64(210_000)
		for session := range benchListenerPlays / 10 {
			at := benchStart.AddDate(0, 0, 5*session+r.IntN(5)).Add(time.Duration(r.IntN(24*60)) * time.Minute)
			device := []string{"phone", "phone", "desktop", "speaker", "tv", "car"}[r.IntN(6)]
			for n := range 10 {
				song := int32(r.ExpFloat64()*80)%(benchSongs/60)*60 + int32(styles[r.IntN(3)])
				rows = append(rows, schemas.CleanPlay{
					UserID: people[l].UserID, SongID: fmt.Sprintf("song%06d", min(song, benchSongs-1)), EventID: fmt.Sprint(l, "-", session, "-", n), StartedAt: at.Add(time.Duration(n) * 4 * time.Minute),
					Kind: schemas.KindPlay, MsPlayed: &ms, TrackMs: &track, Device: device, LocalMin: &offset, Country: people[l].Country,
				})
			}
		}
	}
	return people, rows
}

func writeBench[T any](b *testing.B, s lake.Store, name string, rows []T) lake.FileRef {
	b.Helper()
	ref, err := parquetio.WriteAll(b.Context(), s, "bench/"+name+".parquet", parquetio.Meta{Table: "bench"}, rows)
	if err != nil {
		b.Fatal(err)
	}
	return ref
}

// usage returns what this process has used: other programs of the machine do not count.
func usage(b *testing.B) (u syscall.Rusage) {
	b.Helper()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u
}
