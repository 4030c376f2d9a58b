package knn

import (
	"context"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// Rows of a block are less alike than a block's best pairs: a block that one query needs, the other 95 do not. So blocks meet few others, and
// then each query meets, by itself, the base blocks whose best row promises more than the last score of its list:
//
//	q·m_b + reach·|q|·spread_b/√d
//
// Whether it does depends on pairs of blocks met, and on nothing else.

// Widen tries reaches from reachStep on, and searches all where reachMost is not enough.
const (
	reachStep = .25
	reachMost = 16
)

// reaching returns the index whose queries look further by so many standard deviations; 0 = not at all.
func (x *Index) reaching(reach float64) *Index {
	out := *x
	out.reach = reach
	return &out
}

// centres returns mean and spread of each block of a side, [blocks×(dim+1)].
func (s *side) centres() []float32 {
	out := make([]float32, 0, s.blocks()*(s.dim+1))
	for b := range s.blocks() {
		out = append(append(out, s.means[b*s.dim:(b+1)*s.dim]...), s.spread[b])
	}
	return out
}

// ask appends to out what the product with a centre is the promise of, for the query at a position.
func (x *Index) ask(at int, out []float32) []float32 {
	row := x.queries.row(at)
	return append(append(out, row...), float32(x.reach*math.Sqrt(vec.SquaredNorm(row)/float64(x.base.dim))))
}

// furtherBlocks is how many blocks of queries look further at a time: enough of them seek the same base block to fill its tiles, and a bit of a
// word each.
const furtherBlocks = 64

// further lets every query meet the blocks that promise to change its list.
func (s *sweep) further(ctx context.Context) error {
	p := Problem{Dim: s.x.base.dim + 1, Base: s.x.base.centres(), Queries: []float32{}}
	centres, err := NewIndex(p, Layout{Base: notZero(p.Base, p.Dim)}, Params{K: 1, Floats: s.x.params.Floats})
	if err != nil {
		return err
	}
	first, end := s.lo/BlockRows, s.lo/BlockRows+len(s.above)/BlockRows
	near := csr.Transpose(s.x.near.meet, s.x.queries.blocks())
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			blocks := s.x.base.blocks()
			w := scout{worker: worker{sweep: s}, centres: centres, near: near, met: make([]uint64, blocks), seek: make([][]int32, blocks)}
			for ctx.Err() == nil {
				lo := first + int(taken.Add(furtherBlocks)) - furtherBlocks
				if lo >= end {
					return
				}
				w.look(lo*BlockRows, min((lo+furtherBlocks)*BlockRows, s.lo+s.lists.Len()))
				w.meetSought()
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// scout finds what queries of some blocks meet further, and lets them.
type scout struct {
	worker
	centres *Index
	near    csr.Matrix // which base blocks each query block met
	met     []uint64   // by base block: which of the query blocks at hand have met it, a bit each
	seek    [][]int32  // by base block: lists that seek it
	few     screen     // of the rows that meet a block at a time

	least []float32              // last scores of the lists at hand
	limit []float32              // what promises must be above for them, to whole tiles
	pass  [simd.TileRows]float32 // what scores must be above for the rows that meet a block
}

// look notes the blocks that the queries at positions [lo,hi) seek.
func (w *scout) look(lo, hi int) {
	dim := w.x.base.dim + 1
	asking := &side{dim: dim, order: numbers(lo, hi), rows: make([]float32, 0, (hi-lo)*dim), weight: slices.Repeat([]float32{1}, hi-lo)}
	for at := lo; at < hi; at++ {
		asking.rows = w.x.ask(at, asking.rows)
	}
	sc, blocks := w.centres.screen.with(asking), len(w.centres.base.order)
	w.begin(sc, lo, hi)
	for first := 0; first < blocks; first += simd.TileCols { // some centres stay in the cache while all queries come by
		for at := lo; at < hi; at += simd.TileRows {
			if sc.rows((at-lo)/simd.TileRows, first/simd.TileCols, (*[simd.TileRows]float32)(w.limit[at-lo:]), &w.hits) {
				w.note(sc, at, first, asking)
			}
		}
	}
}

// begin notes which blocks the queries at positions [lo,hi) have met, and what is above their last scores.
func (w *scout) begin(sc screen, lo, hi int) {
	clear(w.met)
	for block := lo / BlockRows; block*BlockRows < hi; block++ {
		for _, b := range w.near.Row(block) {
			w.met[b] |= 1 << (block - lo/BlockRows)
		}
	}
	w.least, w.limit = w.least[:0], w.limit[:0]
	for at := lo; at < hi; at++ {
		least := w.lists.last(at - w.lo)
		w.least, w.limit = append(w.least, least), append(w.limit, sc.limit(at-lo, least))
		w.above[at-w.lo] = w.x.screen.limit(at, least)
	}
	for len(w.limit)%simd.TileRows > 0 {
		w.limit = append(w.limit, float32(math.Inf(1)))
	}
}

// note adds the queries from a position on to the blocks they seek, of a tile of promises to those that ask.
func (w *scout) note(sc screen, at, first int, asking *side) {
	base, row := w.centres.base, at-int(asking.order[0])
	block := row / BlockRows
	known := uint32(math.MaxUint32)
	if left := len(base.order) - first; left < simd.TileCols {
		known = 1<<left - 1
	}
	for r, mask := range w.hits.Rows {
		for mask &= known; mask != 0; mask &= mask - 1 {
			c := first + bits.TrailingZeros32(mask)
			b := base.order[c]
			if w.met[b]>>block&1 == 0 && (sc.surely(&w.hits, r, row+r, c, w.least[row+r]) || score(1, asking.row(row+r), base.row(c)) > w.least[row+r]) {
				w.seek[b] = append(w.seek[b], int32(at+r))
			}
		}
	}
}

// meetSought lets base blocks meet the queries that seek them.
func (w *scout) meetSought() {
	for b, queries := range w.seek {
		for some := range slices.Chunk(queries, simd.TileRows) {
			w.few = w.x.screen.gather(some, w.few)
			for c := b * colTiles; c < (b+1)*colTiles && c*simd.TileCols < len(w.factors); c++ {
				w.meetFew(some, c)
			}
		}
		w.seek[b] = queries[:0]
	}
}

// meetFew meets the queries at some positions, gathered, with a column tile.
func (w *scout) meetFew(queries []int32, c int) {
	for r := range w.pass {
		if w.pass[r] = float32(math.Inf(1)); r < len(queries) {
			w.pass[r] = w.above[int(queries[r])-w.lo]
		}
	}
	if !w.few.rows(0, c, &w.pass, &w.hits) {
		return
	}
	for r, at := range queries {
		w.takeRow(int(at)-w.lo, c, r)
	}
}
