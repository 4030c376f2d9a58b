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
	newScorer(dim, centres, spherical).assignAll(rows, nil, assign)
}

// rowsAtATime are assigned at a time.
const rowsAtATime = assignTiles * simd.TileRows

// assignAll finds the centres of all rows, faster where they are packed already.
func (s *scorer) assignAll(rows, packed []float32, assign []int32) {
	n := len(rows) / s.dim
	vec.Each((n+rowsAtATime-1)/rowsAtATime, func(b int) {
		lo, hi := b*rowsAtATime, min((b+1)*rowsAtATime, n)
		if packed != nil {
			s.assign(packed[lo*s.width:], lo, hi, assign)
			return
		}
		p := packings.Get().(*[]float32)
		defer packings.Put(p)
		*p = pack(*p, rows[lo*s.dim:hi*s.dim], s.dim, s.width)
		s.assign(*p, lo, hi, assign)
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
	n, size := len(rows)/dim, simd.TileRows*width
	tiles := (n + simd.TileRows - 1) / simd.TileRows
	to = slices.Grow(to[:0], tiles*size)[:tiles*size]
	for t := range tiles {
		from, panel := t*simd.TileRows, to[t*size:(t+1)*size]
		simd.PackRows(panel[:simd.TileRows*dim], rows, dim, upTo(from, min(from+simd.TileRows, n)))
		for r := simd.TileRows * dim; r < size; r++ {
			panel[r] = 1
		}
	}
	return to
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

func widthOf(dim int, spherical bool) int {
	if spherical {
		return dim
	}
	return dim + 1
}

func newScorer(dim int, centres []float32, spherical bool) *scorer {
	s := &scorer{dim: dim, k: len(centres) / dim, width: widthOf(dim, spherical)}
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

// packings holds memory of rows as panels.
var packings = sync.Pool{New: func() any { return new([]float32) }}

// assign finds the centres of rows [lo,hi), packed as a, at most assignTiles tiles of them. The threshold of a row is its best
// score so far.
func (s *scorer) assign(a []float32, lo, hi int, assign []int32) {
	size := simd.TileRows * s.width
	tiles := (hi - lo + simd.TileRows - 1) / simd.TileRows
	var best [assignTiles][simd.TileRows]float32
	for t := range tiles {
		for r := range best[t] {
			if best[t][r] = float32(math.Inf(-1)); lo+t*simd.TileRows+r >= hi {
				best[t][r] = float32(math.Inf(1))
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
