package pareto

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

var box = []Range{{Low: 0, High: 1}, {Low: 1, High: 100, Log: true}, {Low: -2, High: 2}}

// (3,1), (2,2) and (1,3) are the front; (1,1) is worse than (2,2), and the second (2,2) is no news.
func TestFrontByHand(t *testing.T) {
	var trials []Trial
	for _, v := range [][]float64{{3, 1}, {1, 1}, {2, 2}, {1, 3}, {2, 2}, {2, 1}} {
		trials = append(trials, Trial{Value: v})
	}
	if got := Front(trials); !slices.Equal(got, []int{0, 2, 3}) {
		t.Errorf("front %v", got)
	}
	if got := Front(nil); len(got) != 0 {
		t.Errorf("front of nothing %v", got)
	}
}

// No trial of the front is dominated, and every other one is, by one of the front or equal to an earlier one.
func TestFrontLaw(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		var trials []Trial
		for range 1 + r.IntN(40) {
			trials = append(trials, Trial{Value: []float64{float64(r.IntN(6)), float64(r.IntN(6)), float64(r.IntN(6))}})
		}
		front := Front(trials)
		for i, a := range trials {
			beaten := slices.ContainsFunc(front, func(j int) bool {
				return j != i && (dominates(trials[j], a) || equal(trials[j].Value, a.Value))
			})
			if beaten == slices.Contains(front, i) {
				t.Fatalf("seed %d: trial %d of %v, front %v", seed, i, trials, front)
			}
		}
	}
}

// The first point is the start; all others lie in the box, have four digits, differ, and depend on the arguments alone.
func TestProposals(t *testing.T) {
	start := []float64{.123456789, 10, 0}
	search := func(seed uint64) (trials []Trial) {
		for range 60 {
			at := Propose(box, start, trials, seed)
			trials = append(trials, Trial{At: at, Value: []float64{-math.Abs(at[0] - .3), -math.Abs(at[2] - 1)}})
		}
		return trials
	}
	trials := search(1)
	if !slices.Equal(trials[0].At, start) {
		t.Errorf("first point %v", trials[0].At)
	}
	for i, tr := range trials[1:] {
		for k, b := range box {
			if v := tr.At[k]; v < b.Low || v > b.High || len(strconv.FormatFloat(math.Abs(v), 'e', -1, 64)) > 9 {
				t.Errorf("point %d: %v", i+1, tr.At)
			}
		}
		if slices.Equal(tr.At, trials[i].At) {
			t.Errorf("point %d is the one before", i+1)
		}
	}
	again := search(1)
	for i := range trials {
		if !slices.Equal(trials[i].At, again[i].At) {
			t.Fatalf("point %d is %v, then %v", i, trials[i].At, again[i].At)
		}
	}
	if other := search(2); slices.Equal(other[1].At, trials[1].At) {
		t.Error("another seed gives the same points")
	}
}

// The search comes closer to a known optimum than as many points spread evenly, for most of ten seeds.
func TestSearchFindsOptimum(t *testing.T) {
	value := func(at []float64) []float64 {
		return []float64{-math.Pow(at[0]-.31, 2) - math.Pow(box[1].place(at[1])-.77, 2) - math.Pow((at[2]-1.1)/4, 2)}
	}
	wins := 0
	for seed := range uint64(10) {
		var trials []Trial
		best, spread := math.Inf(-1), math.Inf(-1)
		for i := range 80 {
			at := Propose(box, []float64{0, 1, -2}, trials, seed)
			trials = append(trials, Trial{at, value(at)})
			best, spread = max(best, value(at)[0]), max(spread, value(halton(box, i, seed))[0])
		}
		if best > spread {
			wins++
		}
	}
	if wins < 8 {
		t.Errorf("the search is better %d times in 10", wins)
	}
}

// place and at are inverse, and ends are met.
func TestRange(t *testing.T) {
	for _, b := range box {
		for _, u := range []float64{0, .25, .5, 1} {
			if got := b.place(b.at(u)); math.Abs(got-u) > 1e-3 {
				t.Errorf("%+v: %g becomes %g", b, u, got)
			}
		}
	}
}
