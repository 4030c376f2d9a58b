package scoring

import (
	"math"
	"slices"

	"segue/transforms/algo/simd"
)

// rounded are vectors as rows of bytes: a quarter of the memory that candidates here and there are read from. A cosine is wrong by some
// 0.001 at 128 dimensions, and is the same bits at every kernel tier, for sums of integers are exact.
type rounded struct {
	rows  []int8    // [S × width], zeros behind the dimensions
	step  []float32 // [S] of one unit
	width int
}

// Largest element of a rounded row, and of a listener's vector beside it.
const (
	rowUnits    = 127
	columnUnits = 2047
)

// round returns so many vectors as bytes; steps of 0 when vectors are missing.
func (v *Vectors) round(n int) rounded {
	r := rounded{step: make([]float32, n)}
	if v.Dim <= 0 || len(v.Data) < n*v.Dim {
		return r
	}
	r.width = (v.Dim + simd.BlockI8 - 1) / simd.BlockI8 * simd.BlockI8
	r.rows = make([]int8, n*r.width)
	for i := range r.step {
		r.step[i] = units(r.rows[i*r.width:], v.Data[i*v.Dim:(i+1)*v.Dim], rowUnits)
	}
	return r
}

// Direction sets to, one element a dimension, to the vector of a song as a packed model has it, of unit length; zeros without one.
func (m *Model) Direction(song int32, to []float32) {
	r := &m.packed.vectors
	clear(to)
	if r.width == 0 {
		return
	}
	row := r.rows[int(song)*r.width:][:len(to)]
	square := int32(0) // exact: 127² · dimensions
	for _, x := range row {
		square += int32(x) * int32(x)
	}
	if square == 0 {
		return
	}
	scale := float32(1 / math.Sqrt(float64(square)))
	for i, x := range row {
		to[i] = float32(x) * scale
	}
}

// evenly is 1.5·2²³: adding it to a small number rounds that to an integer, the even one of two as near.
const evenly = float32(3 << 22)

// units writes x in units of its largest element over most, and returns the unit; 0 for zeros.
func units[T int8 | int16](dst []T, x []float32, most float32) float32 {
	var bits uint32 // of the largest size: from 0 on, floats compare as their bits
	for _, e := range x {
		bits = max(bits, math.Float32bits(e)&^(1<<31))
	}
	largest := math.Float32frombits(bits)
	if !(largest > 0) {
		return 0
	}
	scale := most / largest
	dst = dst[:len(x)]
	for i, e := range x {
		dst[i] = T(int32(math.Float32bits(float32(e*scale)+evenly)) - int32(math.Float32bits(evenly)))
	}
	return largest / most
}

// columns are vectors of a listener beside rounded rows.
type columns struct {
	data []int16 // [4g × width]
	unit []float32
}

// set takes vectors of dim elements in, with columns of zeros up to whole groups.
func (c *columns) set(vectors []float32, dim, width int) {
	n := len(vectors) / dim
	all := (n + simd.ColsI8 - 1) / simd.ColsI8 * simd.ColsI8
	c.data, c.unit = slices.Grow(c.data[:0], all*width)[:all*width], slices.Grow(c.unit[:0], all)[:all]
	clear(c.data)
	clear(c.unit)
	for j := range n {
		c.unit[j] = units(c.data[j*width:], vectors[j*dim:(j+1)*dim], columnUnits)
	}
}

// tastes sets s.columns to the listener's vectors and, behind them, the persona's centre; no columns without vectors of songs.
func (m *Model) tastes(l *Listener, s *Scratch) {
	s.own = s.own[:0]
	if s.vectors.width > 0 && m.Vectors.Dim > 0 {
		if s.own = append(s.own, l.Vectors...); l.Persona != nil {
			s.own = append(s.own, l.Persona.Centre...)
		}
	}
	dim := max(1, m.Vectors.Dim)
	s.columns.set(s.own, dim, s.vectors.width)
	s.mine = min(len(s.columns.unit), len(l.Vectors)/dim)
}

// cosine sets s.sums of all candidates to s.columns.
func (s *Scratch) cosine() {
	s.near = s.near[:0]
	for i := range s.candidates {
		s.near = append(s.near, s.candidates[i].Song)
	}
	s.dots(&s.vectors)
}

// dots sets s.sums to the products of the rows s.near with s.columns.
func (s *Scratch) dots(x *rounded) {
	n := len(s.near) * len(s.columns.unit)
	s.sums = slices.Grow(s.sums[:0], n)[:n]
	if n > 0 {
		simd.DotsI8(s.sums, x.rows, s.near, s.columns.data, x.width)
	}
}

// closest returns the largest of some cosines, at least 0: those whose sums and units are given, of a row of that step.
func closest(sums []int32, unit []float32, step float32) (best float32) {
	for j, x := range sums {
		best = max(best, float32(float32(x)*unit[j]))
	}
	return float32(best * step)
}
