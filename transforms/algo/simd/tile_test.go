package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// panels draws the vectors of a tile and packs them; fewer rows than a tile has on both sides.
func panels(r *rand.Rand, depth int, draw func(*rand.Rand) float32) (x, y, a, b []float32) {
	x, y = make([]float32, TileRows*depth), make([]float32, TileCols*depth)
	rows, cols := 1+r.IntN(TileRows), 1+r.IntN(TileCols)
	for i := range x[:rows*depth] {
		x[i] = draw(r)
	}
	for i := range y[:cols*depth] {
		y[i] = draw(r)
	}
	_, a = filled(r, TileRows*depth, draw)
	_, b = filled(r, TileCols*depth, draw)
	PackRows(a, x, depth, upTo(rows))
	PackCols(b, y, depth, upTo(cols))
	return x, y, a, b
}

func upTo(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// guardedHits is a result between words that must not change.
type guardedHits struct {
	before [16]uint32
	hits   Hits
	after  [16]uint32
}

// checkHits compares bits with the scores that were stored, or with the slow ones where none needed to be.
func checkHits(t *testing.T, h *Hits, above func(i, j int) (row, col float32), slow func(i, j int) (float64, float64), sym bool) {
	t.Helper()
	any := uint32(0)
	for i := range TileRows {
		any |= h.Rows[i] | h.Cols[i]
	}
	for i := range TileRows {
		for j := range TileCols {
			row, col := above(i, j)
			inRow, inCol := h.Rows[i]>>j&1 == 1, h.Cols[i]>>j&1 == 1
			want, size := slow(i, j)
			e := bound(200, size)
			if inRow || inCol {
				s := h.Scores[i*TileCols+j]
				if !near(s, 200, want, size) || inRow != (s > row) || sym && inCol != (s > col) {
					t.Fatalf("(%d,%d): score %v, want %v; above %v %v, %v %v", i, j, s, want, row, inRow, col, inCol)
				}
			} else if want-e > float64(row) || sym && want-e > float64(col) {
				t.Fatalf("(%d,%d): score %v above %v or %v was missed", i, j, want, row, col)
			}
		}
	}
}

// Tiles find exactly the scores above the thresholds of rows and columns, within the bound of their sums, at every depth and kind of number;
// avx2 and avx512 give the same bits.
func TestTile(t *testing.T) {
	for kind, draw := range draws {
		results := map[level][]float32{}
		eachTier(t, func(t *testing.T, r *rand.Rand) {
			for depth := range 200 {
				x, y, a, b := panels(r, depth, draw)
				var rows [TileRows]float32
				var cols [TileCols]float32
				spread := draw(r)
				for i := range rows {
					rows[i] = float32(r.NormFloat64()) * spread
				}
				for j := range cols {
					cols[j] = float32(r.NormFloat64()) * spread
				}
				rows[r.IntN(TileRows)] = float32(math.Inf(1))
				above := func(i, j int) (float32, float32) { return rows[i], cols[j] }
				slow := func(i, j int) (float64, float64) {
					return exact(x[i*depth:(i+1)*depth], y[j*depth:(j+1)*depth])
				}
				g := guardedHits{before: [16]uint32{7, 7}, after: [16]uint32{7, 7}}
				found := Tile(a, b, &rows, &g.hits)
				checkHits(t, &g.hits, above, slow, false)
				if any := slices.ContainsFunc(g.hits.Rows[:], func(m uint32) bool { return m != 0 }); any != found || g.hits.Cols != [TileRows]uint32{} {
					t.Fatalf("%s, depth %d: found %v, masks %x, columns %x", kind, depth, found, g.hits.Rows, g.hits.Cols)
				}
				TileSym(a, b, &rows, &cols, &g.hits)
				checkHits(t, &g.hits, above, slow, true)
				if g.before != [16]uint32{7, 7} || g.after != [16]uint32{7, 7} {
					t.Fatalf("%s, depth %d: wrote outside", kind, depth)
				}
				for i := range TileRows {
					for j := range TileCols {
						if (g.hits.Rows[i]|g.hits.Cols[i])>>j&1 == 1 {
							results[active] = append(results[active], g.hits.Scores[i*TileCols+j])
						}
					}
				}
			}
		})
		if len(results[avx512]) > 0 {
			if len(results[avx512]) != len(results[avx2]) {
				t.Fatalf("%s: %d hits with avx512, %d with avx2", kind, len(results[avx512]), len(results[avx2]))
			}
			sameAll(t, kind+": avx512 and avx2", results[avx512], results[avx2])
		}
	}
}

// The int8 tiles are exact, with extremes, at every width and tier.
func TestTileI8(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for width := range 150 {
			x, y := make([]int8, TileRows*width), make([]int8, TileCols*width)
			for _, v := range [][]int8{x, y} {
				for i := range v {
					v[i] = int8(r.IntN(256) - 128)
				}
			}
			if width%3 == 0 {
				for i := range x {
					x[i] = -128
				}
			}
			a, b := make([]uint8, TileRows*TileGroup*Groups(width)), make([]int8, TileCols*TileGroup*Groups(width))
			var rows, rowScale [TileRows]float32
			var cols, colScale [TileCols]float32
			var bias [TileCols]int32
			PackRowsI8(a, x, width, upTo(TileRows))
			PackColsI8(b, &bias, y, width, upTo(TileCols))
			shift := int32(r.IntN(100))
			for i := range rows {
				rows[i], rowScale[i] = float32(r.NormFloat64()*1e5), float32(math.Exp(r.NormFloat64()))
			}
			for j := range cols {
				cols[j], colScale[j] = float32(r.NormFloat64()*1e5), float32(math.Exp(r.NormFloat64()))
				bias[j] += shift
			}
			rows[0], rows[1] = float32(math.Inf(-1)), float32(math.Inf(1))
			var h, sym Hits
			e := EdgesI8{&rows, &rowScale, &cols, &colScale, &bias}
			found, foundSym := TileI8(a, b, e, &h), TileI8Sym(a, b, e, &sym)
			if !found || !foundSym {
				t.Fatalf("width %d: nothing above the least threshold", width)
			}
			for i := range TileRows {
				for j := range TileCols {
					sum := shift
					for k := range width {
						sum += int32(x[i*width+k]) * int32(y[j*width+k])
					}
					want := float32(sum)
					row, col := want*colScale[j] > rows[i], want*rowScale[i] > cols[j]
					if h.Rows[i]>>j&1 == 1 != row || sym.Rows[i]>>j&1 == 1 != row || sym.Cols[i]>>j&1 == 1 != col {
						t.Fatalf("width %d (%d,%d): score %v, thresholds %v %v", width, i, j, want, rows[i], cols[j])
					}
					if row && h.Scores[i*TileCols+j] != want || (row || col) && sym.Scores[i*TileCols+j] != want {
						t.Fatalf("width %d (%d,%d): scores %v and %v, want %v", width, i, j, h.Scores[i*TileCols+j], sym.Scores[i*TileCols+j], want)
					}
				}
			}
			if h.Cols != [TileRows]uint32{} {
				t.Fatalf("width %d: TileI8 wrote column masks", width)
			}
		}
	})
}
