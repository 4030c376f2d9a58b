package simd

import "unsafe"

// Widths of DotsI8: elements of a row come in blocks, columns in groups.
const (
	BlockI8 = 32
	ColsI8  = 4
)

// DotsI8 computes out [len(rows)×n] = the named rows of base [·×width] times bᵀ, b [n×width]: integers, exact modulo 2³², the same at every tier.
// Rows are asked for some ahead of their turn.
//
// Panics unless width is a positive multiple of BlockI8 and n of ColsI8, lengths fit and rows are in base.
func DotsI8(out []int32, base []int8, rows []int32, b []int16, width int) {
	if width <= 0 || width%BlockI8 != 0 || len(b)%(width*ColsI8) != 0 || len(out) != len(rows)*(len(b)/width) {
		wrong("DotsI8: %d sums of %d rows and %d elements of width %d", len(out), len(rows), len(b), width)
	}
	n := len(base) / width
	for _, r := range rows {
		if uint(r) >= uint(n) {
			wrong("DotsI8: row %d of %d", r, n)
		}
	}
	if len(out) > 0 {
		dotsI8(out, base, rows, b, width)
	}
}

// DotRows computes out[i] = Dot(x, row rows[i] of base [·×len(x)]), the same bits. Panics unless out is as long as rows and rows are in base.
func DotRows(out, base []float32, rows []int32, x []float32) {
	if len(out) != len(rows) {
		wrong("DotRows: %d sums of %d rows", len(out), len(rows))
	}
	checkRows("DotRows", rows, base, len(x))
	if len(rows) > 0 {
		dotRows(out, base, rows, x)
	}
}

// SumRows adds the named rows of base [·×len(sums)] to sums, one after another: the same bits at every tier. Panics unless rows are in base.
func SumRows(sums []float64, base []float32, rows []int32) {
	checkRows("SumRows", rows, base, len(sums))
	if len(rows) > 0 {
		sumRows(sums, base, rows)
	}
}

// Fetch asks the processor to bring x near before it is read. It changes nothing.
func Fetch[T any](x []T) {
	if len(x) > 0 {
		ask((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(x[0])))
	}
}

// FetchText is Fetch for a string.
func FetchText(x string) {
	if len(x) > 0 {
		ask(unsafe.StringData(x), len(x))
	}
}

// FetchEach is Fetch for the first bytes of x[i] of every i of items.
func FetchEach[T any](x []T, items []int32) {
	if len(x) > 0 && len(items) > 0 {
		askEach((*byte)(unsafe.Pointer(unsafe.SliceData(x))), items, int(unsafe.Sizeof(x[0])))
	}
}
