package within

import (
	"math"
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/cells/cellstest"
)

func total(parts ...Sums) (s Sums) {
	for _, p := range parts {
		s = s.Plus(p)
	}
	return s
}

// By hand: two listeners of weights 1 and ½ with shares .6 and .2 there, .3 and .2 overall: (.6 + .1)/(.3 + .1).
func TestLiftByHand(t *testing.T) {
	s := total(Of(4, 1, .6, .3), Of(2, .5, .2, .2))
	lift, low, high, ok := s.Lift()
	if !ok || math.Abs(lift-1.75) > 1e-7 || !(low < lift && lift < high) || s.Plays != 6 || s.Listeners != 2 {
		t.Errorf("lift %g [%g, %g] of %+v", lift, low, high, s)
	}
	variance := (math.Pow(.6-1.75*.3, 2) + .25*math.Pow(.2-1.75*.2, 2)) / (.4 * .4)
	if want := 1.75 * math.Exp(1.6448536*math.Sqrt(variance)/1.75); math.Abs(high-want) > 1e-5 {
		t.Errorf("high %g, want %g", high, want)
	}
	if lift, _, high, ok := total(Of(0, 1, 0, .3)).Lift(); lift != 0 || !ok || math.Abs(high-10) > 1e-6 {
		t.Errorf("a class not heard there has lift %g up to %g", lift, high)
	}
	if _, _, _, ok := (Sums{}).Lift(); ok {
		t.Error("nobody has a lift")
	}
}

// Sums obey the laws.
func TestLaws(t *testing.T) {
	cellstest.Laws(t, func(r *rand.Rand) Sums { return Of(r.Int64N(9), r.Float64(), r.Float64(), r.Float64()) })
}

// Planted lifts lie in their 90 % intervals, whatever plays and tastes listeners have: of 400 worlds at least
// 0.9·400 − 3·√(0.09·400) = 342. The most active tenth, who hear nothing of the class, do not outvote the others.
func TestCoverage(t *testing.T) {
	inside := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 3))
		lift := 0.5 + 1.5*r.Float64()
		var s Sums
		for range 150 {
			own := 0.1 + 0.3*r.Float64()
			plays := 1 + int(math.Exp(1.5*r.NormFloat64()+1))
			heard := 0
			for range plays {
				if r.Float64() < own*lift {
					heard++
				}
			}
			s = s.Plus(Of(int64(heard), Weight(float64(plays)), float64(heard)/float64(plays), own))
		}
		if _, low, high, _ := s.Lift(); low <= lift && lift <= high {
			inside++
		}
	}
	t.Logf("%d of 400 inside", inside)
	if inside < 342 {
		t.Errorf("%d of 400 planted lifts inside", inside)
	}
	var s Sums
	for i := range 100 {
		plays, here := 5.0, 0.4
		if i%10 == 0 {
			plays, here = 1e6, 0
		}
		s = s.Plus(Of(0, Weight(plays), here, .2))
	}
	if lift, _, _, _ := s.Lift(); lift < 1.6 {
		t.Errorf("a tenth of the listeners with a million plays each brings the lift from 2 to %g", lift)
	}
}
