// Package knn finds the most similar vectors by exhaustive search.
//
//	score(i → j) = n_j^g · cos(u_i, u_j) over unit vectors u
//
//	knn.go      Index, Scan
//
// Order: every list is computed alone, so cutting the queries changes nothing; ties go to the lower index.
package knn

import (
	"math"

	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// Sizes of the blocks: vectors of a base block stay in the second-level cache while the queries of a block pass over them.
const (
	queryBlock = 32
	baseBlock  = 512
)

// Index is a set of unit vectors to search.
type Index struct {
	Dim     int
	Vectors []float32 // [N×Dim]
	Scale   []float32 // [N] n_j^g; 0 = row j has no vector
}

// NewIndex returns the index of unit vectors; n counts the playlists of each. Rows of zeros are left out.
func NewIndex(vectors []float32, dim int, n []int32, g float64) *Index {
	x := &Index{dim, vectors, make([]float32, len(n))}
	for j, c := range n {
		for _, v := range vectors[j*dim : (j+1)*dim] {
			if v != 0 {
				x.Scale[j] = float32(math.Pow(float64(max(c, 1)), g))
				break
			}
		}
	}
	return x
}

// Scan calls f for each of the rows [lo, hi) with its k best, best first, never itself; none for a row without a vector.
// The entries are valid during the call only. Cost: 2·(hi-lo)·N·Dim flops.
func (x *Index) Scan(lo, hi, k int, f func(i int, best []topk.Entry)) {
	lists := make([]topk.List, queryBlock)
	for from := lo; from < hi; from += queryBlock {
		to := min(from+queryBlock, hi)
		for i := range to - from {
			lists[i].Reset(k)
		}
		for base := 0; base < len(x.Scale); base += baseBlock {
			end := min(base+baseBlock, len(x.Scale))
			for i := from; i < to; i++ {
				x.block(i, base, end, &lists[i-from])
			}
		}
		for i := from; i < to; i++ {
			f(i, lists[i-from].Sorted())
		}
	}
}

// block pushes the scores of query i against the rows [base, end).
func (x *Index) block(i, base, end int, best *topk.List) {
	if x.Scale[i] == 0 {
		return
	}
	q := x.Vectors[i*x.Dim : (i+1)*x.Dim]
	for j := base; j < end; j++ {
		if w := x.Scale[j]; w != 0 && j != i {
			best.Push(int32(j), w*vec.Dot(q, x.Vectors[j*x.Dim:(j+1)*x.Dim]))
		}
	}
}
