package knn

import (
	"math"
	"slices"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// graph says which query blocks meet which base blocks: those meet[start[b]:start[b+1]] meet base block b, ascending.
type graph struct {
	start []int32
	meet  []int32
}

// deviations is how far from a block's mean score its best row is taken to be: 4 to 6 find the most, 0 misses what is strong but scattered.
const deviations = 5

// newGraph lets every query block meet the near base blocks that promise it the highest scores: that of their mean, and deviations
// times the standard deviation of scores that rows scattered alike in all directions have, |q|·spread/√d. In a base searched in
// itself the other block's lists gain from the meeting, too. Cost: 2·blocks²·Dim flops.
func newGraph(x *Index, near int) *graph {
	queries, base, dim := x.queries.blocks(), x.base.blocks(), x.base.dim
	pairs := make([][]topk.Entry, queries)
	vec.Each(queries, func(q int) {
		var best topk.List
		best.Reset(near)
		mean := x.queries.means[q*dim : (q+1)*dim]
		length := math.Sqrt(vec.SquaredNorm(mean) + float64(x.queries.spread[q]*x.queries.spread[q]))
		far := float32(deviations * length / math.Sqrt(float64(dim)))
		for b := range base {
			best.Push(int32(b), simd.Dot(mean, x.base.means[b*dim:(b+1)*dim])+far*x.base.spread[b])
		}
		pairs[q] = best.Sorted()
	})
	by := make([][]int32, base)
	for q, list := range pairs {
		for _, e := range list {
			by[e.ID] = append(by[e.ID], int32(q))
			if x.self {
				by[q] = append(by[q], e.ID)
			}
		}
		if x.self {
			by[q] = append(by[q], int32(q))
		}
	}
	g := &graph{start: make([]int32, 1, base+1)}
	for _, list := range by {
		slices.Sort(list)
		g.meet = append(g.meet, slices.Compact(list)...)
		g.start = append(g.start, int32(len(g.meet)))
	}
	return g
}

// partners appends the query blocks of a stripe that meet base block b, ascending; without a graph all do.
func (g *graph) partners(b int, queries stripe, out []int32) []int32 {
	if g == nil {
		for q := queries.lo; q < queries.hi; q++ {
			out = append(out, int32(q))
		}
		return out
	}
	all := g.meet[g.start[b]:g.start[b+1]]
	lo, _ := slices.BinarySearch(all, int32(queries.lo))
	hi, _ := slices.BinarySearch(all, int32(queries.hi))
	return append(out, all[lo:hi]...)
}

// meet reports whether any block of one stripe meets one of the other.
func (g *graph) meets(queries, base stripe) bool {
	if g == nil {
		return true
	}
	for b := base.lo; b < base.hi; b++ {
		all := g.meet[g.start[b]:g.start[b+1]]
		if lo, _ := slices.BinarySearch(all, int32(queries.lo)); lo < len(all) && int(all[lo]) < queries.hi {
			return true
		}
	}
	return false
}
