package simd

// TileGroup is how many int8 of a vector stand together in a panel.
const TileGroup = 4

// EdgesI8 is what the rows and columns of an int8 tile carry. A sum is exact and becomes a float32 s; a row is hit where s·ColScale[j] >
// RowAbove[i], a column where s·RowScale[i] > ColAbove[j], each product rounded once.
type EdgesI8 struct {
	RowAbove *[TileRows]float32
	RowScale *[TileRows]float32 // of TileI8Sym
	ColAbove *[TileCols]float32 // of TileI8Sym
	ColScale *[TileCols]float32
	ColBias  *[TileCols]int32 // where sums begin: at least what PackColsI8 returned
}

// TileI8 is Tile for int8 vectors, panels from PackRowsI8 and PackColsI8. h.Scores are the sums, not scaled. Sums are exact (modulo 2³², which
// needs vectors of more than 66,000 elements) and every tier gives the same bits.
//
// Panics unless len(a) = TileRows·TileGroup·groups and len(b) = TileCols·TileGroup·groups, or on a missing edge.
func TileI8(a []uint8, b []int8, e EdgesI8, h *Hits) bool {
	checkPanels("TileI8", len(a), len(b), TileGroup)
	if e.RowAbove == nil || e.ColScale == nil || e.ColBias == nil {
		wrong("TileI8: an edge is missing")
	}
	return tileI8(a, b, &e, h)
}

// TileI8Sym is TileI8 with thresholds of columns, too.
func TileI8Sym(a []uint8, b []int8, e EdgesI8, h *Hits) bool {
	checkPanels("TileI8Sym", len(a), len(b), TileGroup)
	if e.RowAbove == nil || e.RowScale == nil || e.ColAbove == nil || e.ColScale == nil || e.ColBias == nil {
		wrong("TileI8Sym: an edge is missing")
	}
	return tileI8Sym(a, b, &e, h)
}
