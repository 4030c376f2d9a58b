package main

import (
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
)

// stageOf is a stage of phases of ten items that take so many seconds each.
func stageOf(name string, seconds ...float64) nightly.StageForecast {
	s := nightly.StageForecast{Stage: name}
	for i, each := range seconds {
		s.Phases = append(s.Phases, lake.PhaseRecord{Phase: fmt.Sprint("phase ", i), Items: 10, Seconds: each})
		s.Seconds += each
	}
	return s
}

func earlierNight() []nightly.StageForecast {
	return []nightly.StageForecast{
		stageOf("clean", 4, 8), stageOf("embed", 10), stageOf("neighbours", 24, 12, 2), stageOf("charts", 4), stageOf("recommend", 3, 21), stageOf("publish", 12),
	}
}

// madeNight runs stages on a clock that moves when told.
type madeNight struct {
	*clock
	view *lines
	left []time.Duration // told after each item and when a stage ended
	past []time.Duration // since the night began
}

// play lets the phases of stages take pace times their seconds, item after item; the pace may depend on how much was expected to have passed.
func play(expected, stages []nightly.StageForecast, pace func(passed float64) float64) *madeNight {
	c := newClock()
	n := &madeNight{clock: c, view: newLines(io.Discard, c.now)}
	n.view.expect(expected, false)
	began, passed := c.at, 0.
	note := func() {
		n.left, n.past = append(n.left, n.view.nightLeft()), append(n.past, c.at.Sub(began))
	}
	for _, s := range stages {
		for _, p := range s.Phases {
			n.view.Start(s.Stage, p.Phase, p.Items)
			for range p.Items {
				each := p.Seconds / float64(p.Items)
				c.at = c.at.Add(time.Duration(each * pace(passed) * float64(time.Second)))
				passed += each
				n.view.Done(s.Stage, p.Phase, 1)
				note()
			}
		}
		n.view.End(s.Stage, s.Seconds)
		note()
	}
	return n
}

// worst returns the largest share by which time was told wrong, from the first third of the night to its last tenth.
func (n *madeNight) worst() (most float64) {
	whole := n.past[len(n.past)-1]
	for i, past := range n.past {
		if past > whole/3 && past < whole/10*9 {
			most = max(most, math.Abs(n.left[i].Seconds()/(whole-past).Seconds()-1))
		}
	}
	return most
}

// A night as the earlier one is told as it is, but where a phase has done its items and may still be merging; one at another pace is told within three tenths from its first
// third on; where the machine becomes faster or slower about then, within four tenths.
func TestNightRest(t *testing.T) {
	at := func(pace float64) func(float64) float64 { return func(float64) float64 { return pace } }
	from := func(passed, before, after float64) func(float64) float64 {
		return func(now float64) float64 {
			if now < passed {
				return before
			}
			return after
		}
	}
	for _, test := range []struct {
		name string
		pace func(float64) float64
		most float64
	}{
		{"as expected", at(1), .1},
		{"half as fast", at(2), .25},
		{"a third as fast", at(3), .3},
		{"twice as fast", at(.5), .3},
		{"half as fast from the stage of most work on", from(22, 1, 2), .4},
		{"fast again after it", from(22, 1.5, 1), .35},
	} {
		if got := play(earlierNight(), earlierNight(), test.pace).worst(); got > test.most {
			t.Errorf("%s: time was told wrong by %.2f, want at most %.2f", test.name, got, test.most)
		}
	}
}

// A phase of one long item is told by its time, and by ever less of it when it is late; phases that the earlier night did not have, and
// those that are passed over, do not count as pace.
func TestNightRestPhases(t *testing.T) {
	tonight := earlierNight()
	tonight[2].Phases[0].Items = 1
	tonight[3].Phases = append(tonight[3].Phases, lake.PhaseRecord{Phase: "new", Items: 2, Seconds: 6})
	tonight[4].Phases = tonight[4].Phases[1:]
	if got := play(earlierNight(), tonight, func(float64) float64 { return 1 }).worst(); got > .25 {
		t.Errorf("time was told wrong by %.2f", got)
	}
	r := newNightRest([]nightly.StageForecast{stageOf("embed", 20), stageOf("publish", 10)}, false)
	c := newClock()
	r.begin("embed")
	r.start("embed", "phase 0", 1, c.at)
	for _, test := range []struct{ after, least, most time.Duration }{
		{0, 30 * time.Second, 30 * time.Second},
		{10 * time.Second, 20 * time.Second, 20 * time.Second},
		{20 * time.Second, 10 * time.Second, 14 * time.Second},
		{60 * time.Second, 20 * time.Second, 35 * time.Second},
	} {
		if got := r.left(c.at.Add(test.after)).Round(time.Millisecond); got < test.least || got > test.most {
			t.Errorf("%s left after %s, want %s to %s", got, test.after, test.least, test.most)
		}
	}
}

// Records without phases tell by stages: what a stage has taken is taken from what it takes at the pace so far.
func TestNightRestOfStages(t *testing.T) {
	var none nightRest
	if none.begin("clean"); none.left(time.Time{}) != 0 {
		t.Error("time is left of a night nobody knows")
	}
	var stages []nightly.StageForecast
	for _, s := range earlierNight() {
		s.Phases = nil
		stages = append(stages, s)
	}
	for _, pace := range []float64{1, 2} {
		if got := play(stages, earlierNight(), func(float64) float64 { return pace }).worst(); got > .3 {
			t.Errorf("at %v times the time it was told wrong by %.2f", pace, got)
		}
	}
}

// A resumed night goes on within a stage: what was done before says nothing of the pace, neither in that stage nor in those before it.
func TestNightRestResumed(t *testing.T) {
	c := newClock()
	view := newLines(io.Discard, c.now)
	view.expect(earlierNight(), true)
	view.Start("neighbours", "phase 0", 10)
	view.Done("neighbours", "phase 0", 9)
	if got := view.nightLeft(); got < 54*time.Second || got > 64*time.Second {
		t.Errorf("%s left with most of a phase done before, want 54 and its last items", got)
	}
	c.at = c.at.Add(time.Second)
	view.Start("neighbours", "phase 1", 10)
	if got := view.nightLeft(); got != 54*time.Second {
		t.Errorf("%s left, want 54: the phase that was found said nothing", got)
	}
	c.at = c.at.Add(14 * time.Second)
	view.End("neighbours", 15)
	view.Start("charts", "phase 0", 10)
	if got := view.nightLeft(); got != 40*time.Second {
		t.Errorf("%s left, want 40", got)
	}
}
