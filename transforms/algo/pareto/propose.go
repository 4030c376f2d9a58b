package pareto

import (
	"math"
	"math/rand/v2"
)

const (
	spread  = .15 // standard deviation of a step, in parts of a range
	explore = 4   // one point in so many is drawn from the whole box
)

// primes are the bases of the Halton sequence, one a parameter.
var primes = []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29}

// Most is the largest number of parameters.
var Most = len(primes)

// Propose returns the point to try after trials: start first; then, for twice as many trials as there are parameters, points
// spread evenly over the box; then a step from a trial of the front in about half of its parameters, but every fourth time
// again a point of the box. The point depends on the arguments alone.
//
// Source: Halton (1960) for the spread, turned by the seed (Cranley, Patterson 1976); steps as in an evolution strategy.
func Propose(box []Range, start []float64, trials []Trial, seed uint64) []float64 {
	i := len(trials)
	if i == 0 {
		return append([]float64(nil), start...)
	}
	r := rand.New(rand.NewPCG(seed, uint64(i)))
	if i <= 2*len(box) || i%explore == 0 {
		return halton(box, i, seed)
	}
	front := Front(trials)
	parent := trials[front[r.IntN(len(front))]]
	at := make([]float64, len(box))
	forced := r.IntN(len(box)) // one parameter moves in any case
	for k, b := range box {
		at[k] = parent.At[k]
		step := spread * r.NormFloat64()
		if move := r.IntN(2) == 0; move || k == forced {
			at[k] = b.at(reflect(b.place(at[k]) + step))
		}
	}
	return at
}

// reflect folds a place back into [0,1].
func reflect(u float64) float64 {
	u = math.Mod(math.Abs(u), 2)
	if u > 1 {
		return 2 - u
	}
	return u
}

// halton returns point i of the sequence, turned by the seed.
func halton(box []Range, i int, seed uint64) []float64 {
	turn := rand.New(rand.NewPCG(seed, math.MaxUint64))
	at := make([]float64, len(box))
	for k, b := range box {
		u, f := 0.0, 1.0
		for n := i; n > 0; n /= primes[k] {
			f /= float64(primes[k])
			u += f * float64(n%primes[k])
		}
		at[k] = b.at(math.Mod(u+turn.Float64(), 1))
	}
	return at
}
