package svd

import (
	"slices"

	"segue/transforms/algo/simd"
)

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

// whole returns a matrix of one part.
func whole(width int, rows []float32) Tall { return NewTall(width, 31, rows) }

// Row returns row i; it shares memory with the matrix.
func (t Tall) Row(i int) []float32 {
	at := (i & (1<<t.shift - 1)) * t.Width
	return t.parts[i>>t.shift][at : at+t.Width]
}

// gather adds w[r]·row r to y for every r of items, which ascend, in their order.
func (t Tall) gather(y []float32, items []int32, w []float32) {
	for len(items) > 0 {
		part := int(items[0]) >> t.shift
		n := len(items)
		if end := (part + 1) << t.shift; int(items[n-1]) >= end {
			n, _ = slices.BinarySearch(items, int32(end))
		}
		simd.GatherAxpy(y, items[:n], w, simd.Rows{Data: t.parts[part], First: int32(part << t.shift)})
		items = items[n:]
	}
}
