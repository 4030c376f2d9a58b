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
	sub := &Index{params: x.params, base: x.base, queries: some, screen: x.screen.with(some)}
	return sub.Search(ctx, 0, len(positions))
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
	best.Reset(x.params.K)
	block := stripe{at / BlockRows, at/BlockRows + 1, -1}
	for b := range x.base.blocks() {
		if !x.near.meets(block, stripe{b, b + 1, -1}) {
			continue
		}
		lo, hi := x.base.block(b)
		for j := lo; j < hi; j++ {
			if j != int(x.queries.twin[at]) {
				best.Push(x.base.order[j], score(x.base.weight[j], x.queries.row(at), x.base.row(j)))
			}
		}
	}
	return best.Sorted()
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

// Widen returns the index with lists from at least twice as many near blocks, until at least the share floor of the first k entries of the
// exact lists at some positions is found; and how often it doubled. An index that is exact stays as it is.
func (x *Index) Widen(ctx context.Context, positions []int, k int, floor float64) (wider *Index, doublings int, err error) {
	if x.near == nil {
		return x, 0, nil
	}
	exact, err := x.Exact(ctx, positions)
	if err != nil {
		return nil, 0, err
	}
	for ; x.near != nil; doublings++ {
		if hits, wanted := x.found(positions, exact, k); float64(hits) >= math.Ceil(floor*float64(wanted)) {
			break
		}
		x = x.meeting(2 * x.params.Near)
	}
	return x, doublings, nil
}

// meeting returns the index with another number of near blocks.
func (x *Index) meeting(near int) *Index {
	out := *x
	out.params.Near, out.near = near, nil
	if near > 0 && near < x.base.blocks() {
		out.near = newGraph(x, near)
	}
	return &out
}

// Near returns how many base blocks a block of queries meets; 0 = all.
func (x *Index) Near() int {
	if x.near == nil {
		return 0
	}
	return x.params.Near
}
