package knn

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// stripeBlocks is how many blocks a task takes from each side: both fit the second-level cache.
const stripeBlocks = 20

// Search returns the lists of the queries at positions [lo,hi); lo is a multiple of BlockRows, hi too or Positions().
//
// Order:  score falling, then base row ascending; lists depend on problem, layout and Params alone: not on the range, the
// number of cores, or the screen.
// Errors: a range that does not fit; the context's.
// Cost:   2·(hi-lo)·N·Dim flops, half that for pairs within the range of a base searched in itself, less by what is not near; all cores.
// Memory: 10·K bytes a list.
func (x *Index) Search(ctx context.Context, lo, hi int) (*Lists, error) {
	n := x.Positions()
	if lo < 0 || lo > hi || hi > n || lo%BlockRows != 0 || hi%BlockRows != 0 && hi != n {
		return nil, fmt.Errorf("search positions %d to %d of %d: not whole blocks of %d", lo, hi, n, BlockRows)
	}
	s := &sweep{x: x, lo: lo, lists: newLists(x, lo, hi), factors: x.screen.factors()[:len(x.base.order)]}
	s.above = make([]float32, (hi-lo+BlockRows-1)/BlockRows*BlockRows)
	for i := range s.above {
		if s.above[i] = float32(math.Inf(-1)); i >= hi-lo {
			s.above[i] = float32(math.Inf(1))
		}
	}
	err := s.run(ctx, s.tasks())
	if err == nil && x.reach > 0 {
		err = s.further(ctx)
	}
	if err != nil {
		return nil, err
	}
	vec.Each((hi-lo+BlockRows-1)/BlockRows, func(b int) {
		for i := b * BlockRows; i < min((b+1)*BlockRows, hi-lo); i++ {
			s.lists.finish(i)
		}
	})
	return s.lists, nil
}

// sweep is one search under way.
type sweep struct {
	x       *Index
	lo      int // first position
	lists   *Lists
	above   []float32 // limit of each query of the range, to whole blocks
	factors []float32
}

// task is a stripe of queries against a stripe of base blocks.
type task struct {
	queries, base stripe
	both          bool // the base blocks are queries of the range as well: each product serves two lists
	near          float32
}

// stripe is the blocks [lo,hi). lock numbers those whose lists a task changes; -1 = none.
type stripe struct{ lo, hi, lock int }

// stripes cuts blocks [lo,hi); the first has the number lock unless that is -1.
func stripes(lo, hi, lock int) []stripe {
	var out []stripe
	for ; lo < hi; lo += stripeBlocks {
		out = append(out, stripe{lo, min(lo+stripeBlocks, hi), lock})
		if lock >= 0 {
			lock++
		}
	}
	return out
}

// tasks returns what is to be done, nearest stripes first: then limits are high before far rows come.
func (s *sweep) tasks() []task {
	lo := s.lo / BlockRows
	hi := lo + len(s.above)/BlockRows
	queries := stripes(lo, hi, 0)
	var base []stripe
	if s.x.self {
		base = slices.Concat(stripes(0, lo, -1), queries, stripes(hi, s.x.base.blocks(), -1))
	} else {
		base = stripes(0, s.x.base.blocks(), -1)
	}
	qMeans, bMeans := stripeMeans(s.x.queries, queries), stripeMeans(s.x.base, base)
	dim := s.x.base.dim
	var out []task
	for i, q := range queries {
		for j, b := range base {
			if b.lock >= 0 && b.lock < q.lock || !s.x.near.meets(q, b) {
				continue
			}
			near := simd.Dot(qMeans[i*dim:(i+1)*dim], bMeans[j*dim:(j+1)*dim])
			if b == q {
				near = float32(math.Inf(1))
			}
			out = append(out, task{q, b, b.lock >= 0, near})
		}
	}
	slices.SortStableFunc(out, func(a, b task) int { return cmp.Compare(b.near, a.near) })
	return out
}

