package svd

import (
	"segue/transforms/algo/csr"
	"segue/transforms/algo/simd"
)

// Start says where the iteration starts.
type Start struct {
	Keys []uint64  // by fitted column: seeds its pseudo-random numbers, so that a song starts alike wherever it stands
	Warm []float32 // [Fit×d] earlier vectors as the first d columns, zero rows for new songs; nil = none
}

// Fill fills rows [lo, …) of the start, width columns each, with pseudo-random numbers in [-1,1) that depend on (key, column)
// alone; earlier vectors take their columns.
func (s Start) Fill(out []float32, lo, width int) {
	warm := 0
	if s.Warm != nil {
		warm = len(s.Warm) / len(s.Keys)
	}
	for i := range len(out) / max(width, 1) {
		row := out[i*width : (i+1)*width]
		for k := range row {
			h := mix(s.Keys[lo+i] + uint64(k+1)*0x9e3779b97f4a7c15)
			row[k] = float32(int32(h>>32)) / (1 << 31)
		}
		copy(row, s.Warm[(lo+i)*warm:(lo+i+1)*warm])
	}
}

// Key returns the key of song number i under a seed.
func Key(seed, i uint64) uint64 { return mix(mix(seed) + i) }

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// Weighted is diag(Outer)·M·diag(Inner), where M are the first Limit columns of the 0/1 matrix.
type Weighted struct {
	Matrix       csr.Matrix
	Limit        int32
	Outer, Inner []float32
}

// Gather computes rows [lo, hi) of w·in into out; hi follows from the length of out.
// With (columns, Y) it is B = X'·Y: every row of out is summed by one call, in item order.
// Cost: 2·entries·width flops, rows of in at random.
func (w Weighted) Gather(out []float32, lo int, in Tall) {
	width := in.Width
	clear(out)
	for r := range len(out) / max(width, 1) {
		row := out[r*width : (r+1)*width]
		if a := w.Outer[lo+r]; a != 0 {
			in.gather(row, w.Matrix.Prefix(lo+r, w.Limit), w.Inner)
			simd.Scale(a, row)
		}
	}
}

// gatherRows is how many gathered rows wait in cache to be multiplied: a multiple of the tile's.
const gatherRows = 16 * simd.TileRows

// GatherMul computes rows [lo, hi) of w·in·by into out, by [l×w]; hi follows from the length of out.
// With (rows, B, T) it is Y = X·(B·T) without B·T in memory, with (columns, Y, E·S^(p-2)) it projects songs.
func (w Weighted) GatherMul(out []float32, lo int, in Tall, by []float32) {
	l := in.Width
	width := len(by) / l
	buf := make([]float32, gatherRows*l)
	for len(out) > 0 {
		rows := min(gatherRows, len(out)/width)
		w.Gather(buf[:rows*l], lo, in)
		simd.Mul(out[:rows*width], buf[:rows*l], by, l)
		out, lo = out[rows*width:], lo+rows
	}
}

// Multiply computes out [n×w] = in [n×l]·m [l×w] in float32; out may be in.
func Multiply(out, in, m []float32, l int) {
	w := len(m) / max(l, 1)
	buf := make([]float32, gatherRows*w)
	for len(in) > 0 {
		rows := min(gatherRows, len(in)/l)
		simd.Mul(buf[:rows*w], in[:rows*l], m, l)
		copy(out, buf[:rows*w])
		out, in = out[rows*w:], in[rows*l:]
	}
}

// Single rounds a small matrix for Multiply.
func Single(m []float64) []float32 {
	out := make([]float32, len(m))
	for i, v := range m {
		out[i] = float32(v)
	}
	return out
}
