package simd

import (
	"encoding/binary"
	"unsafe"
)

// PackRows writes the left panel of a tile: the named rows of x [·×width], element by element, TileRows floats an element; missing rows are
// zeros. Panics if there are more than TileRows, a row is not in x, or len(dst) ≠ TileRows·width.
func PackRows(dst, x []float32, width int, rows []int32) {
	packPanel(dst, x, width, rows, TileRows)
}

// PackCols writes the right panel of a tile, as PackRows does with TileCols rows of x.
func PackCols(dst, x []float32, width int, rows []int32) {
	packPanel(dst, x, width, rows, TileCols)
}

func packPanel(dst, x []float32, width int, rows []int32, lanes int) {
	if len(dst) != lanes*width || len(rows) > lanes {
		wrong("Pack: %d rows of %d in a panel of %d floats for %d rows", len(rows), width, len(dst), lanes)
	}
	if len(rows) < lanes {
		clear(dst)
	}
	for j, r := range rows {
		at := j
		for _, v := range x[int(r)*width : (int(r)+1)*width] {
			dst[at] = v
			at += lanes
		}
	}
}

// Groups returns how many groups of TileGroup bytes a vector of width int8 takes.
func Groups(width int) int { return (width + TileGroup - 1) / TileGroup }

// PackRowsI8 writes the left panel of an int8 tile: values + 128 as unsigned bytes, TileRows groups an element of four; what is
// missing counts as 0. Panics as PackRows does; len(dst) = TileRows·TileGroup·Groups(width).
func PackRowsI8(dst []uint8, x []int8, width int, rows []int32) {
	const lanes = TileRows * TileGroup
	if len(dst) != lanes*Groups(width) || len(rows) > TileRows {
		wrong("PackRowsI8: %d rows of %d in a panel of %d bytes", len(rows), width, len(dst))
	}
	for i := range dst {
		dst[i] = 128
	}
	for j, r := range rows {
		PackRowI8(dst, j, x[int(r)*width:int(r+1)*width])
	}
}

// PackRowI8 writes x as row j of a left panel as PackRowsI8 does, and leaves the other rows. Panics if dst is not a panel of len(x) elements or has no row j.
func PackRowI8(dst []uint8, j int, x []int8) {
	const lanes = TileRows * TileGroup
	if len(dst) != lanes*Groups(len(x)) || uint(j) >= TileRows {
		wrong("PackRowI8: row %d of %d elements in a panel of %d bytes", j, len(x), len(dst))
	}
	values := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
	k, to := 0, j*TileGroup
	for ; k+TileGroup <= len(values); k += TileGroup { // a group is a word; + 128 turns the first bit of each byte over
		binary.NativeEndian.PutUint32(dst[to:], binary.NativeEndian.Uint32(values[k:])^0x80808080)
		to += lanes
	}
	if k < len(values) {
		last := [TileGroup]byte{128, 128, 128, 128}
		for i, v := range values[k:] {
			last[i] = v ^ 128
		}
		copy(dst[to:], last[:])
	}
}

// PackColsI8 writes the right panel of an int8 tile and bias, -128·Σ of its columns, which takes the 128 of the rows back.
// Panics as PackCols does; len(dst) = TileCols·TileGroup·Groups(width).
func PackColsI8(dst []int8, bias *[TileCols]int32, x []int8, width int, rows []int32) {
	const lanes = TileCols * TileGroup
	if len(dst) != lanes*Groups(width) || len(rows) > TileCols {
		wrong("PackColsI8: %d rows of %d in a panel of %d bytes", len(rows), width, len(dst))
	}
	clear(dst)
	clear(bias[:])
	for j, r := range rows {
		sum := int32(0)
		for k, v := range x[int(r)*width : (int(r)+1)*width] {
			dst[k/TileGroup*lanes+j*TileGroup+k%TileGroup] = v
			sum += int32(v)
		}
		bias[j] = -128 * sum
	}
}