func stripeMeans(s *side, all []stripe) []float32 {
	out := make([]float32, len(all)*s.dim)
	for i, st := range all {
		for b := st.lo; b < st.hi; b++ {
			vec.Axpy(1, s.means[b*s.dim:(b+1)*s.dim], out[i*s.dim:(i+1)*s.dim])
		}
	}
	return out
}

// run does the tasks on all cores; no two at a time change the same lists.
func (s *sweep) run(ctx context.Context, tasks []task) error {
	q := newQueue(tasks, len(s.above)/BlockRows/stripeBlocks+1)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), max(1, len(tasks))) {
		wg.Go(func() {
			w := worker{sweep: s}
			for t, ok := q.next(); ok; t, ok = q.next() {
				if ctx.Err() == nil {
					w.do(t)
				}
				q.done(t)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// worker does one task at a time.
type worker struct {
	*sweep
	hits simd.Hits
	meet []int32
}

// do meets every base block of a task with its query blocks, those beside it first: then limits are high when far ones come.
func (w *worker) do(t task) {
	for b := t.base.lo; b < t.base.hi; b++ {
		w.meet = w.x.near.partners(b, t.queries, w.meet[:0])
		for c := b * colTiles; c < (b+1)*colTiles && c*simd.TileCols < len(w.factors); c++ {
			for _, q := range slices.Backward(w.meet) {
				switch {
				case !t.both || int(q) == b:
					w.oneWay(int(q), c)
				case int(q) < b:
					w.bothWays(int(q), c)
				}
			}
		}
	}
}

func (w *worker) oneWay(q, c int) {
	for r := q * rowTiles; r < (q+1)*rowTiles; r++ {
		at := r*simd.TileRows - w.lo
		if r*simd.TileRows < len(w.x.queries.order) && w.x.screen.rows(r, c, (*[simd.TileRows]float32)(w.above[at:]), &w.hits) {
			w.takeRows(at, c)
		}
	}
}

func (w *worker) bothWays(q, c int) {
	cols := (*[simd.TileCols]float32)(w.above[c*simd.TileCols-w.lo:])
	for r := q * rowTiles; r < (q+1)*rowTiles; r++ {
		at := r*simd.TileRows - w.lo
		if r*simd.TileRows < len(w.x.queries.order) && w.x.screen.both(r, c, (*[simd.TileRows]float32)(w.above[at:]), cols, &w.hits) {
			w.takeRows(at, c)
			w.takeCols(at, c)
		}
	}
}

// takeRows pushes the pairs above the limits of queries; list numbers start at i.
func (w *worker) takeRows(i, c int) {
	for r := range w.hits.Rows {
		if w.hits.Rows[r] != 0 {
			w.takeRow(i+r, c, r)
		}
	}
}

// takeRow pushes the pairs of row r of a tile above the limit of list i.
func (w *worker) takeRow(i, c, r int) {
	first := c * simd.TileCols
	mask := w.hits.Rows[r]
	if left := len(w.factors) - first; left < simd.TileCols {
		mask &= 1<<left - 1
	}
	for ; mask != 0; mask &= mask - 1 {
		j := bits.TrailingZeros32(mask)
		if w.hits.Scores[r*simd.TileCols+j]*w.factors[first+j] > w.above[i] && int(w.x.queries.twin[w.lo+i]) != first+j {
			w.push(i, first+j)
		}
	}
}

// takeCols pushes the pairs above the limits of columns.
func (w *worker) takeCols(i, c int) {
	first := c * simd.TileCols
	known := len(w.factors) - w.lo - i // rows of the tile there are
	for r := range min(simd.TileRows, known) {
		for mask := w.hits.Cols[r]; mask != 0; mask &= mask - 1 {
			j := bits.TrailingZeros32(mask)
			if w.hits.Scores[r*simd.TileCols+j]*w.factors[w.lo+i+r] > w.above[first+j-w.lo] {
				w.push(first+j-w.lo, w.lo+i+r)
			}
		}
	}
}

func (w *worker) push(i, at int) {
	if w.lists.push(i, at) {
		w.above[i] = w.x.screen.limit(w.lo+i, w.lists.settle(i))
	}
}
