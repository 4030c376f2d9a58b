package simd

// TileGroup is how many int8 of a vector stand together in a panel.
const TileGroup = 4

// HitsI8 is Hits with integer scores.
type HitsI8 struct {
	Scores [TileRows * TileCols]int32
	Rows   [TileRows]uint32
	Cols   [TileRows]uint32
}

// ColsI8 are the thresholds and the bias of the columns of an int8 panel.
type ColsI8 struct {
	Above [TileCols]int32 // of TileI8Sym
	Bias  [TileCols]int32 // where scores begin; written by PackColsI8
}

// TileI8 is Tile for int8 vectors: panels from PackRowsI8 and PackColsI8, which also fills cols.Bias. Scores are exact (modulo 2³², which needs
// vectors of more than 66,000 elements), so that every tier gives the same.
//
// Panics unless len(a) = TileRows·TileGroup·groups and len(b) = TileCols·TileGroup·groups.
func TileI8(a []uint8, b []int8, rows *[TileRows]int32, cols *ColsI8, h *HitsI8) bool {
	checkPanels("TileI8", len(a), len(b), TileGroup)
	return tileI8(a, b, rows, cols, h)
}

// TileI8Sym is TileI8 with the thresholds cols.Above too.
func TileI8Sym(a []uint8, b []int8, rows *[TileRows]int32, cols *ColsI8, h *HitsI8) bool {
	checkPanels("TileI8Sym", len(a), len(b), TileGroup)
	return tileI8Sym(a, b, rows, cols, h)
}
