package nightly_test

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"testing"

	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Before any night it is foretold by what landed; after one, the same night is foretold as it was, and the next as much larger as its landing is.
func TestExpect(t *testing.T) {
	s, date := worldLake(t, 3)
	o := options(s, date)
	before, err := nightly.Expect(t.Context(), o)
	if err != nil || before.Landing == 0 || before.Files == 0 || before.MeasuredBy != "" {
		t.Fatalf("before any night: %+v, %v", before, err)
	}
	night := mustRun(t, o)
	same, err := nightly.Expect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if same.MeasuredBy != night.Run || same.Growth != 1 || same.Landing != before.Landing || len(same.Stages) != len(night.Stages) {
		t.Fatalf("the same night: %+v", same)
	}
	checkTypical(t, before, night, o.Memory)
	for i, st := range same.Stages {
		if r := night.Stages[i]; st.Stage != r.Stage || st.Seconds != r.Seconds || st.Peak != r.PeakBytes || !st.Published {
			t.Errorf("%s: foretold %+v, took %v s and %d bytes", r.Stage, st, r.Seconds, r.PeakBytes)
		}
		checkPhases(t, st, night.Stages[i])
	}
	less := o
	less.Date = date.AddDate(0, 0, -1)
	if f, err := nightly.Expect(t.Context(), less); err != nil && !errors.Is(err, nightly.ErrNotReady) || f.MeasuredBy != "" {
		t.Errorf("a day before any run: %v, %v", f, err)
	}
	more := o
	more.Date = date.AddDate(0, 0, 1)
	next, err := nightly.Expect(t.Context(), more)
	if err != nil {
		t.Fatal(err)
	}
	if want := float64(next.Landing) / float64(same.Landing); next.Growth != want || math.Abs(next.Stages[0].Seconds-want*night.Stages[0].Seconds) > 1e-9 ||
		math.Abs(next.Stages[0].Phases[0].Seconds-want*night.Stages[0].Phases[0].Seconds) > 1e-9 || next.Stages[0].Published {
		t.Errorf("the next night: growth %v, want %v; %+v", next.Growth, want, next.Stages[0])
	}
	checkAdded(t, next, night)
}

// checkTypical wants every stage of a first night to be foretold, in memory that it may have.
func checkTypical(t *testing.T, f nightly.Forecast, night nightly.Result, memory int64) {
	t.Helper()
	for i, r := range night.Stages {
		if st := f.Stages[i]; st.Stage != r.Stage || st.Seconds <= 0 || st.Peak <= 0 || st.Peak > cmp.Or(memory, work.DefaultMemory) || len(st.Phases) > 0 {
			t.Errorf("a first night: %s is foretold as %+v", r.Stage, st)
		}
	}
}

// checkPhases wants the phases of a stage as they were recorded, one name each, to last no longer than it.
func checkPhases(t *testing.T, got nightly.StageForecast, r lake.StageRecord) {
	t.Helper()
	if !slices.Equal(got.Phases, r.Phases) || len(r.Phases) == 0 {
		t.Errorf("%s: foretold phases %v, recorded %v", r.Stage, got.Phases, r.Phases)
	}
	var all float64
	names := map[string]bool{}
	for _, p := range r.Phases {
		all += p.Seconds
		if names[p.Phase] || p.Items <= 0 || p.Seconds < 0 {
			t.Errorf("%s: phase %+v", r.Stage, p)
		}
		names[p.Phase] = true
	}
	if all > r.Seconds {
		t.Errorf("%s: phases took %v s of its %v", r.Stage, all, r.Seconds)
	}
}

// checkAdded wants the stages after a first night to read its tables as well, where they read last night's, and to take the longer for it.
func checkAdded(t *testing.T, next nightly.Forecast, first nightly.Result) {
	t.Helper()
	tables := map[string]int64{}
	for _, r := range first.Stages {
		for name, refs := range r.Outputs {
			for _, ref := range refs {
				tables[name] += ref.Size
			}
		}
	}
	publish := first.Stages[len(first.Stages)-1]
	var published int64
	for name := range publish.Inputs {
		published += tables[name]
	}
	perByte := publish.Seconds / float64(published)
	charts := slices.IndexFunc(first.Stages, func(r lake.StageRecord) bool { return r.Stage == "charts" })
	added := float64(tables["charts"]) / 2
	got, before := next.Stages[charts], first.Stages[charts]
	var read int64
	for _, refs := range before.Inputs {
		for _, ref := range refs {
			read += ref.Size
		}
	}
	perByte = min(perByte, before.Seconds/float64(read))
	if want := next.Growth*before.Seconds + added*perByte; math.Abs(got.Seconds-want) > 1e-9 {
		t.Errorf("charts after a first night: %v s, want %v of which last night's table takes %v", got.Seconds, want, added*perByte)
	}
	if want := int64(next.Growth*float64(read)) + tables["charts"]; got.Read != want {
		t.Errorf("charts after a first night read %d bytes, want %d of which %d are last night's table", got.Read, want, tables["charts"])
	}
}
