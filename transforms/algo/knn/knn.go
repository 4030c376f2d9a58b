// Package knn finds, for every query, the base rows of the largest weighted inner product.
//
//	score(i → j) = w_j · (q_i · b_j);  for songs w_j = n_j^g and rows of length 1
//
//	knn.go      Search: the whole in one call
//	problem.go  Problem, Params, Popularity
//	layout.go   Arrange: near rows stand together, strong ones apart
//	cells.go    cells of rows, and rows moved to the nearest one
//	index.go    Index: rows by position
//	screen.go   screen: what a screen promises; the float32 tile and its error bound
//	bytes.go    the int8 tile and its error bound
//	turn.go     an orthogonal matrix that spreads rows over their elements
//	graph.go    which blocks meet when not all do
//	reach.go    which further blocks single queries meet
//	sweep.go    Index.Search: stripes against stripes, limits, hits
//	queue.go    tasks on all cores
//	recall.go   Sample, Exact, Recall, Widen: what near blocks miss
//	lists.go    Lists: pairs that passed the screen are scored and the best kept
//
// How: a screen leaves pairs that may be among the K best, and these are scored by one function, so lists are the same whatever screened
// them and in whatever order. Near blocks meet first: a list is nearly final before far rows come, and few of those pass.
package knn

import (
	"context"

	"segue/transforms/algo/topk"
)

// Search returns the lists of all queries: list i is of query i, empty for a query of zeros.
// Order, Errors, Cost: see Arrange and Index.Search. seed decides the layout, which changes a result only if Near is set.
func Search(ctx context.Context, p Problem, params Params, seed uint64) ([][]topk.Entry, error) {
	l, err := Arrange(p, seed)
	if err != nil {
		return nil, err
	}
	x, err := NewIndex(p, l, params)
	if err != nil {
		return nil, err
	}
	out := make([][]topk.Entry, len(p.queries())/p.Dim)
	for _, x := range []*Index{x, x.Rest(p, l)} {
		found, err := x.Search(ctx, 0, x.Positions())
		if err != nil {
			return nil, err
		}
		for i, q := range found.Queries {
			out[q] = found.List(i, nil)
		}
	}
	return out, nil
}
