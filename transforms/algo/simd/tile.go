package simd

// A tile is TileRows rows by TileCols columns at every tier.
const (
	TileRows = 12
	TileCols = 32
)

// Hits is what a tile found. Bit j of Rows[i] is set where the score of row i and column j is above the row's threshold, of
// Cols[i] where it is above the column's. Scores[i·TileCols+j] holds a score where one of the bits is set, anything elsewhere.
type Hits struct {
	Scores [TileRows * TileCols]float32
	Rows   [TileRows]uint32
	Cols   [TileRows]uint32
}

// Tile scores the rows of panel a (PackRows) against the columns of panel b (PackCols) and reports whether one is above the
// threshold of its row: score > rows[i], false where either is NaN. h.Rows is always written, h.Cols never.
//
// Error: each score is one chain of depth n terms, at most n·2⁻²³·Σ|terms| from the exact one; avx2 and avx512 give the same bits.
// Panics unless len(a) = TileRows·depth and len(b) = TileCols·depth.
func Tile(a, b []float32, rows *[TileRows]float32, h *Hits) bool {
	checkPanels("Tile", len(a), len(b), 1)
	return tile(a, b, rows, h)
}

// TileSym is Tile with a threshold for every column too: one product serves both. It reports whether any score is above either; h.Rows
// and h.Cols are always written.
func TileSym(a, b []float32, rows *[TileRows]float32, cols *[TileCols]float32, h *Hits) bool {
	checkPanels("TileSym", len(a), len(b), 1)
	return tileSym(a, b, rows, cols, h)
}

// checkPanels panics unless both panels are of one depth, in units of step elements.
func checkPanels(name string, a, b, step int) {
	if a*TileCols != b*TileRows || a%(TileRows*step) != 0 {
		wrong("%s: panels of %d and %d elements are not %d and %d rows of one depth", name, a, b, TileRows, TileCols)
	}
}
