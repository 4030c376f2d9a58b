package simd

import "fmt"

// wrong panics with the name of the function and what is wrong with its arguments.
func wrong(format string, args ...any) { panic("simd." + fmt.Sprintf(format, args...)) }

// Dot returns the inner product of a and b, of equal length.
//
// Error: at most (n+1)·2⁻²⁴·Σ|aᵢ·bᵢ|; the order of the sum differs by tier.
func Dot(a, b []float32) float32 {
	if len(a) != len(b) {
		wrong("Dot: lengths %d and %d", len(a), len(b))
	}
	if len(a) == 0 {
		return 0
	}
	return dot(a, b)
}

// Axpy adds alpha·x to y, of equal length. Elements do not depend on one another. x and y are the same slice or do not overlap.
func Axpy(alpha float32, x, y []float32) {
	if len(x) != len(y) {
		wrong("Axpy: lengths %d and %d", len(x), len(y))
	}
	if len(x) > 0 {
		axpy(alpha, x, y)
	}
}

// Scale multiplies x by alpha; every tier gives the same bits.
func Scale(alpha float32, x []float32) {
	if len(x) > 0 {
		scale(alpha, x)
	}
}

// Rows are rows of equal width that follow one another: Data[0] is the first element of row First.
type Rows struct {
	Data  []float32
	First int32
}

// GatherAxpy adds w[i]·row i to y for every i of items, in their order; len(y) is the width of a row. Rows of weight 0 are not read.
//
// Every element of y stays in a register from the first item to the last: one fused multiply-add per item and lane.
// Panics on an item outside w or rows. Cost: 2·len(items)·len(y) flops; far rows are asked for some items ahead.
func GatherAxpy(y []float32, items []int32, w []float32, rows Rows) {
	if len(y) == 0 || len(items) == 0 {
		return
	}
	n := len(rows.Data) / len(y)
	for _, i := range items {
		if uint(i) >= uint(len(w)) || uint(int(i)-int(rows.First)) >= uint(n) {
			wrong("GatherAxpy: item %d of %d weights and rows [%d,%d)", i, len(w), rows.First, int(rows.First)+n)
		}
	}
	gatherAxpy(y, items, w, rows)
}
