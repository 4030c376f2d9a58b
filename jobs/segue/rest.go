package main

import (
	"slices"
	"time"

	"segue/pipelines/nightly"
)

// nightRest tells how long the rest of a night will take, by the seconds of its stages on an earlier one and by how much faster or
// slower those were that have ended, which count the more the more of the night they are.
type nightRest struct {
	stages         []nightly.StageForecast // that have not ended, in order; none = not known
	expected, took float64                 // seconds of those that ended, and trust in the earlier night
}

// newNightRest trusts the earlier night as if half of it had passed at its pace.
func newNightRest(stages []nightly.StageForecast) nightRest {
	r := nightRest{stages: stages}
	for _, s := range stages {
		r.expected, r.took = r.expected+s.Seconds/2, r.took+s.Seconds/2
	}
	return r
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
	if len(r.stages) == 0 || r.expected == 0 {
		return 0
	}
	pace, now := r.took/r.expected, r.stages[0].Seconds
	rest := pace*now - elapsed.Seconds()
	if rest < 0 { // slower than all thought
		pace, rest = (r.took+elapsed.Seconds())/(r.expected+now), 0
	}
	for _, s := range r.stages[1:] {
		rest += pace * s.Seconds
	}
	return time.Duration(rest * float64(time.Second))
}
