package shrink

import "gonum.org/v1/gonum/mathext"

// tail is what lies beyond each end of an interval: 90 % between.
const tail = 0.05

// Interval returns the 90 % credible interval of a class with posterior share mean in a Dirichlet of strength n: the 5 %
// and 95 % quantiles of Beta(mean·n, (1−mean)·n). A share of 0 or 1 is its own interval.
func Interval(mean, n float64) (low, high float64) {
	a, b := mean*n, (1-mean)*n
	if !(a > 0 && b > 0) {
		return mean, mean
	}
	return mathext.InvRegIncBeta(a, b, tail), mathext.InvRegIncBeta(a, b, 1-tail)
}
