package metrics

import (
	"math"
	"math/rand/v2"
	"slices"

	"segue/transforms/algo/vec"
)

// Series is a figure of cases: Σ Num / Σ Den over them. A mean has no Den, a ratio of two means has both, and so has a share
// that is pooled over cases.
type Series struct {
	Cases []int32   // the cases that count, ascending; nil = all
	Num   []float64 // by position in Cases
	Den   []float64 // the same; nil = 1 each
}

// Value returns Σ Num / Σ Den, NaN where Σ Den is 0.
func (s Series) Value() float64 {
	if s.Den == nil {
		return sum(s.Num) / float64(len(s.Num))
	}
	return over(sum(s.Num), sum(s.Den))
}

// drawBlock is how many draws are one task.
const drawBlock = 50

// Bootstrap returns every series with the 2.5 % and 97.5 % quantiles of its values over draws of as many cases with
// replacement. A draw is the same for all series, so those over two methods are paired, and a series over part of the cases
// sees as many of them as the draw happens to hold; a draw whose Σ Den is 0 does not count.
//
// Order:  draw d depends on (seed, d) and the number of cases alone.
// Cost:   draws · (cases + the lengths of all series), all cores.
// Source: Efron, Tibshirani (1993), "An introduction to the bootstrap", percentile interval.
func Bootstrap(cases int, series []Series, draws int, seed uint64) []Interval {
	values := make([][]float64, len(series)) // [series][draw]
	for i := range values {
		values[i] = make([]float64, draws)
	}
	vec.Each((draws+drawBlock-1)/drawBlock, func(b int) {
		weight := make([]float64, cases)
		for d := b * drawBlock; d < min((b+1)*drawBlock, draws); d++ {
			resample(weight, rand.New(rand.NewPCG(seed, uint64(d))))
			for i, s := range series {
				values[i][d] = s.drawn(weight)
			}
		}
	})
	out := make([]Interval, len(series))
	for i, s := range series {
		out[i] = bounds(s.Value(), values[i])
	}
	return out
}

// resample sets how often each case is drawn.
func resample(weight []float64, r *rand.Rand) {
	clear(weight)
	for range weight {
		weight[r.IntN(len(weight))]++
	}
}

// drawn returns the value of one draw, NaN where Σ Den is 0.
func (s Series) drawn(weight []float64) float64 {
	if s.Cases == nil {
		if s.Den == nil {
			return dot(weight, s.Num) / float64(len(s.Num))
		}
		return over(dot(weight, s.Num), dot(weight, s.Den))
	}
	var num, den float64
	for i, c := range s.Cases {
		w := weight[c]
		num += float64(w * s.Num[i])
		if s.Den == nil {
			den += w
		} else {
			den += float64(w * s.Den[i])
		}
	}
	return over(num, den)
}

func over(num, den float64) float64 {
	if den == 0 {
		return math.NaN()
	}
	return num / den
}

// dot adds in four lanes, so that additions do not wait for one another.
func dot(a, b []float64) float64 {
	var s [4]float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s[0] += float64(a[i] * b[i])
		s[1] += float64(a[i+1] * b[i+1])
		s[2] += float64(a[i+2] * b[i+2])
		s[3] += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s[0] += float64(a[i] * b[i])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// bounds returns the value with the quantiles of the draws that are numbers; without two of them the bounds equal the value.
func bounds(value float64, drawn []float64) Interval {
	known := slices.DeleteFunc(drawn, func(x float64) bool { return x != x })
	if len(known) < 2 {
		return Interval{value, value, value}
	}
	slices.Sort(known)
	return Interval{value, quantile(known, .025), quantile(known, .975)}
}

// quantile interpolates between order statistics (the default of R and NumPy).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
