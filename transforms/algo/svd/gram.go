package svd

import (
	"segue/transforms/algo/simd"
	"segue/transforms/algo/vec"
)

// Packed returns how many numbers the upper triangle of an l × l matrix holds.
func Packed(l int) int { return l * (l + 1) / 2 }

// Gram returns in'·in of one block of rows, the upper triangle packed by rows; summed as simd.Gram says.
// Rows whose weight is 0 are left out; nil weights keep all. Cost: rows·l² flops.
func Gram(in []float32, l int, weights []float32) []float64 {
	full := make([]float64, l*l)
	simd.Gram(full, kept(in, l, weights), l)
	g := make([]float64, 0, Packed(l))
	for i := range l {
		g = append(g, full[i*l+i:(i+1)*l]...)
	}
	return g
}

// kept returns the rows of a weight other than 0; the rows themselves when that is all.
func kept(in []float32, l int, weights []float32) []float32 {
	for r, w := range weights {
		if w != 0 {
			continue
		}
		out := append([]float32(nil), in[:r*l]...)
		for q := r + 1; q < len(weights); q++ {
			if weights[q] != 0 {
				out = append(out, in[q*l:(q+1)*l]...)
			}
		}
		return out
	}
	return in
}

// unpack returns the packed upper triangle as a whole symmetric matrix.
func unpack(gram []float64, l int) []float64 {
	full := make([]float64, l*l)
	for i, at := 0, 0; i < l; i++ {
		for j := i; j < l; j++ {
			full[i*l+j], full[j*l+i] = gram[at], gram[at]
			at++
		}
	}
	return full
}

// Energy returns the trace of a packed Gram matrix and the sum of the squares of all its entries.
func Energy(gram []float64, l int) (trace, squares float64) {
	for i, at := 0, 0; i < l; i++ {
		trace += gram[at]
		squares += float64(gram[at] * gram[at])
		for _, v := range gram[at+1 : at+l-i] {
			squares += 2 * float64(v*v)
		}
		at += l - i
	}
	return trace, squares
}

// overBlocks returns the sum over the fixed blocks of n rows of what f makes of each, on all cores.
func overBlocks(n int, f func(lo, hi int) []float64) []float64 {
	parts := make([][]float64, vec.Blocks(n))
	vec.Each(len(parts), func(b int) {
		lo, hi := vec.Block(b, n)
		parts[b] = f(lo, hi)
	})
	return vec.SumPairwise(parts)
}
