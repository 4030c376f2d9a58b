//go:build !purego

package simd

// gather is a call of gather-axpy: y and rows point at the same column.
type gather struct {
	y, w, rows       *float32
	items            *int32
	n, stride, first int
}

// gatherAxpy goes over the items once for every strip of columns that fits into registers.
func gatherAxpy(y []float32, items []int32, w []float32, rows Rows) {
	if active == plain {
		gatherAxpyGo(y, items, w, rows)
		return
	}
	c := gather{w: &w[0], items: &items[0], n: len(items), stride: 4 * len(y), first: int(rows.First)}
	lanes, most := 16, 16
	if active == avx2 {
		lanes, most = 8, 12
	}
	at := 0
	for left := len(y) &^ 15 / lanes; left > 0; {
		strips := (left + most - 1) / most
		v := (left + strips - 1) / strips // of equal width
		c.y, c.rows = &y[at], &rows.Data[at]
		if active == avx512 {
			c.zmm(v)
		} else {
			c.ymm(v)
		}
		left -= v
		at += v * lanes
	}
	switch rest := len(y) - at; {
	case rest == 0:
	case active == avx512:
		gatherTailZ(&y[at], c.items, c.n, c.w, &rows.Data[at], c.stride, c.first, rest)
	default:
		gatherTailY(&y[at], c.items, c.n, c.w, &rows.Data[at], c.stride, c.first, rest)
	}
}

// zmm adds up v registers of 16 floats. A switch, as calls through a table would move every slice to the heap.
func (c gather) zmm(v int) {
	switch v {
	case 1:
		gatherZ1(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 2:
		gatherZ2(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 3:
		gatherZ3(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 4:
		gatherZ4(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 5:
		gatherZ5(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 6:
		gatherZ6(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 7:
		gatherZ7(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 8:
		gatherZ8(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 9:
		gatherZ9(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 10:
		gatherZ10(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 11:
		gatherZ11(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 12:
		gatherZ12(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 13:
		gatherZ13(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 14:
		gatherZ14(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 15:
		gatherZ15(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 16:
		gatherZ16(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	}
}

// ymm adds up v registers of 8 floats.
func (c gather) ymm(v int) {
	switch v {
	case 1:
		gatherY1(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 2:
		gatherY2(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 3:
		gatherY3(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 4:
		gatherY4(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 5:
		gatherY5(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 6:
		gatherY6(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 7:
		gatherY7(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 8:
		gatherY8(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 9:
		gatherY9(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 10:
		gatherY10(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 11:
		gatherY11(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	case 12:
		gatherY12(c.y, c.items, c.n, c.w, c.rows, c.stride, c.first)
	}
}

func gatherRows(dst, base []float32, rows []int32, width int) {
	switch {
	case active == avx512 && width == 64:
		rows4(&dst[0], &base[0], &rows[0], len(rows))
	case active == avx512 && width == 112:
		rows7(&dst[0], &base[0], &rows[0], len(rows))
	case active == avx512 && width == 128:
		rows8(&dst[0], &base[0], &rows[0], len(rows))
	default:
		gatherRowsGo(dst, base, rows, width)
	}
}

func fetchRows(base []float32, rows []int32, width int) {
	switch {
	case active != avx512:
	case width == 64:
		fetch4(&base[0], &rows[0], len(rows))
	case width == 112:
		fetch7(&base[0], &rows[0], len(rows))
	case width == 128:
		fetch8(&base[0], &rows[0], len(rows))
	}
}

func dotsI8(out []int32, base []int8, rows []int32, b []int16, width int) {
	groups := len(b) / (width * ColsI8)
	switch {
	case vnni:
		dotsI8V(&out[0], &base[0], &rows[0], len(rows), &b[0], groups, width)
	case active == avx512:
		dotsI8Z(&out[0], &base[0], &rows[0], len(rows), &b[0], groups, width)
	case active == avx2:
		dotsI8Y(&out[0], &base[0], &rows[0], len(rows), &b[0], groups, width)
	default:
		dotsI8Go(out, base, rows, b, width)
	}
}

func ask(p *byte, n int) {
	if active != plain {
		fetchSpan(p, n)
	}
}

func askEach(base *byte, rows []int32, stride int) {
	if active != plain {
		fetchEach(base, &rows[0], len(rows), stride)
	}
}

func dots(out, a, b []float32, width int) {
	m, n := len(a)/width, len(b)/width
	switch {
	case active == avx512 && width == 64:
		dots4(&out[0], &a[0], &b[0], m, n)
	case active == avx512 && width == 112:
		dots7(&out[0], &a[0], &b[0], m, n)
	case active == avx512 && width == 128:
		dots8(&out[0], &a[0], &b[0], m, n)
	default:
		dotsBy(out, a, b, width)
	}
}

func update(base []float32, rows []int32, c coefficients) {
	m := len(c.x) / c.width
	switch {
	case active == avx512 && c.width == 64:
		update4(&base[0], &rows[0], len(rows), &c.x[0], &c.g[0], m, c.byRow, c.byTerm)
	case active == avx512 && c.width == 112:
		update7(&base[0], &rows[0], len(rows), &c.x[0], &c.g[0], m, c.byRow, c.byTerm)
	case active == avx512 && c.width == 128:
		update8(&base[0], &rows[0], len(rows), &c.x[0], &c.g[0], m, c.byRow, c.byTerm)
	default:
		updateBy(base, rows, c)
	}
}

// sumColumns is how many columns sumRowsZ sums.
const sumColumns = 32

func sumRows(sums []float64, base []float32, rows []int32) {
	if active != avx512 {
		sumRowsGo(sums, base, rows)
		return
	}
	for k := 0; k < len(sums); k += sumColumns {
		sumRowsZ(&sums[k], &base[k], &rows[0], len(rows), len(sums), min(sumColumns, len(sums)-k))
	}
}

func dotRows(out, base []float32, rows []int32, x []float32) {
	switch active {
	case avx512:
		dotRowsZ(&out[0], &base[0], &rows[0], len(rows), &x[0], len(x))
	case avx2:
		dotRowsY(&out[0], &base[0], &rows[0], len(rows), &x[0], len(x))
	default:
		dotRowsGo(out, base, rows, x)
	}
}
