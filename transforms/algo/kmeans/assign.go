package kmeans

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// assignTiles is how many tiles of rows are assigned at a time: they stay in cache while all centres pass.
const assignTiles = 32

// Nearest sets assign[i] to the centre of row i: the nearest centre, or if spherical the one of largest inner product; ties go
// to the lower centre. There must be a centre; all numbers must be finite.
// Order: every row is computed alone. Cost: 2·n·K·dim flops at the speed of the tile; all cores.
func Nearest(rows []float32, dim int, centres []float32, spherical bool, assign []int32) {
	n := len(rows) / dim
	s := newScorer(dim, centres, spherical)
	const rowsAtATime = assignTiles * simd.TileRows
	vec.Each((n+rowsAtATime-1)/rowsAtATime, func(b int) {
		s.assign(rows, b*rowsAtATime, min((b+1)*rowsAtATime, n), assign)
	})
}

// distances returns the distance of each row to its centre.
func distances(rows []float32, dim int, centres []float32, spherical bool, assign []int32) []float32 {
	dist := make([]float32, len(assign))
	vec.Each(vec.Blocks(len(assign)), func(b int) {
		lo, hi := vec.Block(b, len(assign))
		for i := lo; i < hi; i++ {
			at := int(assign[i]) * dim
			dist[i] = float32(distance(rows[i*dim:(i+1)*dim], centres[at:at+dim], spherical))
		}
	})
	return dist
}

// scorer holds the centres as panels with one more element: x·c - |c|²/2 is largest at the nearest centre.
type scorer struct {
	dim, k, width int
	panels        []float32
}

func newScorer(dim int, centres []float32, spherical bool) *scorer {
	s := &scorer{dim: dim, k: len(centres) / dim, width: dim}
	if !spherical {
		s.width++
	}
	tiles := (s.k + simd.TileCols - 1) / simd.TileCols
	s.panels = make([]float32, tiles*simd.TileCols*s.width)
	for t := range tiles {
		panel := s.panel(t)
		cols := upTo(t*simd.TileCols, min((t+1)*simd.TileCols, s.k))
		simd.PackCols(panel[:simd.TileCols*dim], centres, dim, cols)
		if spherical {
			continue
		}
		for j, c := range cols {
			panel[simd.TileCols*dim+j] = float32(-vec.SquaredNorm(centres[int(c)*dim:int(c+1)*dim]) / 2)
		}
	}
	return s
}

func (s *scorer) panel(t int) []float32 {
	size := simd.TileCols * s.width
	return s.panels[t*size : (t+1)*size]
}

// upTo returns the numbers from lo to hi-1.
func upTo(lo, hi int) []int32 {
	out := make([]int32, hi-lo)
	for i := range out {
		out[i] = int32(lo + i)
	}
	return out
}

// packing is rows as panels, with the best score of each so far.
type packing struct {
	rows []float32
	best [assignTiles][simd.TileRows]float32
}

var packings = sync.Pool{New: func() any { return new(packing) }}

// assign finds the centres of rows [lo,hi), at most assignTiles tiles of them. The threshold of a row is its best score so far.
func (s *scorer) assign(rows []float32, lo, hi int, assign []int32) {
	size := simd.TileRows * s.width
	tiles := (hi - lo + simd.TileRows - 1) / simd.TileRows
	p := packings.Get().(*packing)
	defer packings.Put(p)
	p.rows = slices.Grow(p.rows[:0], tiles*size)[:tiles*size]
	a, best := p.rows, p.best[:tiles]
	for t := range tiles {
		from := lo + t*simd.TileRows
		simd.PackRows(a[t*size:t*size+simd.TileRows*s.dim], rows, s.dim, upTo(from, min(from+simd.TileRows, hi)))
		for r := range best[t] {
			if best[t][r] = float32(math.Inf(-1)); from+r >= hi {
				best[t][r] = float32(math.Inf(1))
			}
			if s.width > s.dim {
				a[t*size+simd.TileRows*s.dim+r] = 1
			}
		}
	}
	var h simd.Hits
	for c := 0; c*simd.TileCols < s.k; c++ {
		for t := range tiles {
			if simd.Tile(a[t*size:(t+1)*size], s.panel(c), &best[t], &h) {
				s.raise(&h, &best[t], c*simd.TileCols, assign[lo+t*simd.TileRows:])
			}
		}
	}
}

// raise takes the better centres of a tile, whose first one is given.
func (s *scorer) raise(h *simd.Hits, best *[simd.TileRows]float32, first int, assign []int32) {
	for r, mask := range h.Rows {
		if s.k-first < simd.TileCols {
			mask &= 1<<(s.k-first) - 1
		}
		for ; mask != 0; mask &= mask - 1 {
			j := bits.TrailingZeros32(mask)
			if score := h.Scores[r*simd.TileCols+j]; score > best[r] {
				best[r], assign[r] = score, int32(first+j)
			}
		}
	}
}

// distance returns |x - c|²; spherical, for a centre of length 1, 2·(|x| - x·c), which is the same for x of length 1.
func distance(x, c []float32, spherical bool) float64 {
	c = c[:len(x)]
	if spherical {
		var dot, norm float64
		for k, v := range x {
			dot += float64(float64(v) * float64(c[k]))
			norm += float64(float64(v) * float64(v))
		}
		return max(0, 2*(math.Sqrt(norm)-dot))
	}
	var square float64
	for k, v := range x {
		d := float64(v) - float64(c[k])
		square += float64(d * d)
	}
	return square
}
