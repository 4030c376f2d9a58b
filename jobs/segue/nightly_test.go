package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
)

// A night that is resumed says when it began anew beside earlier runs of its date, and nothing when it went on or is the first.
func TestFreshNightsAreTold(t *testing.T) {
	s := emptyLake(t)
	claimed := time.Date(2026, 1, 6, 3, 0, 0, 0, time.UTC)
	var runs [2]string
	for i := range runs {
		var err error
		if runs[i], err = lake.ClaimRun(t.Context(), s, "2026-01-05", lake.RunInfo{Date: "2026-01-05", CreatedAt: claimed}); err != nil {
			t.Fatal(err)
		}
	}
	before, after := claimed.Add(-time.Second), claimed.Add(time.Second)
	for _, c := range []struct {
		run     string
		resume  bool
		started time.Time
		says    bool
	}{{runs[1], true, before, true}, {runs[1], true, after, false}, {runs[1], false, before, false}, {runs[0], true, before, false}} {
		var out strings.Builder
		tellFresh(t.Context(), &out, nightly.Options{Lake: s, Resume: c.resume}, c.run, c.started)
		if strings.Contains(out.String(), "run "+c.run+" began anew") != c.says {
			t.Errorf("resume %v of run %s, started at %v, says %q", c.resume, c.run, c.started, out.String())
		}
	}
}

// A night that met a full disk says which, and what to do: about that of temporary files another thing than about the lake's.
func TestFullDisksAreTold(t *testing.T) {
	s := emptyLake(t)
	for path, want := range map[string]string{filepath.Join(os.TempDir(), "segue-scratch-1", "a"): "TMPDIR", "/lake/a": "segue gc"} {
		err := fmt.Errorf("spool a: %w", &fs.PathError{Op: "write", Path: path, Err: unix.ENOSPC})
		got := explainNight(t.Context(), s, nightly.Result{Run: "2026-01-05.1"}, err).Error()
		if !strings.Contains(got, want) || !strings.Contains(got, "--resume continues run 2026-01-05.1") {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// A night that failed after its manifest was written does not say that nothing was published.
func TestCommittedNightIsTold(t *testing.T) {
	s := emptyLake(t)
	if err := lake.Publish(t.Context(), s, lake.Manifest{Run: "2026-01-05.1", Date: "2026-01-05", Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	got := explainNight(ctx, s, nightly.Result{Run: "2026-01-05.1", Publishing: true}, errors.New("write record: disk full")).Error()
	if !strings.Contains(got, "disk full (the tables of run 2026-01-05.1 are written whole") {
		t.Error(got)
	}
}

func emptyLake(t *testing.T) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A night that met a damaged file says how to get past it: its own tables are written again by another run, kept and landed files once they are deleted;
// what to do about tables of an earlier run is what other commands say.
func TestDamageIsTold(t *testing.T) {
	s := emptyLake(t)
	for key, want := range map[string]string{
		"runs/2026-01-05.1/tables/songs/part-0.parquet": "(nothing was published): run the night again without --resume, or --from the stage that wrote it",
		"runs/2026-01-04.2/tables/songs/part-0.parquet": "segue verify 2026-01-04.2",
		"kept/listens/books/0a/books/book-1.parquet":    "delete kept/listens/books/0a/books/book-1.parquet and run the night again without --resume",
		"landing/songs/date=2026-01-05/part-0.parquet":  "delete landing/songs/date=2026-01-05/part-0.parquet, import its source again",
	} {
		err := fmt.Errorf("decode %s: %w", key, lake.ErrDamaged)
		got := advised(explainNight(t.Context(), s, nightly.Result{Run: "2026-01-05.1"}, err)).Error()
		if !strings.Contains(got, want) || strings.Contains(got, "rollback") != strings.Contains(want, "verify") {
			t.Errorf("%s: %s", key, got)
		}
	}
}

// The plan of a first night has every stage and says what it goes by; with --until it ends there.
func TestPlanOfFirstNight(t *testing.T) {
	s := emptyLake(t)
	if _, err := s.Create(t.Context(), schemas.LandingPlays+"/date=2026-01-05/plays.parquet", strings.NewReader("plays"), 5); err != nil {
		t.Fatal(err)
	}
	plan := func(until string) string {
		var out strings.Builder
		o := nightly.Options{Lake: s, Date: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Params: nightly.Default(), Runner: "direct", Until: until}
		if err := printPlan(t.Context(), &out, o); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	whole, part := plan(""), plan("matrix")
	for _, st := range nightly.Stages(nightly.Default()) {
		if !strings.Contains(whole, "\n"+st.Name) && !strings.HasPrefix(whole, st.Name) {
			t.Errorf("no stage %s in\n%s", st.Name, whole)
		}
	}
	if !strings.Contains(whole, "by nights of generated worlds") || strings.Contains(whole, "files_read") {
		t.Errorf("it does not say what it goes by:\n%s", whole)
	}
	if !strings.Contains(part, "\nmatrix") || strings.Contains(part, "\nembed") {
		t.Errorf("until matrix:\n%s", part)
	}
}
