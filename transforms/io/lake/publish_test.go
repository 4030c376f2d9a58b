package lake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"segue/transforms/io/lake"
)

// release writes one file and returns the manifest that names it.
func release(ctx context.Context, s lake.Store, run, attempt string) (lake.Manifest, error) {
	date, n, err := lake.ParseRun(run)
	if err != nil {
		return lake.Manifest{}, err
	}
	f, err := lake.NewFile(ctx, s, lake.RunKey(run, "tables", "songs", "part-0-"+attempt+".parquet"))
	if err != nil {
		return lake.Manifest{}, err
	}
	fmt.Fprintf(f, "songs of %s", run)
	ref, err := f.Commit(ctx, 3)
	table := lake.Table{Name: "songs", Version: 1, Rows: 3, Bytes: ref.Size, ContentHash: ref.SHA256, Files: []lake.FileRef{ref}}
	return lake.Manifest{Run: run, Date: date, Attempt: n, Tables: []lake.Table{table}}, err
}

func publish(t *testing.T, s lake.Store, run string) {
	t.Helper()
	m := must[lake.Manifest](t)(release(t.Context(), s, run, "a"))
	if err := lake.Publish(t.Context(), s, m); err != nil {
		t.Fatal(err)
	}
}

func current(t *testing.T, s lake.Store) string {
	t.Helper()
	p, m, err := lake.Current(t.Context(), s)
	if err != nil || m.Run != p.Run {
		t.Fatalf("current: %+v, manifest of %s, %v", p, m.Run, err)
	}
	return p.Run
}

// The pointer follows (date, attempt) as numbers, forward only; a backfill counts for its date but is not current.
func TestPublishOrder(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		if _, _, err := lake.Current(ctx, s); !errors.Is(err, lake.ErrNotExist) {
			t.Fatalf("current of an empty lake: %v", err)
		}
		if _, err := lake.ReleaseBefore(ctx, s, "2026-11-24"); !errors.Is(err, lake.ErrNotExist) {
			t.Fatalf("release of an empty lake: %v", err)
		}
		for _, step := range [][2]string{
			{"2026-11-24.2", "2026-11-24.2"},
			{"2026-11-24.10", "2026-11-24.10"},
			{"2026-11-24.9", "2026-11-24.10"},
			{"2026-11-20.1", "2026-11-24.10"},
			{"2026-11-25.1", "2026-11-25.1"},
			{"2026-11-22.3", "2026-11-25.1"},
		} {
			publish(t, s, step[0])
			if got := current(t, s); got != step[1] {
				t.Fatalf("after publishing %s: current is %s, want %s", step[0], got, step[1])
			}
		}
		for date, want := range map[string]string{
			"2026-11-21": "2026-11-20.1", "2026-11-24": "2026-11-22.3", "2026-11-25": "2026-11-24.10", "2027-01-01": "2026-11-25.1",
		} {
			if m := must[lake.Manifest](t)(lake.ReleaseBefore(ctx, s, date)); m.Run != want {
				t.Errorf("release before %s: %s, want %s", date, m.Run, want)
			}
		}
		if _, err := lake.ReleaseBefore(ctx, s, "2026-11-20"); !errors.Is(err, lake.ErrNotExist) {
			t.Errorf("release before the first: %v", err)
		}
	})
}

// The same night is adopted, without a new generation; another night under its run id is refused.
func TestPublishTwice(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		publish(t, s, "2026-11-24.1")
		before := must[lake.Pointer](t)(lake.ReadPointer(ctx, s))
		again := must[lake.Manifest](t)(release(ctx, s, "2026-11-24.1", "b"))
		if err := lake.Publish(ctx, s, again); err != nil {
			t.Fatal(err)
		}
		if after := must[lake.Pointer](t)(lake.ReadPointer(ctx, s)); after.Generation != before.Generation {
			t.Errorf("generation went from %d to %d", before.Generation, after.Generation)
		}
		again.Tables[0].ContentHash = "other"
		if err := lake.Publish(ctx, s, again); !errors.Is(err, lake.ErrExists) {
			t.Errorf("another night under the same run: %v", err)
		}
		m := must[lake.Manifest](t)(lake.ReadManifest(ctx, s, "2026-11-24.1"))
		if !strings.Contains(m.Tables[0].Files[0].Key, "-a.") {
			t.Errorf("the first manifest was replaced: %+v", m)
		}
	})
}

