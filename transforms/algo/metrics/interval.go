package metrics

import "math"

// z is the 97.5 % quantile of the normal distribution, as the protocol rounds it.
const z = 1.96

// Interval is an estimate with its 95 % bounds; without two cases the bounds equal the estimate.
type Interval struct{ Value, Low, High float64 }

// Mean returns the mean of values with mean ± 1.96·sd/√n, sd with n-1; zero for no values.
func Mean(values []float64) Interval {
	n := float64(len(values))
	if n == 0 {
		return Interval{}
	}
	m := sum(values) / n
	if n == 1 {
		return Interval{m, m, m}
	}
	squares := make([]float64, len(values))
	for i, v := range values {
		squares[i] = (v - m) * (v - m)
	}
	half := z * math.Sqrt(sum(squares)/(n-1)) / math.Sqrt(n)
	return Interval{m, m - half, m + half}
}

// Ratio returns mean(values)/mean(baseline) over the same cases; its bounds are those of the mean paired difference
// over the mean of the baseline, plus 1. A baseline of mean 0 yields NaN throughout.
func Ratio(values, baseline []float64) Interval {
	d := make([]float64, len(values))
	for i := range values {
		d[i] = values[i] - baseline[i]
	}
	base := Mean(baseline).Value
	if base == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	p := Mean(d)
	return Interval{1 + p.Value/base, 1 + p.Low/base, 1 + p.High/base}
}

// sumBlock is the length of the runs that sum adds up one by one.
const sumBlock = 128

// sum adds pairwise over fixed blocks: the result depends on the values and their order alone.
func sum(v []float64) float64 {
	if len(v) <= sumBlock {
		var s float64
		for _, x := range v {
			s += x
		}
		return s
	}
	half := (len(v)/sumBlock + 1) / 2 * sumBlock
	return sum(v[:half]) + sum(v[half:])
}
