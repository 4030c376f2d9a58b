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
const assignTiles = 16

// Nearest sets assign[i] to the centre of row i: the nearest centre, or if spherical the one of largest inner product; ties go
// to the lower centre. There must be a centre; all numbers must be finite.
// Order: every row is computed alone. Cost: 2·n·K·dim flops at the speed of the tile; all cores.
func Nearest(rows []float32, dim int, centres []float32, spherical bool, assign []int32) {
	newScorer(dim, centres, spherical).assignAll(rows, nil, assign)
}

// rowsAtATime are assigned at a time.
const rowsAtATime = assignTiles * simd.TileCols

// assignAll finds the centres of all rows, faster where they are packed already.
func (s *scorer) assignAll(rows, packed []float32, assign []int32) {
	n := len(rows) / s.dim
	vec.Each((n+rowsAtATime-1)/rowsAtATime, func(b int) {
		lo, hi := b*rowsAtATime, min((b+1)*rowsAtATime, n)
		if packed != nil {
			s.assign(packed[lo*s.width:], assign[lo:hi])
			return
		}
		p := packings.Get().(*[]float32)
		defer packings.Put(p)
		*p = pack(*p, rows[lo*s.dim:hi*s.dim], s.dim, s.width)
		s.assign(*p, assign[lo:hi])
	})
}

// packedBytes bounds the rows that are packed once for all assignments.
const packedBytes = 16 << 20

// packAll returns all rows as panels; nil when there are too many.
func packAll(rows []float32, dim int, spherical bool) []float32 {
	if 4*len(rows) > packedBytes {
		return nil
	}
	return pack(nil, rows, dim, widthOf(dim, spherical))
}

// pack returns rows as panels, in the memory of to.
func pack(to, rows []float32, dim, width int) []float32 {
	n, size := len(rows)/dim, simd.TileCols*width
	tiles := (n + simd.TileCols - 1) / simd.TileCols
	to = slices.Grow(to[:0], tiles*size)[:tiles*size]
	for t := range tiles {
		from, panel := t*simd.TileCols, to[t*size:(t+1)*size]
		simd.PackCols(panel[:simd.TileCols*dim], rows, dim, upTo(from, min(from+simd.TileCols, n)))
		for r := simd.TileCols * dim; r < size; r++ {
			panel[r] = 1
		}
	}
	return to
}

// scorer holds the centres as panels with one more element: x·c - |c|²/2 is largest at the nearest centre. Centres are the rows of a tile, and
// rows its columns, for a tile has fewer rows and there are often few centres.
type scorer struct {
	dim, k, width int
	panels        []float32
}

func widthOf(dim int, spherical bool) int {
	if spherical {
		return dim
	}
	return dim + 1
}

func newScorer(dim int, centres []float32, spherical bool) *scorer {
	s := &scorer{dim: dim, k: len(centres) / dim, width: widthOf(dim, spherical)}
	tiles := (s.k + simd.TileRows - 1) / simd.TileRows
	s.panels = make([]float32, tiles*simd.TileRows*s.width)
	for t := range tiles {
		panel := s.panel(t)
		some := upTo(t*simd.TileRows, min((t+1)*simd.TileRows, s.k))
		simd.PackRows(panel[:simd.TileRows*dim], centres, dim, some)
		if spherical {
			continue
		}
		for j, c := range some {
			panel[simd.TileRows*dim+j] = float32(-vec.SquaredNorm(centres[int(c)*dim:int(c+1)*dim]) / 2)
		}
	}
	return s
}

func (s *scorer) panel(t int) []float32 {
	size := simd.TileRows * s.width
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

// packings holds memory of rows as panels.
var packings = sync.Pool{New: func() any { return new([]float32) }}

// never is a threshold that no score is above.
var never = float32(math.Inf(1))

// assign finds the centres of some rows, packed as b, at most assignTiles tiles of them. The threshold of a row is its best score so far.
func (s *scorer) assign(b []float32, assign []int32) {
	size := simd.TileCols * s.width
	tiles := (len(assign) + simd.TileCols - 1) / simd.TileCols
	var best [assignTiles][simd.TileCols]float32
	for t := range tiles {
		for j := range best[t] {
			if best[t][j] = -never; t*simd.TileCols+j >= len(assign) {
				best[t][j] = never
			}
		}
	}
	var none [simd.TileRows]float32
	for c := range none {
		none[c] = never
	}
	var h simd.Hits
	for c := 0; c*simd.TileRows < s.k; c++ {
		for t := range tiles {
			if simd.TileSym(s.panel(c), b[t*size:(t+1)*size], &none, &best[t], &h) {
				s.raise(&h, &best[t], c*simd.TileRows, assign[t*simd.TileCols:])
			}
		}
	}
}

// raise takes the better centres of a tile, whose first one is given.
func (s *scorer) raise(h *simd.Hits, best *[simd.TileCols]float32, first int, assign []int32) {
	for c, mask := range h.Cols[:min(simd.TileRows, s.k-first)] {
		for ; mask != 0; mask &= mask - 1 {
			j := bits.TrailingZeros32(mask)
			if score := h.Scores[c*simd.TileCols+j]; score > best[j] {
				best[j], assign[j] = score, int32(first+c)
			}
		}
	}
}
