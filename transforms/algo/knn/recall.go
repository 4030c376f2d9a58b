package knn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// Sample returns m positions of n, drawn without replacement, ascending; all if there are not more.
func Sample(n, m int, seed uint64) []int {
	draw := rand.New(rand.NewPCG(seed, 0x726563616c6c))
	out := draw.Perm(n)[:min(n, m)]
	slices.Sort(out)
	return out
}

// Exact returns the exact lists of the queries at some positions, whatever Params.Near. Cost: 2·len(positions)·N·Dim flops.
func (x *Index) Exact(ctx context.Context, positions []int) (*Lists, error) {
	q, dim := x.queries, x.base.dim
	some := &side{dim: dim}
	for _, at := range positions {
		some.order = append(some.order, q.order[at])
		some.rows = append(some.rows, q.row(at)...)
		some.twin = append(some.twin, q.twin[at])
		some.weight = append(some.weight, 1)
	}
	some.means, some.spread = make([]float32, some.blocks()*dim), make([]float32, some.blocks())
	return x.asked(some).Search(ctx, 0, len(positions))
}

// Recall returns how many of the first k entries of the exact lists of some queries, found by the screen, are among the best of scoring pair by
// pair all rows they meet, which is what Search finds, and how many there are. An exact index meets all rows: there both are the same lists
// found in two ways. Cost: that of Exact, and of the pairs.
func (x *Index) Recall(ctx context.Context, positions []int, k int) (hits, wanted int, err error) {
	exact, err := x.Exact(ctx, positions)
	if err != nil {
		return 0, 0, err
	}
	hits, wanted = x.found(positions, exact, k)
	return hits, wanted, nil
}

// found compares the lists of queries with their exact ones.
func (x *Index) found(positions []int, exact *Lists, k int) (hits, wanted int) {
	in := make([]int, len(positions))
	vec.Each(len(positions), func(i int) {
		want := exact.of(i)
		in[i] = common(x.met(positions[i]), want[:min(k, len(want))])
	})
	for i, n := range in {
		hits += n
		wanted += min(k, len(exact.of(i)))
	}
	return hits, wanted
}

// met returns the K best of the base rows that the query at a position meets.
func (x *Index) met(at int) []topk.Entry {
	var best topk.List
	near := x.metNear(at)
	if x.reach == 0 {
		return near
	}
	best.Reset(x.params.K)
	for _, e := range near {
		best.Push(e.ID, e.Score)
	}
	least := lastOf(near, x.params.K)
	for b := range x.base.blocks() {
		if !x.near.has(at/BlockRows, b) && x.seeks(at, b, least) {
			x.pushAll(at, b, &best)
		}
	}
	return best.Sorted()
}

// metNear returns the K best of the base rows of the blocks that the block of the query at a position meets.
func (x *Index) metNear(at int) []topk.Entry {
	var best topk.List
	best.Reset(x.params.K)
	for b := range x.base.blocks() {
		if x.near.has(at/BlockRows, b) {
			x.pushAll(at, b, &best)
		}
	}
	return best.Sorted()
}

// pushAll scores all rows of base block b with the query at a position.
func (x *Index) pushAll(at, b int, best *topk.List) {
	lo, hi := x.base.block(b)
	for j := lo; j < hi; j++ {
		if j != int(x.queries.twin[at]) {
			best.Push(x.base.order[j], score(x.base.weight[j], x.queries.row(at), x.base.row(j)))
		}
	}
}

// lastOf returns the last score of a list of k entries, -Inf of a shorter one.
func lastOf(list []topk.Entry, k int) float32 {
	if len(list) < k {
		return float32(math.Inf(-1))
	}
	return list[k-1].Score
}

// seeks reports whether base block b promises the query at a position more than least.
func (x *Index) seeks(at, b int, least float32) bool {
	dim := x.base.dim
	centre := append(slices.Clone(x.base.means[b*dim:(b+1)*dim]), x.base.spread[b])
	return score(1, x.ask(at, nil), centre) > least
}

// common counts the entries of want that are in got.
func common(got []topk.Entry, want []topk.Key) int {
	in := make(map[topk.Key]bool, len(got))
	for _, e := range got {
		in[topk.NewKey(e.ID, e.Score)] = true
	}
	n := 0
	for _, k := range want {
		if in[k] {
			n++
		}
	}
	return n
}

// Widen returns the index whose queries look as little further as finds at least the share floor of the first k entries of the exact lists
// at some positions; an exact one where nothing less does. An index that is exact stays as it is. Cost: that of Exact, and of near pairs.
func (x *Index) Widen(ctx context.Context, positions []int, k int, floor float64) (*Index, error) {
	if x.near == nil {
		return x, nil
	}
	exact, err := x.Exact(ctx, positions)
	if err != nil {
		return nil, err
	}
	least := make([]float32, len(positions))
	vec.Each(len(positions), func(i int) { least[i] = lastOf(x.metNear(positions[i]), x.params.K) })
	where := x.base.positions()
	for reach := 0.; reach <= reachMost; reach += reachStep {
		wide := x.reaching(reach)
		hits, wanted := 0, 0
		for i, at := range positions {
			list := exact.of(i)
			list = list[:min(k, len(list))]
			wanted += len(list)
			hits += wide.meets(at, least[i], list, where)
		}
		if float64(hits) >= math.Ceil(floor*float64(wanted)) {
			return wide, nil
		}
	}
	return x.meeting(0), nil
}

// meets counts the entries of the exact list of the query at a position that are in blocks it meets: those are in its list.
func (x *Index) meets(at int, least float32, exact []topk.Key, where []int32) (hits int) {
	for _, key := range exact {
		b := int(where[key.Entry().ID]) / BlockRows
		if x.near.has(at/BlockRows, b) || x.reach > 0 && x.seeks(at, b, least) {
			hits++
		}
	}
	return hits
}

// meeting returns the index with another number of near blocks.
func (x *Index) meeting(near int) *Index {
	out := *x
	out.params.Near, out.near, out.reach = near, nil, 0
	if near > 0 && near < x.base.blocks() {
		out.near = newGraph(x, near)
	}
	return &out
}

// Reach returns how many standard deviations beyond a block's mean a query looks for its best row; 0 = queries meet what their block meets.
func (x *Index) Reach() float64 { return x.reach }

// Near returns how many base blocks a block of queries meets; 0 = all.
func (x *Index) Near() int {
	if x.near == nil {
		return 0
	}
	return x.params.Near
}
