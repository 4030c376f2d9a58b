package scoring

import (
	"errors"
	"fmt"
)

// Weights are the weights of the three terms. Rule: added in float64 and rounded to float32 they are exactly 1.
type Weights struct{ Taste, Context, Popularity float32 }

// NewWeights rounds context and popularity to float32 and gives taste what they leave of 1, rounded once.
// Errors: a negative weight, or weights over 1 together.
func NewWeights(context, popularity float64) (Weights, error) {
	if !(context >= 0) || !(popularity >= 0) {
		return Weights{}, errors.New("set weights: context and popularity must not be negative")
	}
	w := rest(context, popularity)
	if w.Taste < 0 {
		return w, fmt.Errorf("set weights: context and popularity add up to %v, at most 1 is there", context+popularity)
	}
	return w, nil
}

// rest returns the weights of context and popularity, rounded, and of taste, which has the rest: taste is rounded by less
// than half a step below 1, so that the rounded sum is 1.
func rest(context, popularity float64) Weights {
	w := Weights{Context: float32(context), Popularity: float32(popularity)}
	w.Taste = float32(1 - float64(w.Context) - float64(w.Popularity))
	return w
}

// Without returns the weights of a listener of whom taste or context is unknown: its share goes to the known terms in
// their proportion. Without context, 0.7, 0.2, 0.1 become 0.875, 0, 0.125. With neither, popularity has all.
func (w Weights) Without(taste, context bool) Weights {
	t, c, p := float64(w.Taste), float64(w.Context), float64(w.Popularity)
	if taste {
		t = 0
	}
	if context {
		c = 0
	}
	sum := t + c + p
	if sum == 0 {
		return Weights{Popularity: 1}
	}
	if taste { // rounded to 0 exactly, the rest of 1 is context's
		popularity := float32(p / sum)
		if c == 0 {
			popularity = 1
		}
		return Weights{Context: float32(1 - float64(popularity)), Popularity: popularity}
	}
	return rest(c/sum, p/sum)
}

// between returns the weights between two, a having share x.
func between(a, b Weights, x float32) Weights {
	mix := func(p, q float32) float64 { return float64(float64(x)*float64(p)) + float64((1-float64(x))*float64(q)) }
	return rest(mix(a.Context, b.Context), mix(a.Popularity, b.Popularity))
}

// Terms are the stored terms of one row, each in [0,1].
type Terms struct{ Taste, Context, Popularity float32 }

// Score returns w_taste·taste + w_context·context + w_popularity·popularity + adjustment: float32 widened to float64,
// added left to right, rounded once. The conversions forbid the compiler to fuse a product with a sum.
func Score(w Weights, t Terms, adjustment float32) float32 {
	s := float64(float64(w.Taste) * float64(t.Taste))
	s = float64(s + float64(float64(w.Context)*float64(t.Context)))
	s = float64(s + float64(float64(w.Popularity)*float64(t.Popularity)))
	return float32(s + float64(adjustment))
}
