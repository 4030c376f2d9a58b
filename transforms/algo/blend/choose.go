package blend

import "math"

// Choose returns which of some weights to take by what each is worth on the same cases, values[weight][case]; the first is
// the one that was set. It stays unless the best beats it by the share least of its mean and by three standard errors of their
// paired difference. Else that weight nearest to the first is taken whose loss to the best is within one standard error.
//
// Source: the one-standard-error rule of Breiman et al. 1984, "Classification and Regression Trees", 3.4.3. Cost: O(values).
func Choose(weights []float64, values [][]float64, least float64) int {
	best := 0
	for w := range weights {
		if mean(sumOf(values[w]), float64(len(values[w]))) > mean(sumOf(values[best]), float64(len(values[best]))) {
			best = w
		}
	}
	gain, se := paired(values[best], values[0])
	if gain < least*mean(sumOf(values[0]), float64(len(values[0]))) || gain <= 3*se {
		return 0
	}
	chosen := best
	for w := 1; w < len(weights); w++ {
		if loss, se := paired(values[best], values[w]); loss <= se && math.Abs(weights[w]-weights[0]) < math.Abs(weights[chosen]-weights[0]) {
			chosen = w
		}
	}
	return chosen
}

func sumOf(v []float64) (sum float64) {
	for _, x := range v {
		sum += x
	}
	return sum
}

// paired returns the mean of a - b and its standard error; infinite for fewer than two cases.
func paired(a, b []float64) (diff, se float64) {
	n := float64(len(a))
	if n < 2 {
		return 0, math.Inf(1)
	}
	diff = (sumOf(a) - sumOf(b)) / n
	var squares float64
	for i := range a {
		d := a[i] - b[i] - diff
		squares += d * d
	}
	return diff, math.Sqrt(squares / (n - 1) / n)
}
