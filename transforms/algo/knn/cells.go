package knn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"segue/transforms/algo/kmeans"
	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// cells cuts the rows ids into k cells by direction, each beside a near one.
func cells(rows []float32, dim int, ids []int32, k int, seed uint64) ([][]int32, error) {
	if k < 2 {
		return [][]int32{ids}, nil
	}
	own := make([]float32, 0, len(ids)*dim)
	for _, i := range ids {
		own = append(own, rows[int(i)*dim:int(i+1)*dim]...)
	}
	cut, err := kmeans.Fit(own, dim, nil, kmeans.Params{
		K: k, Iterations: cellIterations, Sample: cellSample * k, Spherical: true, Drawn: true, Seed: seed,
	})
	if err != nil {
		return nil, fmt.Errorf("arrange rows: %w", err)
	}
	out := make([][]int32, k)
	for r, i := range ids {
		c := cut.Assign[r]
		out[c] = append(out[c], i)
	}
	ordered := make([][]int32, k)
	for at, c := range chain(cut.Centres, dim) {
		ordered[at] = out[c]
	}
	return ordered, nil
}

// chain orders centres: from the first one always to the nearest of those left. Cost: centres²·dim flops.
func chain(centres []float32, dim int) []int32 {
	n := len(centres) / dim
	out := make([]int32, 0, n)
	left := make([]int32, n)
	for i := range left {
		left[i] = int32(i)
	}
	row := func(i int32) []float32 { return centres[int(i)*dim : int(i+1)*dim] }
	for at := 0; len(left) > 0; {
		c := left[at]
		out = append(out, c)
		left = slices.Delete(left, at, at+1)
		best := float32(math.Inf(-1))
		at = 0
		for k, o := range left {
			if s := simd.Dot(row(c), row(o)); s > best {
				at, best = k, s
			}
		}
	}
	return out
}

// Moves of rows to the nearest of all cells, found by this package's own search.
const (
	moves     = 1
	moveRows  = 1 << 16 // rows at a time
	moveCells = 64      // blocks of cells that a block of rows meets
)

// move puts every row into the cell whose mean direction is nearest: cells cut within larger ones split what lies across their borders.
// The order of cells stays; cells without rows go. Cost: 2·rows·moveCells·BlockRows·dim flops.
func move(rows []float32, dim int, from [][]int32) ([][]int32, error) {
	from = slices.DeleteFunc(from, func(c []int32) bool { return len(c) == 0 })
	centres := make([]float32, len(from)*dim)
	vec.Each(len(from), func(c int) {
		centre := centres[c*dim : (c+1)*dim]
		for _, i := range from[c] {
			vec.Axpy(1, rows[int(i)*dim:int(i+1)*dim], centre)
		}
		vec.Unit(centre)
	})
	ids := slices.Concat(from...)
	out := make([][]int32, len(from))
	for lo := 0; lo < len(ids); lo += moveRows {
		some := ids[lo:min(lo+moveRows, len(ids))]
		nearest, err := nearestCells(rows, dim, some, centres)
		if err != nil {
			return nil, err
		}
		for r, c := range nearest {
			out[c] = append(out[c], some[r])
		}
	}
	return out, nil
}

// nearestCells returns the centre of the largest inner product with each row, of those in the nearest blocks of centres.
func nearestCells(rows []float32, dim int, ids []int32, centres []float32) ([]int32, error) {
	p := Problem{Dim: dim, Base: centres, Queries: make([]float32, 0, len(ids)*dim)}
	for _, i := range ids {
		p.Queries = append(p.Queries, rows[int(i)*dim:int(i+1)*dim]...)
	}
	l := Layout{Base: notZero(centres, dim), Queries: numbers(0, len(ids))}
	x, err := NewIndex(p, l, Params{K: 1, Near: moveCells})
	if err != nil {
		return nil, err
	}
	found, err := x.Search(context.Background(), 0, len(ids))
	if err != nil {
		return nil, err
	}
	out := make([]int32, len(ids))
	for i := range out {
		for _, k := range found.of(i) {
			out[i] = k.Entry().ID
		}
	}
	return out, nil
}
