package world

import (
	"math"
	"math/rand/v2"
	"sort"

	"segue/schemas"
)

// stream returns the random stream of one thing, such as playlist 17.
func stream(seed uint64, kind string, n int) *rand.Rand {
	return rand.New(rand.NewPCG(schemas.Hash64(seed, kind), uint64(n)))
}

// lognormal draws from the lognormal distribution of that median and sigma of the logarithm.
func lognormal(r *rand.Rand, median, sigma float64) float64 {
	return median * math.Exp(sigma*r.NormFloat64())
}

// poisson draws a count of that mean by Knuth's product of uniforms; for means below about 30.
func poisson(r *rand.Rand, mean float64) int {
	limit, p, n := math.Exp(-mean), 1.0, 0
	for {
		if p *= r.Float64(); p <= limit {
			return n
		}
		n++
	}
}

// wheel draws indices by weight.
type wheel struct{ upTo []float64 }

func newWheel(weights []float64) wheel {
	w := wheel{make([]float64, len(weights))}
	sum := 0.0
	for i, x := range weights {
		sum += x
		w.upTo[i] = sum
	}
	return w
}

// law is the Zipf-Mandelbrot law: weight (rank + shift)^-exponent.
type law struct{ exponent, shift float64 }

// mandelbrot returns a wheel over n ranks by that law.
func mandelbrot(n int, l law) wheel {
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = math.Pow(float64(i+1)+l.shift, -l.exponent)
	}
	return newWheel(weights)
}

func (w wheel) draw(r *rand.Rand) int {
	x := r.Float64() * w.upTo[len(w.upTo)-1]
	return min(sort.SearchFloat64s(w.upTo, x), len(w.upTo)-1)
}