// After a rollback, dates up to the one rolled back stay back until promoted; later dates move on as ever.
func TestRollback(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		for _, run := range []string{"2026-11-22.1", "2026-11-23.1", "2026-11-24.1"} {
			publish(t, s, run)
		}
		if err := lake.Rollback(ctx, s, "2026-11-25.1"); !errors.Is(err, lake.ErrNotExist) {
			t.Errorf("rolled back to a run that is not published: %v", err)
		}
		if err := lake.Rollback(ctx, s, "2026-11-22.1"); err != nil {
			t.Fatal(err)
		}
		p := must[lake.Pointer](t)(lake.ReadPointer(ctx, s))
		if p.Run != "2026-11-22.1" || p.Floor != "2026-11-24" || p.Generation != 4 || p.Previous != "2026-11-24.1" || !slices.Equal(p.Releases, []string{"2026-11-22.1"}) {
			t.Errorf("after the rollback: %+v", p)
		}
		publish(t, s, "2026-11-24.2")
		if got := current(t, s); got != "2026-11-22.1" {
			t.Errorf("a date below the floor became current: %s", got)
		}
		if m := must[lake.Manifest](t)(lake.ReleaseBefore(ctx, s, "2026-11-25")); m.Run != "2026-11-22.1" {
			t.Errorf("a release rolled back counts: %s", m.Run)
		}
		if err := lake.Rollback(ctx, s, "2026-11-24.2"); err == nil {
			t.Error("rolled back to a later run")
		}
		if err := lake.Promote(ctx, s, "2026-11-24.2", lake.Override{}); err != nil {
			t.Fatal(err)
		}
		if p := must[lake.Pointer](t)(lake.ReadPointer(ctx, s)); p.Run != "2026-11-24.2" || p.Floor != "" {
			t.Errorf("after the promotion: %+v", p)
		}
		if err := lake.Promote(ctx, s, "2026-11-22.1", lake.Override{}); err == nil {
			t.Error("promoted an earlier run")
		}
		publish(t, s, "2026-11-25.1")
		if got := current(t, s); got != "2026-11-25.1" {
			t.Errorf("the next night: current is %s", got)
		}
	})
}

// A floor that is not promoted over does not hold back later dates.
func TestFloor(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		publish(t, s, "2026-11-23.1")
		publish(t, s, "2026-11-24.1")
		if err := lake.Rollback(t.Context(), s, "2026-11-23.1"); err != nil {
			t.Fatal(err)
		}
		publish(t, s, "2026-11-25.1")
		p := must[lake.Pointer](t)(lake.ReadPointer(t.Context(), s))
		if p.Run != "2026-11-25.1" || !slices.Equal(p.Releases, []string{"2026-11-23.1", "2026-11-25.1"}) {
			t.Errorf("after the next night: %+v", p)
		}
	})
}

var errCrash = errors.New("crash")

// crashing fails writes at random, half of them after they were done.
type crashing struct {
	lake.Store
	mu  *sync.Mutex
	rng *rand.Rand
}

func (c crashing) crash() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.Float64() < 0.1
}

func (c crashing) Create(ctx context.Context, key string, r io.Reader, size int64) (lake.Info, error) {
	if c.crash() {
		return lake.Info{}, errCrash
	}
	in, err := c.Store.Create(ctx, key, r, size)
	if err == nil && c.crash() {
		return lake.Info{}, errCrash
	}
	return in, err
}

func (c crashing) Swap(ctx context.Context, key string, data []byte, etag string) (lake.Info, error) {
	if c.crash() {
		return lake.Info{}, errCrash
	}
	in, err := c.Store.Swap(ctx, key, data, etag)
	if err == nil && c.crash() {
		return lake.Info{}, errCrash
	}
	return in, err
}

// Whatever crashes and whoever publishes at the same time, a reader always finds a whole release and never an older one.
func TestPublishersAndReaders(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		c := crashing{s, new(sync.Mutex), rand.New(rand.NewPCG(seed, 1))}
		ctx, stop := context.WithCancel(t.Context())
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() { readAlways(t, ctx, s) })
		}
		for day := 1; day <= 12; day++ {
			var wg sync.WaitGroup
			for w := range 3 {
				run := lake.RunID(fmt.Sprintf("2026-11-%02d", max(1, day-3*(w/2))), 1) // the third is a late retry
				wg.Go(func() { retry(t, c, run, fmt.Sprintf("%d-%d", day, w)) })
			}
			wg.Wait()
		}
		stop()
		readers.Wait()
		if got := current(t, s); got != "2026-11-12.1" {
			t.Errorf("current is %s", got)
		}
	})
}

