package knn

import (
	"math"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// Tiles of a block.
const (
	rowTiles = BlockRows / simd.TileRows
	colTiles = BlockRows / simd.TileCols
)

// screen scores tiles of queries against tiles of the base, roughly, and leaves only pairs that may belong into a list.
//
// Its contract: hits of a tile leave Scores[i·TileCols+j] such that Scores·factor(column) is above limit(row, score) for every pair whose
// score is at least that score.
type screen interface {
	// rows compares row tile r with column tile c; above holds the limits of its rows.
	rows(r, c int, above *[simd.TileRows]float32, h *simd.Hits) bool
	// both does it for the base in itself with limits for columns, too.
	both(r, c int, above *[simd.TileRows]float32, cols *[simd.TileCols]float32, h *simd.Hits) bool
	// limit returns what a query's screened pairs must be above when its list's last score is least.
	limit(at int, least float32) float32
	// surely reports whether a hit of row r of a tile, the query at a position, and a column of the base scores more than least; false = it is
	// not known, or not so.
	surely(h *simd.Hits, r, at, col int, least float32) bool
	// factors returns what the scores of a hit are multiplied with before they meet limits, at least one a base position; both ways for the
	// base in itself.
	factors() []float32
	// with returns the screen of the same base for other queries.
	with(queries *side) screen
	// gather returns a screen whose first row tile holds the queries at some positions; it takes the memory of one gathered before, or nil.
	gather(positions []int32, before screen) screen
}

// newScreen returns the fastest screen of this processor.
func newScreen(x *Index) screen {
	if simd.FastI8() && x.base.dim <= maxDimI8 && !x.params.Floats {
		return newBytes(x)
	}
	return newFloats(x)
}

// floats screens with the float32 tile.
//
// The panels hold w·b for base rows and, if the base is searched in itself, for queries too: then t = w_i·w_j·(u_i·u_j) serves both
// rows, for list(i) is ordered by t as it is by t/w_i. With e = 2⁻²⁴ a tile is at most 2·d·e·Σ|terms| from its exact sum, its terms have two rounded
// factors, and the score it stands for, w_j·Dot, is (d+2)·e from exact; Σ|terms| ≤ |q_i|·max_j w_j·|b_j| by Cauchy and Schwarz. So
//
//	|t/m_i - score| ≤ (3d+8)·e·|q_i|·max_j w_j|b_j|,  m_i = w_i for the base in itself, else 1
//
// and a limit that much below the last score of a list loses nothing.
//
// Where the first elements hold most of a row, as those of a decomposition do, a tile is scored by its head first: h elements and one
// more, the length r of all others, for the rest of a product is at most r_i·r_j by Cauchy and Schwarz. Only a tile whose head has a hit
// is scored whole. A panel holds r, the head and the other elements, so that both are slices of it.
type floats struct {
	dim        int
	head       int // elements of a head; 0 = there are none, and no r
	rowPanels  []float32
	colPanels  []float32
	bound      float64   // the error a query of length 1 may have
	slack      []float32 // the error a query may have, by position
	multiplier []float32 // m_i by query position
	ones       []float32 // by base position
}

func newFloats(x *Index) *floats {
	f := &floats{dim: x.base.dim, head: headOf(x.base), ones: make([]float32, len(x.base.order))}
	for i := range f.ones {
		f.ones[i] = 1
	}
	f.colPanels = f.panels(x.base, simd.TileCols, simd.PackCols)
	longest := 0.0
	for at, w := range x.base.weight {
		longest = max(longest, float64(w)*math.Sqrt(vec.SquaredNorm(x.base.row(at))))
	}
	f.bound = float64(3*f.dim+8) * 0x1p-24 * longest
	return f.with(x.queries).(*floats)
}

// with returns the screen for other queries.
func (f *floats) with(queries *side) screen {
	out := *f
	out.rowPanels = f.panels(queries, simd.TileRows, simd.PackRows)
	out.multiplier = queries.weight
	out.slack = make([]float32, len(queries.order))
	for at := range out.slack {
		out.slack[at] = up(f.bound*math.Sqrt(vec.SquaredNorm(queries.row(at))) + float64(f.dim)*1e-34)
	}
	return &out
}

// A head is worth it where rows have at most restShare of their squared length behind it, and it is at most headMost of them.
const (
	headStep  = 8
	restShare = .2
	headMost  = .8
)

// headOf returns how many elements of the rows make a head; 0 = none is worth it.
func headOf(s *side) int {
	square := make([]float64, s.dim)
	for at := range s.order {
		for k, v := range s.row(at) {
			square[k] += float64(v) * float64(v)
		}
	}
	total := 0.0
	for _, v := range square {
		total += v
	}
	rest := total
	for h := headStep; float64(h) <= headMost*float64(s.dim); h += headStep {
		for _, v := range square[h-headStep : h] {
			rest -= v
		}
		if rest <= restShare*total {
			return h
		}
	}
	return 0
}

// first returns how many elements of a panel's row stand before the row itself.
func (f *floats) first() int { return min(f.head, 1) }

// panels packs the weighted rows of a side, lanes rows a panel.
func (f *floats) panels(s *side, lanes int, pack func(dst, x []float32, width int, rows []int32)) []float32 {
	width := f.first() + f.dim
	size := lanes * width
	out := make([]float32, (len(s.order)+lanes-1)/lanes*size)
	all := numbers(0, lanes)
	vec.Each(len(out)/size, func(t int) {
		lo, hi := t*lanes, min((t+1)*lanes, len(s.order))
		weighted := make([]float32, (hi-lo)*width)
		for at := lo; at < hi; at++ {
			row := weighted[(at-lo)*width:][f.first():width]
			copy(row, s.row(at))
			simd.Scale(s.weight[at], row)
			if f.head > 0 {
				weighted[(at-lo)*width] = up(math.Sqrt(vec.SquaredNorm(row[f.head:])))
			}
		}
		pack(out[t*size:(t+1)*size], weighted, width, all[:hi-lo])
	})
	return out
}

// panel returns row panel r and column panel c: their heads or the rows themselves.
func (f *floats) panel(r, c int, head bool) (rows, cols []float32) {
	width := f.first() + f.dim
	from, to := f.first(), width
	if head {
		from, to = 0, f.first()+f.head
	}
	rows, cols = f.rowPanels[r*width*simd.TileRows:], f.colPanels[c*width*simd.TileCols:]
	return rows[from*simd.TileRows : to*simd.TileRows], cols[from*simd.TileCols : to*simd.TileCols]
}

func (f *floats) gather(positions []int32, before screen) screen {
	width := f.first() + f.dim
	out, ok := before.(*floats)
	if !ok {
		copied := *f
		out = &copied
		out.rowPanels = make([]float32, width*simd.TileRows)
	}
	for r, at := range positions {
		from := f.rowPanels[int(at)/simd.TileRows*len(out.rowPanels)+int(at)%simd.TileRows:]
		for k := range width {
			out.rowPanels[k*simd.TileRows+r] = from[k*simd.TileRows]
		}
	}
	return out
}

func (f *floats) rows(r, c int, above *[simd.TileRows]float32, h *simd.Hits) bool {
	if f.head > 0 {
		if x, y := f.panel(r, c, true); !simd.Tile(x, y, above, h) {
			return false
		}
	}
	x, y := f.panel(r, c, false)
	return simd.Tile(x, y, above, h)
}

func (f *floats) both(r, c int, above *[simd.TileRows]float32, cols *[simd.TileCols]float32, h *simd.Hits) bool {
	if f.head > 0 {
		if x, y := f.panel(r, c, true); !simd.TileSym(x, y, above, cols, h) {
			return false
		}
	}
	x, y := f.panel(r, c, false)
	return simd.TileSym(x, y, above, cols, h)
}

func (f *floats) limit(at int, least float32) float32 {
	return down(float64(f.multiplier[at]) * (float64(least) - float64(f.slack[at])))
}

func (f *floats) surely(h *simd.Hits, r, at, col int, least float32) bool {
	return float64(h.Scores[r*simd.TileCols+col%simd.TileCols]) > float64(f.multiplier[at])*(float64(least)+float64(f.slack[at]))*(1+0x1p-50)
}

func (f *floats) factors() []float32 { return f.ones }

// down returns the largest float32 below v, up the smallest above.
func down(v float64) float32 { return math.Nextafter32(float32(v), float32(math.Inf(-1))) }

func up(v float64) float32 { return math.Nextafter32(float32(v), float32(math.Inf(1))) }
