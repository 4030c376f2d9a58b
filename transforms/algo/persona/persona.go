// Package persona cuts listeners into personas: how many there are by stability, kept under their numbers from night to night.
//
//	persona.go    Params, Fit
//	stability.go  how well a number of personas comes out again from half of the listeners
//	agree.go      Agreement: the adjusted Rand index
//	keep.go       last night's personas: where they are tonight, and which new ones continue them
//	signals.go    Signals: the persona of a listener of whom only country, device and picked genres are known
package persona

import (
	"math"
	"slices"
)

// None is the persona of a listener without one.
const None int32 = -1

// Params decide how many personas there are.
type Params struct {
	Min, Max int    // personas at least and at most, 2 ≤ Min ≤ Max
	Seed     uint64 // of every draw
}

// Model is the personas of a night.
type Model struct {
	IDs       []int32   // number of each persona, the same from night to night
	Centres   []float32 // [len(IDs) × dim]
	Assign    []int32   // persona of each row, as an index of IDs
	Stability float64   // mean Agreement of halves for this many personas, at most 1
	Refitted  bool      // cut anew tonight, not continued from last night
}

// equal is by how much the stability of two numbers of personas may differ to count as the same.
const equal = 0.05

// slack is how much less stable last night's number of personas may be than the best one and still be kept.
const slack = 0.1

// iterations of k-means: personas should settle.
const iterations = 15

// Fit cuts rows [n × dim] into personas. last has the persona of each row last night by its number, None = had none.
//
// Method: of k in [Min, Max], and at most a tenth of the rows, the most stable under resampling (Stability; of equals within
// .05 the larger). Last night's personas are continued when there are two at least and their number is not less stable than
// the best by more than slack: k-means starts at the means of their members in tonight's rows, so that the numbers stay
// with their listeners whatever happened to the space of the rows. Else rows are cut anew, and a new persona continues the
// old one with which it shares most members (each at most once, most first); others get new numbers.
// Fewer than 2·Min rows have no personas. Order: a function of the rows in their order, last and the seed.
func Fit(rows []float32, dim int, last []int32, p Params) (Model, error) {
	n := 0
	if dim > 0 {
		n = len(rows) / dim
	}
	if n < 2*p.Min {
		return Model{}, nil
	}
	stable, err := stabilities(rows, dim, p)
	if err != nil {
		return Model{}, err
	}
	best := 0
	for i := range stable {
		if stable[i] >= slices.Max(stable)-equal {
			best = i
		}
	}
	old := numbers(last)
	if at := len(old) - p.Min; len(old) >= p.Min && at < len(stable) && stable[at] >= stable[best]-slack {
		return carryOn(rows, dim, last, old, stable[at]), nil
	}
	fit, err := cut(rows, dim, p.Min+best, p.Seed)
	if err != nil {
		return Model{}, err
	}
	m := Model{Centres: fit.Centres, Assign: fit.Assign, Stability: stable[best], Refitted: true}
	m.IDs = continued(m.Assign, len(m.Centres)/dim, last)
	return m, nil
}

// Near returns the index of the persona whose centre is nearest to a row, the first of equals; None without personas.
func (m Model) Near(row []float32) int32 {
	if len(m.IDs) == 0 {
		return None
	}
	best, near := int32(0), math.Inf(1)
	for i := range m.IDs {
		far := 0.0
		for d, c := range m.Centres[i*len(row) : (i+1)*len(row)] {
			x := float64(row[d]) - float64(c)
			far += float64(x * x)
		}
		if far < near {
			best, near = int32(i), far
		}
	}
	return best
}
