package simd

import (
	"math/rand/v2"
	"testing"
)

// Byte j·TileGroup+b of group g of a panel is element g·TileGroup+b of row j plus 128, 128 where there is none: at every tier, for rows that lie
// apart, whatever the panel held before.
func TestPackRowsI8(t *testing.T) {
	eachTier(t, func(t *testing.T, r *rand.Rand) {
		for width := range 200 {
			x := make([]int8, 50*width)
			for i := range x {
				x[i] = int8(r.IntN(256) - 128)
			}
			rows := make([]int32, r.IntN(TileRows+1))
			for i := range rows {
				rows[i] = r.Int32N(50)
			}
			panel := make([]uint8, TileRows*TileGroup*Groups(width))
			for i := range panel {
				panel[i] = uint8(r.IntN(256))
			}
			PackRowsI8(panel, x, width, rows)
			for i, got := range panel {
				j, k := i/TileGroup%TileRows, i/TileGroup/TileRows*TileGroup+i%TileGroup
				want := uint8(128)
				if j < len(rows) && k < width {
					want = uint8(int(x[int(rows[j])*width+k]) + 128)
				}
				if got != want {
					t.Fatalf("width %d, %d rows: byte %d is %d, want %d", width, len(rows), i, got, want)
				}
			}
		}
	})
}