// retry publishes a run until it succeeds, as a scheduler would, with a new attempt after every crash.
func retry(t *testing.T, s lake.Store, run, worker string) {
	for n := 0; ; n++ {
		m, err := release(t.Context(), s, run, fmt.Sprintf("%s-%d", worker, n))
		if err == nil {
			err = lake.Publish(t.Context(), s, m)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, errCrash) {
			t.Errorf("publish %s: %v", run, err)
			return
		}
	}
}

func readAlways(t *testing.T, ctx context.Context, s lake.Store) {
	last := ""
	for ctx.Err() == nil {
		p, m, err := lake.Current(t.Context(), s)
		if errors.Is(err, lake.ErrNotExist) && last == "" {
			continue
		}
		if err != nil {
			t.Errorf("read: %v", err)
			return
		}
		if lake.CompareRuns(p.Run, last) < 0 {
			t.Errorf("current went back from %s to %s", last, p.Run)
		}
		last = p.Run
		if problems, err := lake.Verify(t.Context(), s, m); err != nil || len(problems) != 0 {
			t.Errorf("run %s: %v, %v", p.Run, problems, err)
		}
	}
}

// Concurrent claims of a date get different runs, numbered without a gap from the lowest free attempt.
func TestClaimRun(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		runs := make([]string, 8)
		var wg sync.WaitGroup
		for i := range runs {
			wg.Go(func() {
				var err error
				if runs[i], err = lake.ClaimRun(t.Context(), s, "2026-11-24", lake.RunInfo{Seed: 7, Producer: "test"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		must[string](t)(lake.ClaimRun(t.Context(), s, "2026-11-23", lake.RunInfo{}))
		must[lake.Info](t)(create(s, t.Context(), "runs/2026-11-24.9/work/x", "left by a run without record"))
		must[lake.Info](t)(create(s, t.Context(), "runs/notes/x", "not a run"))
		if run := must[string](t)(lake.ClaimRun(t.Context(), s, "2026-11-24", lake.RunInfo{})); run != "2026-11-24.10" {
			t.Errorf("claimed %s beside an attempt 9 without record", run)
		}
		infos := must[[]lake.RunInfo](t)(lake.ListRuns(t.Context(), s))
		got := []string{}
		for _, in := range infos {
			got = append(got, in.Run)
		}
		slices.SortFunc(runs, lake.CompareRuns)
		want := append(append([]string{"2026-11-23.1"}, runs...), "2026-11-24.10")
		if !slices.Equal(got, want) || runs[0] != "2026-11-24.1" || runs[7] != "2026-11-24.8" {
			t.Errorf("listed %v, want %v", got, want)
		}
		if infos[1].Seed != 7 || infos[1].Date != "2026-11-24" || infos[1].Attempt != 1 {
			t.Errorf("read %+v", infos[1])
		}
		if _, err := lake.ClaimRun(t.Context(), s, "24.11.2026", lake.RunInfo{}); err == nil {
			t.Error("claimed a run of a date that is none")
		}
	})
}

// A release with a missing, cut or changed file, or with wrong sums, is reported by table and file.
func TestVerify(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		m := must[lake.Manifest](t)(release(ctx, s, "2026-11-24.1", "a"))
		good := m.Tables[0].Files[0]
		bad := func(change func(*lake.FileRef)) lake.FileRef {
			ref := good
			change(&ref)
			return ref
		}
		m.Tables = append(m.Tables, lake.Table{Name: "charts", Rows: 99, Files: []lake.FileRef{
			bad(func(r *lake.FileRef) { r.Key += ".gone" }), bad(func(r *lake.FileRef) { r.Size++ }), good,
			bad(func(r *lake.FileRef) { r.SHA256 = strings.Repeat("0", 64) }),
		}})
		var kinds []string
		for _, p := range must[[]lake.Problem](t)(lake.Verify(ctx, s, m)) {
			kinds = append(kinds, p.Table+" "+p.Kind)
		}
		if want := []string{"charts sums", "charts missing", "charts size", "charts content"}; !slices.Equal(kinds, want) {
			t.Errorf("found %q, want %q", kinds, want)
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := lake.Verify(ended, s, m); !errors.Is(err, context.Canceled) {
			t.Errorf("verify with an ended context: %v", err)
		}
	})
}

// A stage record is replaced by a later one; records are read in the order of their starts.
func TestStages(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		ctx, run := t.Context(), "2026-11-24.1"
		if r, err := lake.ReadStages(ctx, s, run); err != nil || len(r) != 0 {
			t.Errorf("stages of a run without any: %v, %v", r, err)
		}
		for i, name := range []string{"matrix", "clean", "matrix"} {
			rec := lake.StageRecord{Stage: name, Counters: map[string]int64{"n": int64(i)}}
			for range 2 {
				if err := lake.WriteStage(ctx, s, run, rec); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := must[[]lake.StageRecord](t)(lake.ReadStages(ctx, s, run))
		if len(got) != 2 || got[0].Stage != "clean" || got[1].Counters["n"] != 2 {
			t.Errorf("read %+v", got)
		}
	})
}

// A run whose rules failed is committed but never current, until it is promoted despite all of them and with a reason.
func TestCandidate(t *testing.T) {
	eachLake(t, func(t *testing.T, s lake.Store) {
		ctx := t.Context()
		publish(t, s, "2026-11-23.1")
		m := must[lake.Manifest](t)(release(ctx, s, "2026-11-24.1", "a"))
		m.Failed = []string{"rows", "quality"}
		for range 2 {
			if err := lake.Publish(ctx, s, m); !errors.Is(err, lake.ErrHeld) || !strings.Contains(err.Error(), "rows, quality") {
				t.Fatalf("published a candidate: %v", err)
			}
			if got := current(t, s); got != "2026-11-23.1" {
				t.Fatalf("current is %s", got)
			}
		}
		if r := must[lake.Manifest](t)(lake.ReleaseBefore(ctx, s, "2026-11-25")); r.Run != "2026-11-23.1" {
			t.Errorf("a candidate counts as the release of its date")
		}
		if err := lake.Promote(ctx, s, m.Run, lake.Override{Rules: []string{"rows"}, Reason: "known"}); !errors.Is(err, lake.ErrHeld) || !strings.Contains(err.Error(), "quality") {
			t.Errorf("promoted despite one rule of two: %v", err)
		}
		if err := lake.Promote(ctx, s, m.Run, lake.Override{Rules: m.Failed, Reason: " "}); !errors.Is(err, lake.ErrHeld) {
			t.Errorf("promoted without a reason: %v", err)
		}
		o := lake.Override{Rules: m.Failed, Reason: "a label left the catalogue", By: "anna"}
		if err := lake.Promote(ctx, s, m.Run, o); err != nil {
			t.Fatal(err)
		}
		if got := current(t, s); got != m.Run {
			t.Errorf("current is %s after the promotion", got)
		}
		if r := must[lake.Override](t)(lake.ReadOverride(ctx, s, m.Run)); r.Reason != o.Reason || r.By != o.By || r.At.IsZero() {
			t.Errorf("recorded %+v", r)
		}
		publish(t, s, "2026-11-25.1")
		refusedPromotion(t, s, o)
		if err := lake.Rollback(ctx, s, m.Run); err != nil {
			t.Errorf("roll back to a promoted candidate: %v", err)
		}
	})
}

// refusedPromotion asks for a candidate that is older than the current run: that it was asked for leaves no trace.
func refusedPromotion(t *testing.T, s lake.Store, o lake.Override) {
	t.Helper()
	m := must[lake.Manifest](t)(release(t.Context(), s, "2026-11-24.2", "b"))
	m.Failed = o.Rules
	if err := lake.Publish(t.Context(), s, m); !errors.Is(err, lake.ErrHeld) {
		t.Fatalf("published a candidate: %v", err)
	}
	if err := lake.Promote(t.Context(), s, m.Run, o); err == nil || !strings.Contains(err.Error(), "later") {
		t.Errorf("promoted an older run: %v", err)
	}
	if _, err := lake.ReadOverride(t.Context(), s, m.Run); !errors.Is(err, lake.ErrNotExist) {
		t.Errorf("a refused promotion is on record: %v", err)
	}
}
