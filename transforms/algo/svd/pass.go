package svd

import (
	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// Start fills out, one row a key and width columns, with pseudo-random numbers in [-1,1) that depend on (key, column) alone:
// a song starts alike wherever it stands.
func Start(out []float32, keys []uint64, width int) {
	for i, key := range keys {
		for k := range width {
			h := mix(key + uint64(k+1)*0x9e3779b97f4a7c15)
			out[i*width+k] = float32(int32(h>>32)) / (1 << 31)
		}
	}
}

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
// With (rows, Q) it is Y = X·Q, with (columns, Y) it is B = X'·Y: every output row is summed by one call, in item order.
// Cost: 2·entries·width flops, rows of in at random.
func (w Weighted) Gather(out []float32, lo int, in vec.Tall) {
	width := in.Width
	clear(out)
	for r := range len(out) / max(width, 1) {
		row := out[r*width : (r+1)*width]
		if a := w.Outer[lo+r]; a != 0 {
			vec.Gather(w.Matrix.Prefix(lo+r, w.Limit), w.Inner, in, row)
			vec.Scale(a, row)
		}
	}
}

// Multiply computes out [n×w] = in [n×l]·m [l×w], each element summed in float64 from k = 0 on and rounded once.
func Multiply(out, in []float32, m []float64, l int) {
	w := len(m) / l
	first := make([]int, l) // zeros to the left of an upper triangle are skipped
	for k := range first {
		for first[k] < w && m[k*w+first[k]] == 0 {
			first[k]++
		}
	}
	acc := make([]float64, w)
	for r := range len(in) / l {
		clear(acc)
		for k, v := range in[r*l : (r+1)*l] {
			addScaled(acc[first[k]:], m[k*w+first[k]:(k+1)*w], float64(v))
		}
		for j, v := range acc {
			out[r*w+j] = float32(v)
		}
	}
}

func addScaled(y, x []float64, a float64) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += float64(a * v)
	}
}

// Key returns the key of song number i under a seed.
func Key(seed, i uint64) uint64 { return mix(mix(seed) + i) }
