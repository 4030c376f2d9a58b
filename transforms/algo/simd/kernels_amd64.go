//go:build !purego

package simd

import "unsafe"

// A register tile of avx2 is a quarter of a tile.
const (
	halfRows = TileRows / 2
	halfCols = TileCols / 2
)

// masksY returns where the quarter at row i and column j, 0 or 16, writes its half of the mask words.
func masksY(h *Hits, i, j int) *uint16 {
	return (*uint16)(unsafe.Add(unsafe.Pointer(&h.Rows[i]), j/8))
}

func dot(a, b []float32) float32 {
	switch active {
	case avx512:
		return dotZ(&a[0], &b[0], len(a))
	case avx2:
		return dotY(&a[0], &b[0], len(a))
	}
	return dotGo(a, b)
}

func axpy(alpha float32, x, y []float32) {
	switch active {
	case avx512:
		axpyZ(alpha, &x[0], &y[0], len(x))
	case avx2:
		axpyY(alpha, &x[0], &y[0], len(x))
	default:
		axpyGo(alpha, x, y)
	}
}

func scale(alpha float32, x []float32) {
	switch active {
	case avx512:
		scaleZ(alpha, &x[0], len(x))
	case avx2:
		scaleY(alpha, &x[0], len(x))
	default:
		scaleGo(alpha, x)
	}
}

func tile(a, b []float32, rows *[TileRows]float32, h *Hits) bool {
	switch {
	case active == plain || len(a) == 0:
		return tileGo(a, b, rows, h)
	case active == avx512:
		return tileZ(&a[0], &b[0], len(a)/TileRows, &rows[0], nil, &h.Scores[0], &h.Rows[0]) != 0
	}
	found := uint32(0)
	for i := 0; i < TileRows; i += halfRows {
		for j := 0; j < TileCols; j += halfCols {
			found |= tileY(&a[i], &b[j], len(a)/TileRows, &rows[i], nil, &h.Scores[i*TileCols+j], masksY(h, i, j))
		}
	}
	return found != 0
}

func tileSym(a, b []float32, rows *[TileRows]float32, cols *[TileCols]float32, h *Hits) bool {
	switch {
	case active == plain || len(a) == 0:
		return tileSymGo(a, b, rows, cols, h)
	case active == avx512:
		return tileSymZ(&a[0], &b[0], len(a)/TileRows, &rows[0], &cols[0], &h.Scores[0], &h.Rows[0]) != 0
	}
	found := uint32(0)
	for i := 0; i < TileRows; i += halfRows {
		for j := 0; j < TileCols; j += halfCols {
			found |= tileSymY(&a[i], &b[j], len(a)/TileRows, &rows[i], &cols[j], &h.Scores[i*TileCols+j], masksY(h, i, j))
		}
	}
	return found != 0
}

func tileI8(a []uint8, b []int8, e *EdgesI8, h *Hits) bool {
	if !vnni || len(a) == 0 {
		return tileI8Go(a, b, e, h)
	}
	return tileI8Z(&a[0], &b[0], len(a)/(TileRows*TileGroup), &e.RowAbove[0], nil, nil, &e.ColScale[0], &e.ColBias[0], &h.Scores[0], &h.Rows[0]) != 0
}

func tileI8Sym(a []uint8, b []int8, e *EdgesI8, h *Hits) bool {
	if !vnni || len(a) == 0 {
		return tileI8SymGo(a, b, e, h)
	}
	return tileI8SymZ(&a[0], &b[0], len(a)/(TileRows*TileGroup), &e.RowAbove[0], &e.RowScale[0], &e.ColAbove[0], &e.ColScale[0], &e.ColBias[0], &h.Scores[0], &h.Rows[0]) != 0
}

func packFourI8(dst []uint8, rows *[4][]int8) {
	const block = 64
	n := len(rows[0]) / block
	if active != avx512 || n == 0 {
		packFourI8Go(dst, rows)
		return
	}
	packFourI8Z(&dst[0], &rows[0][0], &rows[1][0], &rows[2][0], &rows[3][0], n)
	packFourEndsI8(dst, rows, n*block)
}

func mulBlock(p block, c []float32, ldc int) {
	switch active {
	case avx512:
		mulZ(&p.a[0], 4*p.rs, 4*p.cs, &p.b[0], 4*p.ldb, p.k, &c[0], 4*ldc)
	case avx2:
		for i := 0; i < TileRows; i += halfRows {
			for j := 0; j < TileCols; j += halfCols {
				mulY(&p.a[i*p.rs], 4*p.rs, 4*p.cs, &p.b[j], 4*p.ldb, p.k, &c[i*ldc+j], 4*ldc)
			}
		}
	default:
		mulBlockGo(p, c, ldc)
	}
}

// gradient does the last lanes, fewer than a register's, on a copy: lanes do not depend on one another.
func gradient(x, label []float32, lr float32) {
	if active == plain {
		gradientGo(x, label, lr)
		return
	}
	n := len(x) &^ 15
	if n > 0 {
		gradLanes(x[:n], label, lr)
	}
	if n < len(x) {
		var v, l [16]float32
		copy(v[:], x[n:])
		copy(l[:], label[n:])
		gradLanes(v[:], l[:], lr)
		copy(x[n:], v[:])
	}
}

func gradLanes(x, label []float32, lr float32) {
	if active == avx512 {
		gradZ(&x[0], &label[0], len(x), lr)
		return
	}
	gradY(&x[0], &label[0], len(x), lr)
}
