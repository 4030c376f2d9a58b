package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// A lake without a live job is in parity; a listener whose plays are archived and whose features are not there is missing, and the
// command ends as a failed rule.
func TestParity(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) (string, error) {
		root := newRoot()
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&out)
		root.SetArgs(append([]string{"parity", "--date", "2026-03-01", "--lake", dir}, args...))
		err := root.ExecuteContext(t.Context())
		return out.String(), err
	}
	if out, err := run(); err != nil || !strings.Contains(out, "100.0000 % of records equal; 0 partitions") {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := run("--date", ""); !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), "--date is missing") {
		t.Errorf("no date: %v", err)
	}
	for _, least := range []string{"2", "-0.1", "NaN"} {
		if _, err := run("--least", least); !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), "from 0 to 1") {
			t.Errorf("--least %s: %v", least, err)
		}
	}
	s, err := lake.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	o, err := archive.Claim(t.Context(), s, 0, -1, archive.Lease{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := archive.NewWriter(t.Context(), s, 0, 1, -1)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w.AddPlay(schemas.ArchivedPlay{EventID: "e", UserID: "anna", SongID: "s", StartedAt: at, Kind: schemas.KindPlay, ProducedAt: at})
	empty := sessions.NewShard(sessions.Default(), nil, 0).Snapshot(nil)
	if err := errors.Join(w.Flush(t.Context(), 0), o.Save(t.Context(), 0, at, empty)); err != nil {
		t.Fatal(err)
	}
	out, err := run("--examples", "--format", "csv")
	if !errors.Is(err, work.ErrGate) || !strings.Contains(out, "features,anna,,none,a record") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := run("--least", "0"); err != nil || !strings.Contains(out, "0.0000 % of records equal; 1 partition, 1 play replayed") {
		t.Errorf("%v: %s", err, out)
	}
}
