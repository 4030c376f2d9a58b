package knn

import (
	"context"
	"math"
	"slices"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// graph says which query blocks meet which base blocks: those of row b of meet meet base block b.
type graph struct{ meet csr.Matrix }

// deviations is how far from a block's mean score its best row is taken to be: 4 to 6 find the most, 0 misses what is strong but scattered.
const deviations = 5

// newGraph lets every query block meet the near base blocks that promise it the highest scores; in a base searched in itself the other
// block's lists gain from the meeting, too.
func newGraph(x *Index, near int) *graph {
	base := x.base.blocks()
	by := make([][]int32, base)
	found := promising(x, near)
	for i, q := range found.Queries {
		for _, k := range found.of(i) {
			b := k.Entry().ID
			by[b] = append(by[b], q)
			if x.self {
				by[q] = append(by[q], b)
			}
		}
	}
	g := &graph{csr.Matrix{Start: make([]int64, 1, base+1)}}
	for b, list := range by {
		if x.self {
			list = append(list, int32(b))
		}
		slices.Sort(list)
		g.meet.Items = append(g.meet.Items, slices.Compact(list)...)
		g.meet.Start = append(g.meet.Start, int64(len(g.meet.Items)))
	}
	return g
}

// promising returns for every query block the base blocks of the highest promise: the score of their means, and deviations times the
// standard deviation of scores that rows scattered alike in all directions have, |q|·spread/√d. That is one more element of an
// inner product, so it is found as rows are. Cost: 2·blocks²·(Dim+1) flops.
func promising(x *Index, near int) *Lists {
	queries, base, dim := x.queries, x.base, x.base.dim
	p := Problem{Dim: dim + 1}
	for b := range base.blocks() {
		p.Base = append(append(p.Base, base.means[b*dim:(b+1)*dim]...), base.spread[b])
	}
	for q := range queries.blocks() {
		mean := queries.means[q*dim : (q+1)*dim]
		length := math.Sqrt(vec.SquaredNorm(mean) + float64(queries.spread[q])*float64(queries.spread[q]))
		p.Queries = append(append(p.Queries, mean...), float32(deviations*length/math.Sqrt(float64(dim))))
	}
	l := Layout{Base: notZero(p.Base, p.Dim), Queries: notZero(p.Queries, p.Dim)}
	blocks, err := NewIndex(p, l, Params{K: near})
	var found *Lists
	if err == nil {
		found, err = blocks.Search(context.Background(), 0, len(l.Queries))
	}
	if err != nil {
		panic("knn.promising: " + err.Error()) // parameters and ranges are ours, and nothing stops it
	}
	return found
}

// notZero returns the numbers of rows that are not all zero.
func notZero(rows []float32, dim int) []int32 {
	var out []int32
	for i := range len(rows) / dim {
		if !zero(rows[i*dim : (i+1)*dim]) {
			out = append(out, int32(i))
		}
	}
	return out
}

// partners appends the query blocks of a stripe that meet base block b, ascending; without a graph all do.
func (g *graph) partners(b int, queries stripe, out []int32) []int32 {
	if g == nil {
		for q := queries.lo; q < queries.hi; q++ {
			out = append(out, int32(q))
		}
		return out
	}
	all := g.meet.Row(b)
	lo, _ := slices.BinarySearch(all, int32(queries.lo))
	hi, _ := slices.BinarySearch(all, int32(queries.hi))
	return append(out, all[lo:hi]...)
}

// has reports whether a query block meets a base block.
func (g *graph) has(query, base int) bool {
	if g == nil {
		return true
	}
	_, ok := slices.BinarySearch(g.meet.Row(base), int32(query))
	return ok
}

// meets reports whether any block of one stripe meets one of the other.
func (g *graph) meets(queries, base stripe) bool {
	if g == nil {
		return true
	}
	for b := base.lo; b < base.hi; b++ {
		all := g.meet.Row(b)
		if lo, _ := slices.BinarySearch(all, int32(queries.lo)); lo < len(all) && int(all[lo]) < queries.hi {
			return true
		}
	}
	return false
}
