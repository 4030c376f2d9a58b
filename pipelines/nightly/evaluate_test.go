package nightly_test

import (
	"errors"
	"strings"
	"testing"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// A night beside itself has the figures of its own table, ratio 1 to the baseline, and the lake is not written to. Without the
// working data the error says so; a run that is not there is not found.
func TestCompareWithItself(t *testing.T) {
	s, date := worldLake(t, 4)
	o := options(s, date)
	o.Params.Evaluate.HoldOut = 8
	run := mustRun(t, o).Run
	before, err := s.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	c := nightly.Comparison{Lake: s, Run: run, Baseline: run, Params: o.Params.Evaluate, Runner: "direct", Seed: o.Seed}
	rows, err := nightly.Compare(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := s.List(t.Context(), ""); err != nil || len(after) != len(before) {
		t.Errorf("%d objects, were %d: %v", len(after), len(before), err)
	}
	m, err := lake.ReadManifest(t.Context(), s, run)
	if err != nil {
		t.Fatal(err)
	}
	table, _ := m.Table(schemas.TableEvaluation)
	own, err := parquetio.ReadAll[schemas.Evaluation](t.Context(), s, table.Files[0])
	if err != nil || len(own) == 0 {
		t.Fatalf("%d rows of its own: %v", len(own), err)
	}
	again := map[string]schemas.Evaluation{}
	for _, r := range rows {
		again[r.Metric+" "+r.Stratum+" "+r.Method] = r
		if strings.HasSuffix(r.Method, "/"+run) && r.Value != 1 {
			t.Errorf("ratio to itself: %+v", r)
		}
	}
	for _, r := range own {
		if got := again[r.Metric+" "+r.Stratum+" "+r.Method]; got.Value != r.Value || got.Cases != r.Cases {
			t.Errorf("%+v, measured again %+v", r, got)
		}
	}
	c.Baseline = "2000-01-01.1"
	if _, err := nightly.Compare(t.Context(), c); !errors.Is(err, lake.ErrNotExist) {
		t.Errorf("a baseline that is not there: %v", err)
	}
	for _, in := range before {
		if strings.HasPrefix(in.Key, lake.RunKey(run, "work")+"/") {
			if err := s.Delete(t.Context(), in.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.Baseline = run
	if _, err := nightly.Compare(t.Context(), c); !errors.Is(err, nightly.ErrNoWork) {
		t.Errorf("without working data: %v", err)
	}
}
