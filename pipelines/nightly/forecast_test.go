package nightly_test

import (
	"errors"
	"math"
	"testing"

	"segue/pipelines/nightly"
)

// Before any night nothing is foretold; after one, the same night is foretold as it was, and the next as much larger as its landing is.
func TestExpect(t *testing.T) {
	s, date := worldLake(t, 3)
	o := options(s, date)
	before, err := nightly.Expect(t.Context(), o)
	if !errors.Is(err, nightly.ErrNoRecord) || before.Landing == 0 || before.Files == 0 {
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
	for i, st := range same.Stages {
		if r := night.Stages[i]; st.Stage != r.Stage || st.Seconds != r.Seconds || st.Peak != r.PeakBytes || !st.Published {
			t.Errorf("%s: foretold %+v, took %v s and %d bytes", r.Stage, st, r.Seconds, r.PeakBytes)
		}
	}
	less := o
	less.Date = date.AddDate(0, 0, -1)
	if _, err := nightly.Expect(t.Context(), less); !errors.Is(err, nightly.ErrNotReady) && !errors.Is(err, nightly.ErrNoRecord) {
		t.Errorf("a day before any run: %v", err)
	}
	more := o
	more.Date = date.AddDate(0, 0, 1)
	next, err := nightly.Expect(t.Context(), more)
	if err != nil {
		t.Fatal(err)
	}
	if want := float64(next.Landing) / float64(same.Landing); next.Growth != want || math.Abs(next.Stages[0].Seconds-want*night.Stages[0].Seconds) > 1e-9 || next.Stages[0].Published {
		t.Errorf("the next night: growth %v, want %v; %+v", next.Growth, want, next.Stages[0])
	}
}
