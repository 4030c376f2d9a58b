package nightly_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"segue/local/world"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/algo/simd"
	"segue/transforms/embed"
	"segue/transforms/io/importer"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// worldLake imports a small generated world into a new directory lake and returns the day of its night.
func worldLake(t *testing.T, seed uint64) (lake.Store, time.Time) {
	t.Helper()
	in := t.TempDir()
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	days := 8
	p := world.Params{Seed: seed, Songs: 600, Playlists: 400, Users: 120, Artists: 120, Days: days, Start: start, Format: "jsonl"}
	if err := world.Generate(t.Context(), in, p); err != nil {
		t.Fatal(err)
	}
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	date := start.AddDate(0, 0, days-1)
	glob := func(kind string) []string {
		files, _ := filepath.Glob(filepath.Join(in, kind+".*"))
		return files
	}
	src := importer.Sources{From: "jsonl", Playlists: glob("playlists"), Songs: glob("songs"), Plays: glob("plays"), Users: glob("users")}
	if _, err := importer.Import(t.Context(), s, src, importer.Options{Date: date}); err != nil {
		t.Fatal(err)
	}
	return s, date
}

func options(s lake.Store, date time.Time) nightly.Options {
	p := nightly.Default()
	p.Embed.Dim = 32
	p.Evaluate.HoldOut = 10
	p.Recommend.Candidates = true
	return nightly.Options{Lake: s, Date: date, Params: p, Seed: 7, Producer: "segue test"}
}

func mustRun(t *testing.T, o nightly.Options) nightly.Result {
	t.Helper()
	r, err := nightly.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rows reads every row of every table of a run.
func rows(t *testing.T, s lake.Store, run string) map[string][]any {
	t.Helper()
	m, err := lake.ReadManifest(t.Context(), s, run)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]any{}
	for _, table := range m.Tables {
		read, ok := readers[table.Name]
		if !ok {
			t.Fatalf("table %s has no reader in this test", table.Name)
		}
		for _, f := range table.Files {
			rows, err := read(t.Context(), s, f)
			if err != nil {
				t.Fatal(err)
			}
			out[table.Name] = append(out[table.Name], rows...)
		}
	}
	return out
}

var readers = map[string]func(context.Context, lake.Store, lake.FileRef) ([]any, error){
	schemas.TableSongs:               reader[schemas.SongRow],
	schemas.TableSongVectors:         reader[schemas.SongVector],
	schemas.TableSongNeighbours:      reader[schemas.SongNeighbour],
	schemas.TablePreferencesByHour:   reader[schemas.PreferenceByHour],
	schemas.TableSongMoods:           reader[schemas.SongMood],
	schemas.TableDevicePreferences:   reader[schemas.DevicePreference],
	schemas.TableCharts:              reader[schemas.Chart],
	schemas.TablePopularByGenre:      reader[schemas.PopularByGenre],
	schemas.TablePopularByContext:    reader[schemas.PopularByContext],
	schemas.TablePersonas:            reader[schemas.Persona],
	schemas.TableUserProfiles:        reader[schemas.UserProfile],
	schemas.TableUserRecommendations: reader[schemas.Recommendation],
	schemas.TableSessions:            reader[schemas.Session],
	schemas.TableCandidates:          reader[schemas.Candidate],
	schemas.TableCoverage:            reader[schemas.Coverage],
	schemas.TableListQuality:         reader[schemas.ListQuality],
	schemas.TableEvaluation:          reader[schemas.Evaluation],
	schemas.TableRejected:            reader[schemas.Rejected],
	schemas.TableGate:                reader[schemas.GateRule],
}

func reader[T any](ctx context.Context, s lake.Store, f lake.FileRef) ([]any, error) {
	all, err := parquetio.ReadAll[T](ctx, s, f)
	out := make([]any, len(all))
	for i, r := range all {
		out[i] = r
	}
	return out, err
}

