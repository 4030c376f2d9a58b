package main

import (
	"slices"
	"time"

	"segue/pipelines/nightly"
)

// nightRest tells how long the rest of a night will take, by the seconds of its stages on an earlier one and by how much faster or
// slower those were that have ended.
type nightRest struct {
	stages         []nightly.StageForecast // that have not ended, in order; none = not known
	expected, took float64                 // seconds of those that ended
}

// begin notes that a stage is at work: those before it were done earlier.
func (r *nightRest) begin(stage string) {
	if at := r.find(stage); at >= 0 {
		r.stages = r.stages[at:]
	}
}

func (r *nightRest) end(stage string, seconds float64) {
	if at := r.find(stage); at >= 0 {
		r.expected, r.took = r.expected+r.stages[at].Seconds, r.took+seconds
		r.stages = r.stages[at+1:]
	}
}

func (r *nightRest) find(stage string) int {
	return slices.IndexFunc(r.stages, func(s nightly.StageForecast) bool { return s.Stage == stage })
}

// left returns the time that the stage at work, begun a while ago, and those after it will take; 0 = not known.
func (r *nightRest) left(elapsed time.Duration) time.Duration {
	pace, seconds := 1.0, 0.0
	if r.expected > 0 {
		pace = r.took / r.expected
	}
	for i, s := range r.stages {
		this := pace * s.Seconds
		if i == 0 {
			this = max(0, this-elapsed.Seconds())
		}
		seconds += this
	}
	return time.Duration(seconds * float64(time.Second))
}
