package main

import (
	"math"
	"runtime"
	"slices"
	"time"

	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
)

const (
	restTrust    = .15 // of the earlier night that count as passed at its pace before tonight's begins
	restMemory   = .4  // of the night after which what was measured counts 1/e: load of a machine comes and goes
	restSurprise = 4.  // by which a phase may be faster or slower than the pace and still be taken to tell of it; beyond, its work is other work
	restUnequal  = 4.  // items that tell as much of a phase as its time: they differ in size, and merges follow
	restLate     = .8  // share of a phase up to which time alone tells how much of it has passed; what is beyond is passed ever more slowly
)

// nightRest tells how long the rest of a night will take: what stages and their phases took on an earlier night, at tonight's pace so
// far, less what of the phase at work has passed by its items and its time.
type nightRest struct {
	stages []nightly.StageForecast // that have not ended, in order, less the phases that have begun; none = not known
	whole  float64                 // seconds of all stages
	pace   pace
	phase  phaseAtWork
	atOnce int  // items at work side by side
	mute   bool // the stage at work goes on where an earlier start of the night ended: its time tells nothing of the pace
}

// pace is how much longer things take than on the earlier night.
type pace struct{ expected, took float64 } // seconds, the later the more they count

func (p pace) value() float64 { return p.took / p.expected }

// with returns the pace after something that was expected to take so long; memory is the seconds after which it counts 1/e.
func (p pace) with(expected, took, memory float64) pace {
	usual := expected * p.value()
	took = min(max(took, usual/restSurprise), usual*restSurprise)
	keep := math.Exp(-expected / memory)
	return pace{keep*p.expected + expected, keep*p.took + took}
}

// phaseAtWork is the phase of the stage at work.
type phaseAtWork struct {
	name     string
	began    time.Time
	seconds  float64 // expected; 0 = it was not there on the earlier night
	items    int     // 0 = those of the earlier night are not known
	done     int
	measures bool // its time tells of the pace
}

// newNightRest measures by what stages are expected to take. A resumed night may begin within a stage.
func newNightRest(stages []nightly.StageForecast, resumed bool) nightRest {
	r := nightRest{stages: slices.Clone(stages), atOnce: runtime.GOMAXPROCS(0), mute: resumed}
	for _, s := range stages {
		r.whole += s.Seconds
	}
	r.pace = pace{restTrust * r.whole, restTrust * r.whole}
	return r
}

// begin notes that a stage is at work: those before it were done earlier.
func (r *nightRest) begin(stage string) {
	if at := r.find(stage); at >= 0 {
		r.stages = r.stages[at:]
	}
}

// start notes that a phase of the stage at work begins: those expected before it are passed over.
func (r *nightRest) start(stage, phase string, items int, now time.Time) {
	if r.find(stage) != 0 {
		return
	}
	s := &r.stages[0]
	at := slices.IndexFunc(s.Phases, func(p lake.PhaseRecord) bool { return p.Phase == phase })
	if at < 0 && r.phase.name != "" && r.phase.items == 0 {
		return // all that is not known is one
	}
	r.close(now)
	r.phase = phaseAtWork{name: phase, began: now}
	if at < 0 {
		r.phase.seconds, r.phase.measures = max(s.Seconds-seconds(s.Phases), 0), s.Phases == nil // what is added is a guess, a stage is not
		s.Seconds -= r.phase.seconds
		return
	}
	r.phase.seconds, r.phase.items, r.phase.measures = s.Phases[at].Seconds, items, true
	s.Seconds -= seconds(s.Phases[:at+1])
	s.Phases = s.Phases[at+1:]
}

func seconds(phases []lake.PhaseRecord) (all float64) {
	for _, p := range phases {
		all += p.Seconds
	}
	return all
}

// did notes that items of a phase are done.
func (r *nightRest) did(phase string, items int) {
	if r.phase.name == phase {
		r.phase.done += items
	}
}

// end notes that a stage has ended.
func (r *nightRest) end(stage string, now time.Time) {
	if at := r.find(stage); at >= 0 {
		r.close(now)
		r.stages, r.mute = r.stages[at+1:], false
	}
}

// close ends the phase at work.
func (r *nightRest) close(now time.Time) {
	if r.tells() {
		r.pace = r.pace.with(r.phase.seconds, now.Sub(r.phase.began).Seconds(), restMemory*r.whole)
	}
	r.phase = phaseAtWork{}
}

// tells reports whether the time of the phase at work tells of the pace.
func (r *nightRest) tells() bool { return r.phase.measures && r.phase.seconds > 0 && !r.mute }

func (r *nightRest) find(stage string) int {
	return slices.IndexFunc(r.stages, func(s nightly.StageForecast) bool { return s.Stage == stage })
}

// left returns the time that the rest of the stage at work and the stages after it will take; 0 = not known.
func (r *nightRest) left(now time.Time) time.Duration {
	if len(r.stages) == 0 || r.whole == 0 {
		return 0
	}
	pace, rest := r.pace, 0.
	if expected := r.phase.seconds; expected > 0 {
		elapsed := now.Sub(r.phase.began).Seconds()
		passed := r.phase.passed(elapsed/(pace.value()*expected), r.atOnce)
		if r.tells() && passed > 0 {
			pace = pace.with(passed*expected, elapsed, restMemory*r.whole)
		}
		rest = (1 - passed) * expected
	}
	for _, s := range r.stages {
		rest += s.Seconds
	}
	return time.Duration(pace.value() * rest * float64(time.Second))
}

// passed returns which share of the phase has passed: that of its time, moved to where it agrees with the items done and at work, all
// the way where there are many.
func (p phaseAtWork) passed(ofTime float64, atOnce int) float64 {
	if ofTime > restLate {
		ofTime = 1 - (1-restLate)*math.Exp((restLate-ofTime)/(1-restLate))
	}
	if p.items == 0 {
		return ofTime
	}
	items := float64(p.items)
	agreed := min(max(ofTime, float64(p.done)/items), float64(min(p.done+atOnce, p.items))/items)
	trust := items / (items + restUnequal)
	return trust*agreed + (1-trust)*ofTime
}
