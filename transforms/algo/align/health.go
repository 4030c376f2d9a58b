package align

import (
	"math"
	"slices"
)

// Quantile returns the smallest value that at least the share q of values do not exceed; NaN for none. It sorts values.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	at := int(math.Ceil(q*float64(len(values)))) - 1
	return values[min(max(at, 0), len(values)-1)]
}

// Correlation returns Pearson's correlation of x and y, of equal length; 0 where one of them does not vary.
func Correlation(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xx, yy, xy float64
	for i := range x {
		a, b := x[i]-mx, y[i]-my
		xx, yy, xy = xx+a*a, yy+b*b, xy+a*b
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// Hubness returns the skewness of k-occurrence: counts[j] is in how many lists of neighbours song j stands. 0 = every song
// as often as any other; above some units a few songs are in everybody's list and many in none.
func Hubness(counts []int32) float64 {
	x := make([]float64, len(counts))
	for i, c := range counts {
		x[i] = float64(c)
	}
	m := mean(x)
	var second, third float64
	for _, v := range x {
		a := v - m
		second, third = second+a*a, third+a*a*a
	}
	if second == 0 {
		return 0
	}
	n := float64(len(x))
	return third / n / math.Pow(second/n, 1.5)
}

// Churn returns the share of the first k of a list that were not among the first k of the earlier one; of a list shorter than
// k the share of its length. 0 for an empty list.
func Churn[T comparable](earlier, now []T, k int) float64 {
	earlier, now = earlier[:min(k, len(earlier))], now[:min(k, len(now))]
	if len(now) == 0 {
		return 0
	}
	gone := 0
	for _, v := range now {
		if !slices.Contains(earlier, v) {
			gone++
		}
	}
	return float64(gone) / float64(len(now))
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(max(len(x), 1))
}
