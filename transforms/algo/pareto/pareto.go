// Package pareto searches a box of parameters for points that are good in several respects at once.
//
//	pareto.go  Range, Trial, Front: what dominates what
//	propose.go Propose: the next point to try
//
// A trial dominates another when it is at least as good in every respect and better in one; the front is what no trial
// dominates. Nothing here measures: the caller tries what Propose says and tells all trials so far, so a search that is
// continued from its trials goes on as if it had never stopped.
package pareto

import (
	"fmt"
	"math"
	"strconv"
)

// Range is what one parameter may be.
type Range struct {
	Low, High float64
	Log       bool // equal steps are equal factors; Low > 0
}

// at returns the value at a place in [0,1], with four digits, so that it can be written down exactly.
func (r Range) at(u float64) float64 {
	v := r.Low + u*(r.High-r.Low)
	if r.Log {
		v = r.Low * math.Pow(r.High/r.Low, u)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		panic(fmt.Sprintf("pareto: %v", err)) // a formatted float always parses
	}
	return min(max(short, r.Low), r.High)
}

// place is the inverse of at, cut to [0,1].
func (r Range) place(v float64) float64 {
	u := (v - r.Low) / (r.High - r.Low)
	if r.Log {
		u = math.Log(max(v, r.Low)/r.Low) / math.Log(r.High/r.Low)
	}
	return min(max(u, 0), 1)
}

// Trial is a point that was tried and how good it is in each respect; more is better.
type Trial struct {
	At    []float64 `json:"at"`
	Value []float64 `json:"value"`
}

// dominates reports whether a is at least as good as b in every respect and better in one.
func dominates(a, b Trial) bool {
	better := false
	for k := range a.Value {
		if a.Value[k] < b.Value[k] {
			return false
		}
		better = better || a.Value[k] > b.Value[k]
	}
	return better
}

// Front returns the trials that none dominates, in order; of equal ones the first. Cost: O(n²).
func Front(trials []Trial) []int {
	var front []int
next:
	for i, a := range trials {
		for j, b := range trials {
			if dominates(b, a) || j < i && equal(a.Value, b.Value) {
				continue next
			}
		}
		front = append(front, i)
	}
	return front
}

func equal(a, b []float64) bool {
	for k := range a {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}