// The same input and seed give the same rows in every table: with one core or two, and on either runner.
func TestSameTablesAtAnyParallelismOnAnyRunner(t *testing.T) {
	s, date := worldLake(t, 1)
	first := mustRun(t, options(s, date))
	want := rows(t, s, first.Run)
	for _, table := range schemas.Tables() {
		if len(want[table.Name]) == 0 && table.Name != schemas.TableRejected {
			t.Errorf("table %s is empty", table.Name)
		}
	}
	for _, c := range []struct {
		runner string
		procs  int
	}{{"prism", 1}, {"prism", 2}, {"direct", 2}} {
		t.Run(fmt.Sprintf("%s/%d", c.runner, c.procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.procs))
			o := options(s, date)
			o.Runner, o.From = c.runner, "clean" // a new run of every stage
			forget(t, s)
			got := rows(t, s, mustRun(t, o).Run)
			for _, table := range schemas.Tables() {
				compare(t, table.Name, want[table.Name], got[table.Name])
			}
		})
	}
}

// forget deletes what runs kept for later ones.
func forget(t *testing.T, s lake.Store) {
	t.Helper()
	infos, err := s.List(t.Context(), "kept/")
	if err != nil || len(infos) == 0 {
		t.Fatalf("%d kept files, error %v", len(infos), err)
	}
	for _, in := range infos {
		if err := s.Delete(t.Context(), in.Key); err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t *testing.T, table string, want, got []any) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("table %s has %d rows, want %d", table, len(got), len(want))
		return
	}
	for i := range want {
		if !reflect.DeepEqual(want[i], got[i]) {
			t.Errorf("table %s row %d is\n%+v, want\n%+v", table, i, got[i], want[i])
			return
		}
	}
}

// Stage records say what a stage took of this process.
func TestStagesRecordUsage(t *testing.T) {
	s, date := worldLake(t, 2)
	o := options(s, date)
	o.Until = "clean"
	st := mustRun(t, o).Stages[0]
	if st.CPUSeconds <= 0 || st.CPUSeconds > 1.5*st.Seconds*float64(runtime.NumCPU()) || st.PeakBytes < 1<<20 {
		t.Errorf("%.3f CPU s in %.3f s, peak %d bytes", st.CPUSeconds, st.Seconds, st.PeakBytes)
	}
}

// Big things stay files: no element over 1 MiB and no stage over 256 MiB passes through Beam's shuffle.
func TestLittlePassesThroughBeam(t *testing.T) {
	s, date := worldLake(t, 2)
	for _, st := range mustRun(t, options(s, date)).Stages {
		largest, moved := st.Counters["work/max_element_bytes"], st.Counters["work/shuffled_bytes"]
		if moved == 0 || largest == 0 {
			t.Errorf("stage %s counted no bytes: it ran outside Beam", st.Stage)
		}
		if largest > work.MaxElementBytes || moved > 256<<20 {
			t.Errorf("stage %s moved %d bytes, the largest element %d", st.Stage, moved, largest)
		}
	}
}

// A night that was published is not run again; other parameters are another run; every release keeps its tables.
func TestNightIsIdempotent(t *testing.T) {
	s, date := worldLake(t, 3)
	first := mustRun(t, options(s, date))
	again := mustRun(t, options(s, date))
	if !again.AlreadyPublished || again.Run != first.Run {
		t.Errorf("second night: %+v, want the first run %s already published", again, first.Run)
	}
	o := options(s, date)
	o.Seed++
	other := mustRun(t, o)
	if other.AlreadyPublished || other.Run == first.Run {
		t.Errorf("a night with another seed is run %s, already published %v", other.Run, other.AlreadyPublished)
	}
	_, m, err := lake.Current(t.Context(), s)
	if err != nil || m.Run != other.Run {
		t.Errorf("current is %s (%v), want %s", m.Run, err, other.Run)
	}
}

// A night pins the release of the date before it: asked for twice it is the same night, though its own release is there by then.
func TestNightPinsLastNight(t *testing.T) {
	s, date := worldLake(t, 5)
	first := mustRun(t, options(s, date))
	second := mustRun(t, options(s, date.AddDate(0, 0, 1)))
	for run, want := range map[string]string{first.Run: "", second.Run: first.Run} {
		info, err := lake.ReadRun(t.Context(), s, run)
		if err != nil || info.Previous != want {
			t.Errorf("run %s pins %q (%v), want %q", run, info.Previous, err, want)
		}
	}
	for _, d := range []time.Time{date, date.AddDate(0, 0, 1)} {
		if again := mustRun(t, options(s, d)); !again.AlreadyPublished {
			t.Errorf("the night of %s ran again as %s", d.Format(time.DateOnly), again.Run)
		}
	}
}

