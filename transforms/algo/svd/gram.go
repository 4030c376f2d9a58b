package svd

import "segue/transforms/algo/vec"

// Packed returns how many numbers the upper triangle of an l × l matrix holds.
func Packed(l int) int { return l * (l + 1) / 2 }

// Gram returns in'·in of one block of rows in float64, the upper triangle packed by rows.
// Rows whose weight is 0 are left out; nil weights keep all. Cost: rows·l² flops.
func Gram(in []float32, l int, weights []float32) []float64 {
	g := make([]float64, Packed(l))
	x := make([]float64, l)
	for r := range len(in) / max(l, 1) {
		if weights != nil && weights[r] == 0 {
			continue
		}
		for k, v := range in[r*l : (r+1)*l] {
			x[k] = float64(v)
		}
		at := 0
		for i, v := range x {
			if v != 0 {
				addScaled(g[at:at+l-i], x[i:], v)
			}
			at += l - i
		}
	}
	return g
}

// blockwise computes the rows of out [n×width] block by block on all cores with f, and returns what reduce makes of each
// block summed over blocks.
func blockwise(out []float32, width int, f func(block []float32, lo int), reduce func(block []float32, lo int) []float64) []float64 {
	n := len(out) / width
	parts := make([][]float64, vec.Blocks(n))
	vec.Each(len(parts), func(b int) {
		lo, hi := vec.Block(b, n)
		block := out[lo*width : hi*width]
		f(block, lo)
		parts[b] = reduce(block, lo)
	})
	return vec.SumPairwise(parts)
}
