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
	// factors returns what the scores of a hit are multiplied with before they meet limits, at least one a base position; both ways for the
	// base in itself.
	factors() []float32
	// with returns the screen of the same base for other queries.
	with(queries *side) screen
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
type floats struct {
	dim        int
	rowPanels  []float32
	colPanels  []float32
	bound      float64   // the error a query of length 1 may have
	slack      []float32 // the error a query may have, by position
	multiplier []float32 // m_i by query position
	ones       []float32 // by base position
}

func newFloats(x *Index) *floats {
	f := &floats{dim: x.base.dim, ones: make([]float32, len(x.base.order))}
	for i := range f.ones {
		f.ones[i] = 1
	}
	f.colPanels = panels(x.base, simd.TileCols, simd.PackCols)
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
	out.rowPanels = panels(queries, simd.TileRows, simd.PackRows)
	out.multiplier = queries.weight
	out.slack = make([]float32, len(queries.order))
	for at := range out.slack {
		out.slack[at] = up(f.bound*math.Sqrt(vec.SquaredNorm(queries.row(at))) + float64(f.dim)*1e-34)
	}
	return &out
}

// panels packs the weighted rows of a side, lanes rows a panel.
func panels(s *side, lanes int, pack func(dst, x []float32, width int, rows []int32)) []float32 {
	size := lanes * s.dim
	out := make([]float32, (len(s.order)+lanes-1)/lanes*size)
	all := make([]int32, lanes)
	for i := range all {
		all[i] = int32(i)
	}
	vec.Each(len(out)/size, func(t int) {
		lo, hi := t*lanes, min((t+1)*lanes, len(s.order))
		weighted := append([]float32(nil), s.rows[lo*s.dim:hi*s.dim]...)
		for at := lo; at < hi; at++ {
			simd.Scale(s.weight[at], weighted[(at-lo)*s.dim:(at-lo+1)*s.dim])
		}
		pack(out[t*size:(t+1)*size], weighted, s.dim, all[:hi-lo])
	})
	return out
}

func (f *floats) row(r int) []float32 {
	size := simd.TileRows * f.dim
	return f.rowPanels[r*size : (r+1)*size]
}

func (f *floats) col(c int) []float32 {
	size := simd.TileCols * f.dim
	return f.colPanels[c*size : (c+1)*size]
}

func (f *floats) rows(r, c int, above *[simd.TileRows]float32, h *simd.Hits) bool {
	return simd.Tile(f.row(r), f.col(c), above, h)
}

func (f *floats) both(r, c int, above *[simd.TileRows]float32, cols *[simd.TileCols]float32, h *simd.Hits) bool {
	return simd.TileSym(f.row(r), f.col(c), above, cols, h)
}

func (f *floats) limit(at int, least float32) float32 {
	return down(float64(f.multiplier[at]) * (float64(least) - float64(f.slack[at])))
}

func (f *floats) factors() []float32 { return f.ones }

// down returns the largest float32 below v, up the smallest above.
func down(v float64) float32 { return math.Nextafter32(float32(v), float32(math.Inf(-1))) }

func up(v float64) float32 { return math.Nextafter32(float32(v), float32(math.Inf(1))) }
