// Package vec holds the kernels every method spends its time in: sums of scaled rows, dot products, norms.
//
//	vec.go      the kernels, those of simd where it has them
//	blocks.go   fixed blocks, pairwise sums over them, and running them on all cores
//
// Results depend on the arguments and the tier of simd alone: the order of every sum is fixed within a tier. Axpy and Scale are also the
// same between avx2 and avx512; see simd for the distance between others.
package vec

import (
	"math"

	"segue/transforms/algo/simd"
)

// Axpy adds a·x to y; len(y) ≥ len(x). Elements do not depend on one another.
func Axpy(a float32, x, y []float32) { simd.Axpy(a, x, y[:len(x)]) }

// Scale multiplies x by a.
func Scale(a float32, x []float32) { simd.Scale(a, x) }

// Dot returns the inner product of x and y, len(y) ≥ len(x). The order of the sum differs by tier.
func Dot(x, y []float32) float32 { return simd.Dot(x, y[:len(x)]) }

// SquaredNorm returns |x|² in float64, summed from the first element on.
func SquaredNorm(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

// Unit scales x to length 1 and reports whether it could: a vector of length 0, or not finite, becomes all zeros.
func Unit(x []float32) bool {
	n := math.Sqrt(SquaredNorm(x))
	if n == 0 || math.IsNaN(n) || math.IsInf(n, 0) {
		clear(x)
		return false
	}
	for i, v := range x {
		x[i] = float32(float64(v) / n)
	}
	return true
}
