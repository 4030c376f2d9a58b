package knn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"segue/transforms/algo/simd"
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

// Recall returns how many of the first k entries of the exact lists of the queries at some positions, found by the screen, are among the best of
// scoring pair by pair all rows they meet, which is what Search finds, and how many there are. An exact index meets all rows: there both are the
// same lists found in two ways. Cost: that of the pairs.
func (x *Index) Recall(positions []int, exact *Lists, k int) (hits, wanted int) {
	in, centres := make([]int, len(positions)), x.base.centres()
	vec.Each(len(positions), func(i int) {
		want := exact.of(i)
		in[i] = common(x.met(positions[i], centres), want[:min(k, len(want))])
	})
	for i, n := range in {
		hits += n
		wanted += min(k, exact.Size(i))
	}
	return hits, wanted
}

// met returns the K best of the base rows that the query at a position meets.
func (x *Index) met(at int, centres []float32) []topk.Entry {
	var best topk.List
	near := x.metNear(at)
	if x.reach == 0 {
		return near
	}
	best.Reset(x.params.K)
	for _, e := range near {
		best.Push(e.ID, e.Score)
	}
	least, ask := lastOf(near, x.params.K), x.ask(at, nil)
	for b := range x.base.blocks() {
		if !x.near.has(at/BlockRows, b) && seeks(ask, centres, b, least) {
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
	var dots [BlockRows]float32
	simd.DotRows(dots[:hi-lo], x.base.rows[lo*x.base.dim:], ofBlock[:hi-lo], x.queries.row(at))
	for j := lo; j < hi; j++ {
		if j != int(x.queries.twin[at]) {
			best.Push(x.base.order[j], x.base.weight[j]*dots[j-lo])
		}
	}
}

// ofBlock numbers the rows of a block.
var ofBlock = numbers(0, BlockRows)

// lastOf returns the last score of a list of k entries, -Inf of a shorter one.
func lastOf(list []topk.Entry, k int) float32 {
	if len(list) < k {
		return float32(math.Inf(-1))
	}
	return list[k-1].Score
}

// seeks reports whether base block b promises a query more than least.
func seeks(ask, centres []float32, b int, least float32) bool {
	return score(1, ask, centres[b*len(ask):(b+1)*len(ask)]) > least
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
// at some positions; an exact one where nothing less does. An index that is exact stays as it is. Cost: that of near pairs.
func (x *Index) Widen(positions []int, exact *Lists, k int, floor float64) *Index {
	if x.near == nil {
		return x
	}
	least := make([]float32, len(positions))
	vec.Each(len(positions), func(i int) { least[i] = lastOf(x.metNear(positions[i]), x.params.K) })
	where, centres, wanted := x.base.positions(), x.base.centres(), 0
	for i := range positions {
		wanted += min(k, exact.Size(i))
	}
	enough := func(step int) bool {
		wide, hits := x.reaching(float64(step)*reachStep), make([]int, len(positions))
		vec.Each(len(positions), func(i int) {
			ask, list := wide.ask(positions[i], nil), exact.of(i)
			for _, key := range list[:min(k, len(list))] {
				if b := int(where[key.Entry().ID]) / BlockRows; x.near.has(positions[i]/BlockRows, b) || step > 0 && seeks(ask, centres, b, least[i]) {
					hits[i]++ // a row that is met is in the list
				}
			}
		})
		return float64(sum(hits)) >= math.Ceil(floor*float64(wanted))
	}
	const steps = reachMost / reachStep // promises rise with the reach
	if step := sort.Search(steps+1, enough); step <= steps {
		return x.reaching(float64(step) * reachStep)
	}
	return x.meeting(0)
}

func sum(counts []int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
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
