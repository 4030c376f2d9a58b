package persona

import (
	"errors"
	"math/rand/v2"

	"segue/transforms/algo/kmeans"
	"segue/transforms/algo/vec"
)

// Resampling of Stability: pairs of halves, rows looked at.
const (
	halves     = 3
	stableRows = 1000
)

// stabilities returns the stability of each number of personas from p.Min to p.Max, at most a tenth of the rows: the mean,
// over pairs of random halves of the rows, of how far the cuts learnt from the two halves agree on all rows.
//
// Source: Ben-Hur, Elisseeff and Guyon, A stability based method for discovering structure in clustered data (2002), with
// disjoint halves and the adjusted Rand index instead of overlapping parts and Jaccard's.
func stabilities(rows []float32, dim int, p Params) ([]float64, error) {
	r := rand.New(rand.NewPCG(p.Seed, 0x5e9e))
	rows = some(r, rows, dim, stableRows)
	n := len(rows) / dim
	var out []float64
	for k := p.Min; k <= p.Max && (k == p.Min || 10*k <= n); k++ {
		var from [2 * halves][]float32
		var seeds [2 * halves]uint64
		for h := 0; h < len(from); h += 2 {
			mixed, half := some(r, rows, dim, n), n/2*dim
			from[h], from[h+1], seeds[h], seeds[h+1] = mixed[:half], mixed[half:], r.Uint64(), r.Uint64()
		}
		var cuts [2 * halves][]int32
		var errs [2 * halves]error
		vec.Each(len(cuts), func(h int) { cuts[h], errs[h] = learn(from[h], rows, dim, k, seeds[h]) })
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		sum := 0.0
		for h := 0; h < len(cuts); h += 2 {
			sum += Agreement(cuts[h], cuts[h+1])
		}
		out = append(out, sum/halves)
	}
	return out, nil
}

// some returns at most most rows in a random order.
func some(r *rand.Rand, rows []float32, dim, most int) []float32 {
	order := r.Perm(len(rows) / dim)
	out := make([]float32, 0, min(len(order), most)*dim)
	for _, i := range order[:min(len(order), most)] {
		out = append(out, rows[i*dim:(i+1)*dim]...)
	}
	return out
}

// learn cuts all rows by the centres of some of them.
func learn(from, all []float32, dim, k int, seed uint64) ([]int32, error) {
	fit, err := cut(from, dim, k, seed)
	if err != nil {
		return nil, err
	}
	assign := make([]int32, len(all)/dim)
	kmeans.Nearest(all, dim, fit.Centres, false, assign)
	return assign, nil
}

// starts of k-means, of which the best cut counts: one start alone often ends with two groups under one centre.
const starts = 10

// cut returns the cut of least inertia of some starts.
func cut(rows []float32, dim, k int, seed uint64) (kmeans.Result, error) {
	return kmeans.Fit(rows, dim, nil, kmeans.Params{K: k, Iterations: iterations, Starts: starts, Seed: seed})
}
