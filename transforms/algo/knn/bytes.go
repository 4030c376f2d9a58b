package knn

import (
	"math"
	"slices"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// bytes screens with the int8 tile: four times the products a float32 tile makes.
//
// Row i of length a_i is turned by one orthogonal matrix R, which spreads it over all elements, and rounded: R·û_i = δ_i·z_i + f_i, z_i of
// int8, û_i = q_i/a_i. Let g bound |f_i|/δ_i over all rows. By Cauchy and Schwarz
//
//	|û_i·û_j - δ_i·δ_j·(z_i·z_j)| ≤ |f_i| + |f_j|·(1+|f_i|) ≤ g·δ_i + g·δ_j·(1 + g·δ_max)
//
// so with E_j = g/δ_j + g·(1 + g·δ_max)/δ_min, whichever of i and j the row is,
//
//	score(i → j) ≤ a_i·δ_i · c_j·(z_i·z_j + E_j),  c_j = w_j·a_j·δ_j
//
// which is what the tile compares: sums begin at E_j, are multiplied with c_j, and must be above the last score of the list over a_i·δ_i.
// E_j is rounded up and holds the rounding of everything else (slackI8). The bound is some fifteen times the usual error: it is never
// passed, and costs a third more pairs to score. A row's δ is its largest element over 127, at least that of the median row.
type bytes struct {
	dim       int
	turn      []float32 // R [dim×dim]
	floor     float64   // least largest element of a turned row
	cols      grid
	rowPanels []uint8
	rowBytes  []int8 // z of the queries [n×dim], row by row for gather
	colPanels []int8
	zero      []int32   // by column, padded: what its sum begins at for z_i·z_j alone
	bias      []int32   // the same with E_j
	scale     []float32 // c_j by column, padded with 0
	per       []float64 // 1/(a_i·δ_i) by query position
}

// turned holds R·û of the rows of a side, their lengths before and their largest elements after.
type turned struct {
	rows            []float32
	length, largest []float64
}

// grid is what rounding the rows of a side came to.
type grid struct {
	z            []int8    // [n×dim]
	length, step []float64 // a and δ by position
	g            float64   // largest |f|/δ
	least, most  float64   // of δ
}

// maxDimI8 keeps sums far from the end of int32.
const maxDimI8 = 4096

func newBytes(x *Index) *bytes {
	b := &bytes{dim: x.base.dim, turn: orthogonal(x.base.dim)}
	t := b.turnRows(x.base)
	b.floor = median(t.largest)
	b.cols = b.round(t)
	tiles := (len(x.base.order) + simd.TileCols - 1) / simd.TileCols
	size := simd.TileCols * simd.TileGroup * simd.Groups(b.dim)
	b.colPanels, b.zero, b.scale = make([]int8, tiles*size), make([]int32, x.base.blocks()*BlockRows), make([]float32, x.base.blocks()*BlockRows)
	vec.Each(tiles, func(t int) {
		lo, hi := t*simd.TileCols, min((t+1)*simd.TileCols, len(x.base.order))
		simd.PackColsI8(b.colPanels[t*size:(t+1)*size], (*[simd.TileCols]int32)(b.zero[lo:]), b.cols.z, b.dim, numbers(lo, hi))
	})
	for at, w := range x.base.weight {
		b.scale[at] = float32(float64(w) * b.cols.length[at] * b.cols.step[at])
	}
	rows := b.cols
	b.cols.z = nil
	if x.self {
		return b.meet(rows)
	}
	return b.with(x.queries).(*bytes)
}

// with returns the screen for other queries.
func (b *bytes) with(queries *side) screen {
	return b.meet(b.round(b.turnRows(queries)))
}

// meet returns the screen for rounded queries.
func (b *bytes) meet(rows grid) *bytes {
	out := *b
	n := len(rows.step)
	size := simd.TileRows * simd.TileGroup * simd.Groups(b.dim)
	out.rowPanels = make([]uint8, (n+simd.TileRows-1)/simd.TileRows*size)
	vec.Each(len(out.rowPanels)/size, func(t int) {
		simd.PackRowsI8(out.rowPanels[t*size:(t+1)*size], rows.z, b.dim, numbers(t*simd.TileRows, min((t+1)*simd.TileRows, n)))
	})
	out.rowBytes, out.per = rows.z, make([]float64, n)
	for at := range out.per {
		out.per[at] = 1 / (rows.length[at] * rows.step[at])
	}
	g, least, most := max(rows.g, b.cols.g), min(rows.least, b.cols.least), max(rows.most, b.cols.most)
	out.bias = slices.Clone(b.zero)
	for at, step := range b.cols.step {
		out.bias[at] += int32(math.Ceil(g/step + g*(1+g*most)/least + slackI8(b.dim, least)))
	}
	return &out
}

// slackI8 bounds, in units of a sum, the rounding that is not that of elements: of w·Dot to float32, of the sum, of c_j and of their product.
func slackI8(dim int, least float64) float64 {
	return 0x1p-24*float64(dim+2)/(least*least) + 0x1p-21*float64(dim)*127*127 + 1
}

func (b *bytes) turnRows(s *side) turned {
	n := len(s.order)
	out := turned{make([]float32, len(s.rows)), make([]float64, n), make([]float64, n)}
	vec.Each(s.blocks(), func(block int) {
		lo, hi := s.block(block)
		unit := make([]float32, (hi-lo)*s.dim)
		for at := lo; at < hi; at++ {
			out.length[at] = math.Sqrt(vec.SquaredNorm(s.row(at)))
			for k, v := range s.row(at) {
				unit[(at-lo)*s.dim+k] = float32(float64(v) / out.length[at])
			}
		}
		simd.Mul(out.rows[lo*s.dim:hi*s.dim], unit, b.turn, s.dim)
		for at := lo; at < hi; at++ {
			out.largest[at] = largest(out.rows[at*s.dim : (at+1)*s.dim])
		}
	})
	return out
}

// round rounds turned rows. The error of a row includes that of turning it in float32: at most (d^1.5+2√d)·2⁻²³.
func (b *bytes) round(t turned) grid {
	n := len(t.length)
	out := grid{z: make([]int8, len(t.rows)), length: t.length, step: make([]float64, n), least: math.Inf(1)}
	errs := make([]float64, n)
	vec.Each((n+BlockRows-1)/BlockRows, func(block int) {
		for at := block * BlockRows; at < min((block+1)*BlockRows, n); at++ {
			step := max(t.largest[at], b.floor) / 127
			per := 1 / step
			var square float64
			for k, v := range t.rows[at*b.dim : (at+1)*b.dim] {
				scaled := float64(v) * per
				r := math.RoundToEven(scaled)
				out.z[at*b.dim+k] = int8(r)
				square += (scaled - r) * (scaled - r)
			}
			out.step[at], errs[at] = step, math.Sqrt(square)
		}
	})
	for at, step := range out.step {
		out.least, out.most, out.g = min(out.least, step), max(out.most, step), max(out.g, errs[at])
	}
	root := math.Sqrt(float64(b.dim))
	out.g += (float64(b.dim)*root + 2*root) * 0x1p-23 / out.least
	return out
}

// largest returns the largest absolute element of finite ones: without signs, their bits are ordered as they are.
func largest(row []float32) float64 {
	var m uint32
	for _, v := range row {
		m = max(m, math.Float32bits(v)&^(1<<31))
	}
	return float64(math.Float32frombits(m))
}

// median returns the upper median; 1 of nothing.
func median(all []float64) float64 {
	if len(all) == 0 {
		return 1
	}
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}

func numbers(lo, hi int) []int32 {
	out := make([]int32, hi-lo)
	for i := range out {
		out[i] = int32(lo + i)
	}
	return out
}

func (b *bytes) tile(r, c int) ([]uint8, []int8) {
	rows, cols := simd.TileRows*simd.TileGroup*simd.Groups(b.dim), simd.TileCols*simd.TileGroup*simd.Groups(b.dim)
	return b.rowPanels[r*rows : (r+1)*rows], b.colPanels[c*cols : (c+1)*cols]
}

func (b *bytes) gather(positions []int32, before screen) screen {
	out, ok := before.(*bytes)
	if !ok {
		copied := *b
		out = &copied
		out.rowPanels = make([]uint8, simd.TileRows*simd.TileGroup*simd.Groups(b.dim))
	}
	simd.PackRowsI8(out.rowPanels, b.rowBytes, b.dim, positions)
	return out
}

func (b *bytes) rows(r, c int, above *[simd.TileRows]float32, h *simd.Hits) bool {
	x, y := b.tile(r, c)
	return simd.TileI8(x, y, simd.EdgesI8{
		RowAbove: above,
		ColScale: (*[simd.TileCols]float32)(b.scale[c*simd.TileCols:]), ColBias: (*[simd.TileCols]int32)(b.bias[c*simd.TileCols:]),
	}, h)
}

func (b *bytes) both(r, c int, above *[simd.TileRows]float32, cols *[simd.TileCols]float32, h *simd.Hits) bool {
	x, y := b.tile(r, c)
	return simd.TileI8Sym(x, y, simd.EdgesI8{
		RowAbove: above, RowScale: (*[simd.TileRows]float32)(b.scale[r*simd.TileRows:]), ColAbove: cols,
		ColScale: (*[simd.TileCols]float32)(b.scale[c*simd.TileCols:]), ColBias: (*[simd.TileCols]int32)(b.bias[c*simd.TileCols:]),
	}, h)
}

// limit takes the least number float32 knows off the last score, for scores that small are rounded to a multiple of it.
func (b *bytes) limit(at int, least float32) float32 {
	v := (float64(least) - float64(b.dim)*1e-34) * b.per[at]
	return down(v - 0x1p-22*math.Abs(v))
}

// surely takes E_j off the sum where the tile adds it: the bound holds both ways.
func (b *bytes) surely(h *simd.Hits, r, at, col int, least float32) bool {
	sum := float64(h.Scores[r*simd.TileCols+col%simd.TileCols]) - 2*float64(b.bias[col]-b.zero[col])
	v := (float64(least) + float64(b.dim)*1e-34) * b.per[at]
	return sum*float64(b.scale[col]) > v+0x1p-22*math.Abs(v)
}

func (b *bytes) factors() []float32 { return b.scale }
