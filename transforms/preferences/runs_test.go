package preferences

import (
	"fmt"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/io/listenio"
)

// A listener with one device at eight and two at nine: at eight (weekpart, hour, device), (weekpart, hour) and (hour) are one
// run, at nine the latter two; devices and all hours stand alone. The next listener has runs of his own.
func TestRuns(t *testing.T) {
	c := newCounter(Default(), 0, table())
	for i, x := range []struct {
		hour   int32
		device string
	}{{8, "phone"}, {9, "phone"}, {9, "speaker"}} {
		c.meet(listenio.Cell{Region: "SE", Weekpart: schemas.Weekday, Hour: x.hour, Device: x.device})
		if len(c.rungs) != i+1 {
			t.Fatalf("%d ladders of %d cells", len(c.rungs), i+1)
		}
	}
	runsOf := func(met ...int32) []string {
		l := &listenio.Listener{Days: []listenio.Day{{}}}
		for _, n := range met {
			l.Days[0].Listens = append(l.Days[0].Listens, listenio.Listen{Cell: n})
		}
		c.runs.meet(l)
		c.runs.cut(c.rungs, true)
		var out []string
		for _, n := range met {
			for _, run := range c.runs.of[n] {
				at := c.index.Values()[run/longest]
				out = append(out, fmt.Sprint(at.Weekpart, " ", at.Hour, " ", at.Device, " +", run%longest))
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	want := []string{"all 24 all +0", "all 24 phone +0", "all 24 speaker +0", "weekday 8 phone +2", "weekday 9 all +1", "weekday 9 phone +0", "weekday 9 speaker +0"}
	if got := runsOf(0, 1, 2); !slices.Equal(got, want) {
		t.Errorf("runs %q, want %q", got, want)
	}
	if got, want := runsOf(1), []string{"all 24 phone +1", "weekday 9 phone +2"}; !slices.Equal(got, want) {
		t.Errorf("runs %q of one cell, want %q", got, want)
	}
}
