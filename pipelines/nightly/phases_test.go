package nightly

import (
	"slices"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// told counts what it is told.
type told struct{ starts, done, ends int }

func (t *told) Start(string, string, int)   { t.starts++ }
func (t *told) Done(_, _ string, items int) { t.done += items }
func (t *told) End(string, float64)         { t.ends++ }

// A phase lasts until the next one begins or the stage ends; what is told is passed on, where anybody listens.
func TestPhaseClock(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	next := &told{}
	for _, c := range []*phaseClock{{next: next}, {}} {
		c.now = func() time.Time { return at }
		if got := c.ended(); got != nil {
			t.Errorf("a stage without phases has %v", got)
		}
		c.Start("embed", "fit", 1)
		at = at.Add(3 * time.Second)
		c.Done("embed", "fit", 1)
		at = at.Add(time.Second)
		c.Start("embed", "vectors", 2)
		c.Done("embed", "vectors", 2)
		at = at.Add(2 * time.Second)
		want := []lake.PhaseRecord{{Phase: "fit", Items: 1, Seconds: 4}, {Phase: "vectors", Items: 2, Seconds: 2}}
		if got := c.ended(); !slices.Equal(got, want) {
			t.Errorf("phases are %v, want %v", got, want)
		}
		c.End("embed", 6)
	}
	if *next != (told{starts: 2, done: 3, ends: 1}) {
		t.Errorf("passed on %+v", *next)
	}
}
