package scoring

import (
	"errors"
	"fmt"
)

// Weights are the weights of the three terms. Rule: added in float64 and rounded to float32 they are exactly 1.
type Weights struct{ Taste, Context, Popularity float32 }

// NewWeights rounds context and popularity to float32 and gives taste what they leave of 1, rounded once.
// Errors: a negative weight, or a taste below one half, where the rounded sum could miss 1.
func NewWeights(context, popularity float64) (Weights, error) {
	w := Weights{Context: float32(context), Popularity: float32(popularity)}
	w.Taste = float32(1 - float64(w.Context) - float64(w.Popularity))
	if !(context >= 0) || !(popularity >= 0) {
		return w, errors.New("set weights: context and popularity must not be negative")
	}
	if w.Taste < 0.5 {
		return w, fmt.Errorf("set weights: taste is left with %v, it needs at least 0.5", w.Taste)
	}
	return w, nil
}

// WithoutContext returns the weights of a listener whose context is unknown: its share goes to taste and popularity in
// their proportion, popularity rounded to float32 and taste the rest of 1. 0.7, 0.2, 0.1 become 0.875, 0, 0.125.
func (w Weights) WithoutContext() Weights {
	p := float32(float64(w.Popularity) / (float64(w.Taste) + float64(w.Popularity)))
	return Weights{Taste: float32(1 - float64(p)), Popularity: p}
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