// Vectors of skip-grams are the same on either runner, and songs are scored by the product of both roles.
func TestSkipGramNight(t *testing.T) {
	var neighbours [][]any
	for _, runner := range []string{"prism", "direct"} {
		t.Run(runner, func(t *testing.T) {
			s, date := worldLake(t, 6)
			o := options(s, date)
			o.Runner, o.Params.Embed.Method = runner, embed.MethodSGNS
			neighbours = append(neighbours, rows(t, s, mustRun(t, o).Run)[schemas.TableSongNeighbours])
		})
	}
	compare(t, schemas.TableSongNeighbours, neighbours[0], neighbours[1])
	scored := 0
	for _, r := range neighbours[0] {
		if e := r.(schemas.SongNeighbour).EmbScore; e < 0 || float64(e) > math.Exp(6)*math.Pow(400, .2) {
			t.Fatalf("%+v: no product of two vectors of length 1 scores as much in 400 playlists", r)
		} else if e != 0 {
			scored++
		}
	}
	if scored == 0 {
		t.Error("no neighbour has a score from vectors")
	}
}

// A night stopped after any stage goes on where it stopped, and ends as if it had not been stopped.
func TestResumeAfterAnyStage(t *testing.T) {
	s, date := worldLake(t, 4)
	want := rows(t, s, mustRun(t, options(s, date)).Run)
	stages := nightly.Stages(nightly.Default())
	for _, stage := range []string{stages[0].Name, stages[3].Name, stages[len(stages)-2].Name} {
		t.Run(stage, func(t *testing.T) {
			o := options(s, date)
			o.From, o.Until = "clean", stage
			stopped := mustRun(t, o)
			if stopped.Published {
				t.Fatal("a night that ends early was published")
			}
			o = options(s, date)
			o.Resume, o.Until = true, "publish"
			resumed := mustRun(t, o)
			if resumed.Run != stopped.Run {
				t.Errorf("resumed as run %s, want %s", resumed.Run, stopped.Run)
			}
			for i, st := range stopped.Stages {
				if !resumed.Stages[i].EndedAt.Equal(st.EndedAt) {
					t.Errorf("stage %s was run again", st.Stage)
				}
			}
			got := rows(t, s, resumed.Run)
			for _, table := range schemas.Tables() {
				compare(t, table.Name, want[table.Name], got[table.Name])
			}
		})
	}
}

// A night that kernels of another tier began is not continued, nor are its stages taken over; asked for again it starts anew.
func TestResumeWithOtherKernels(t *testing.T) {
	s, date := worldLake(t, 5)
	o := options(s, date)
	o.From, o.Until = "clean", "matrix"
	begun := mustRun(t, o)
	key := lake.RunKey(begun.Run, "run.json")
	info, object, err := lake.ReadJSON[lake.RunInfo](t.Context(), s, key)
	if err != nil || info.KernelTier != simd.Tier() {
		t.Fatalf("kernels %q: %v", info.KernelTier, err)
	}
	info.KernelTier = "other"
	other, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Swap(t.Context(), key, other, object.ETag); err != nil {
		t.Fatal(err)
	}
	o.From, o.Resume = "", true
	again := mustRun(t, o)
	if again.Run == begun.Run {
		t.Errorf("run %s went on with other kernels", again.Run)
	}
	if err := s.Delete(t.Context(), lake.RunKey(again.Run, "run.json")); err != nil {
		t.Fatal(err)
	}
	o.Resume, o.From, o.Until = false, "embed", "embed"
	if _, err := nightly.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "kernels") {
		t.Errorf("stages of other kernels were taken over: %v", err)
	}
}

// Without inputs up to its date a night is not ready, and says so; an unknown stage is named.
func TestNightErrors(t *testing.T) {
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := options(s, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if _, err := nightly.Run(t.Context(), o); !errors.Is(err, nightly.ErrNotReady) {
		t.Errorf("empty lake: %v, want ErrNotReady", err)
	}
	o.From = "embeds"
	if _, err := nightly.Run(t.Context(), o); !errors.Is(err, nightly.ErrStage) {
		t.Errorf("unknown stage: %v, want ErrStage", err)
	}
}
