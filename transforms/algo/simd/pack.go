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
	if len(dst) != TileRows*TileGroup*Groups(width) || len(rows) > TileRows {
		wrong("PackRowsI8: %d rows of %d in a panel of %d bytes", len(rows), width, len(dst))
	}
	if len(rows) < TileRows || width%TileGroup != 0 {
		for i := range dst {
			dst[i] = 128
		}
	}
	if width == 0 {
		return
	}
	row := func(j int) []int8 { return x[int(rows[j])*width:][:width] }
	j := 0
	for ; j+4 <= len(rows); j += 4 {
		packFourI8(dst[j*TileGroup:], &[4][]int8{row(j), row(j + 1), row(j + 2), row(j + 3)})
	}
	for ; j < len(rows); j++ {
		packRowI8(dst[j*TileGroup:], row(j), 0)
	}
}

// packFourI8Go writes four rows of a left panel.
func packFourI8Go(dst []uint8, rows *[4][]int8) {
	from := packPairI8(dst, rows[0], rows[1])
	packPairI8(dst[2*TileGroup:], rows[2], rows[3])
	packFourEndsI8(dst, rows, from)
}

// packFourEndsI8 writes four rows from one of their elements on.
func packFourEndsI8(dst []uint8, rows *[4][]int8, from int) {
	for j := 0; j < len(rows) && from < len(rows[j]); j++ {
		packRowI8(dst[j*TileGroup:], rows[j], from)
	}
}

// packPairI8 writes as much of two rows of a left panel as two groups at a time are, and returns how much.
func packPairI8(dst []uint8, x, y []int8) int {
	const lanes, two, low = TileRows * TileGroup, 2 * TileGroup, 1<<32 - 1
	const offset = 0x80808080_80808080 // turns the first bit of each byte over, which adds 128
	to, a, b := unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.SliceData(x)), unsafe.Pointer(unsafe.SliceData(y))
	n := len(x) / two
	for range n {
		v, w := binary.LittleEndian.Uint64((*[two]byte)(a)[:])^offset, binary.LittleEndian.Uint64((*[two]byte)(b)[:])^offset
		binary.LittleEndian.PutUint64((*[two]byte)(to)[:], v&low|w<<32)
		binary.LittleEndian.PutUint64((*[two]byte)(unsafe.Add(to, lanes))[:], v>>32|w&^low)
		to, a, b = unsafe.Add(to, 2*lanes), unsafe.Add(a, two), unsafe.Add(b, two)
	}
	return n * two
}

// packRowI8 writes a row of a left panel from one of its elements on.
func packRowI8(dst []uint8, x []int8, from int) {
	for k := from; k < len(x); k++ {
		dst[k/TileGroup*TileRows*TileGroup+k%TileGroup] = uint8(x[k]) ^ 128
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
