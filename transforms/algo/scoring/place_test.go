package scoring

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Rows drawn by lot come to stand where they would if each were inserted before the next.
func TestPlace(t *testing.T) {
	const seed = 17
	r := rand.New(rand.NewPCG(seed, 2))
	for range 500 {
		length, lots := 1+r.IntN(100), 1+r.IntN(9)
		drawn, draw := make([]Row, r.IntN(min(lots, length)+1)), r.Uint64()
		kept := make([]Row, r.IntN(length-len(drawn)+1))
		for i := range kept {
			kept[i].Song = int32(i)
		}
		for i := range drawn {
			drawn[i].Song = int32(1000 + i)
		}
		want := slices.Clone(kept)
		for i, row := range drawn {
			part := max(1, (length-length/5)/lots)
			at := length/5 + i*part + int(mix(draw+uint64(i))%uint64(part))
			want = slices.Insert(want, min(at, len(want)), row)
		}
		p := pick{length: length, rows: append(kept, drawn...)}
		p.place(drawn, lots, draw)
		songs := func(rows []Row) (out []int32) {
			for i := range rows {
				out = append(out, rows[i].Song)
			}
			return out
		}
		if got := songs(p.rows); !slices.Equal(got, songs(want)) {
			t.Fatalf("seed %d: length %d, %d lots: %v, want %v", seed, length, lots, got, songs(want))
		}
	}
}
