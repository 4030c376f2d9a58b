// Package vec holds the kernels every method spends its time in: sums of scaled rows, dot products, norms.
//
//	vec.go      the kernels
//	blocks.go   fixed blocks, pairwise sums over them, and running them on all cores
//
// Results depend on the arguments alone: the order of every sum is fixed, and no multiplication is fused with an addition.
package vec

import "math"

// Axpy adds a·x to y; len(y) ≥ len(x). Elements do not depend on one another, so any vector width gives the same bits.
func Axpy(a float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += float32(a * v)
	}
}

// Scale multiplies x by a.
func Scale(a float32, x []float32) {
	for i := range x {
		x[i] *= a
	}
}

// Gather adds w[r]·rows[r] for every r of items to y, in the order of items; rows of weight 0 are not read.
func Gather(items []int32, w []float32, rows Tall, y []float32) {
	for _, r := range items {
		if a := w[r]; a != 0 {
			Axpy(a, rows.Row(int(r)), y)
		}
	}
}

// Dot returns the inner product of x and y, len(y) ≥ len(x).
// Order: eight lanes, lane k sums the elements i ≡ k (mod 8); lanes are added by halves; the rest of a length that is no
// multiple of eight follows one by one.
func Dot(x, y []float32) float32 {
	var a, b, c, d, e, f, g, h float32
	y = y[:len(x)]
	n := len(x) &^ 7
	for i := 0; i < n; i += 8 {
		u, v := x[i:i+8:i+8], y[i:i+8:i+8]
		a += float32(u[0] * v[0])
		b += float32(u[1] * v[1])
		c += float32(u[2] * v[2])
		d += float32(u[3] * v[3])
		e += float32(u[4] * v[4])
		f += float32(u[5] * v[5])
		g += float32(u[6] * v[6])
		h += float32(u[7] * v[7])
	}
	sum := ((a + e) + (c + g)) + ((b + f) + (d + h))
	for i := n; i < len(x); i++ {
		sum += float32(x[i] * y[i])
	}
	return sum
}

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

// Tall is a matrix of many rows kept as parts of equally many rows, a power of two; the last may be shorter.
type Tall struct {
	Width int // columns
	shift uint
	parts [][]float32
}

// NewTall returns the matrix whose parts follow one another; each but the last holds 1<<shift rows of width columns.
func NewTall(width int, shift uint, parts ...[]float32) Tall {
	return Tall{Width: width, shift: shift, parts: parts}
}

// Row returns row i; it shares memory with the matrix.
func (t Tall) Row(i int) []float32 {
	at := (i & (1<<t.shift - 1)) * t.Width
	return t.parts[i>>t.shift][at : at+t.Width]
}
