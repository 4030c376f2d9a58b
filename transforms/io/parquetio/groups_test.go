package parquetio_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"segue/schemas"
	"segue/transforms/io/parquetio"
)

// A listener's recommendations lie in one row group of at most 500 listeners and 512 KiB, so that one request reads them,
// and the footer of a file of such groups stays small.
func TestRowGroupsOfListeners(t *testing.T) {
	s := memLake(t)
	table, _ := schemas.FindTable(schemas.TableUserRecommendations)
	rnd := rand.New(rand.NewPCG(1, 1))
	var rows []schemas.Recommendation
	for u := range 3000 {
		for r := range rnd.IntN(60) {
			rows = append(rows, schemas.Recommendation{
				UserID: fmt.Sprintf("user-%06d", u), List: schemas.ListGeneral, Rank: int32(r + 1), SongID: fmt.Sprintf("song-%05d", rnd.IntN(20000)),
				Score: rnd.Float32(), Taste: rnd.Float32(), Context: rnd.Float32(), Popularity: rnd.Float32(), WTaste: .7, WContext: .2, WPopularity: .1,
				Tier: schemas.TierPersonal, Sources: []string{"neighbours"}, Seeds: []schemas.Reason{{SongID: fmt.Sprintf("song-%05d", rnd.IntN(20000)), Share: rnd.Float32()}},
			})
		}
	}
	w, err := parquetio.NewWriter[schemas.Recommendation](t.Context(), s, "r", parquetio.MetaFor(table, "2026-01-05.1"))
	if err != nil {
		t.Fatal(err)
	}
	for start := 0; start < len(rows); start += 777 { // batches do not matter
		if err := w.Write(rows[start:min(start+777, len(rows))]); err != nil {
			t.Fatal(err)
		}
	}
	ref, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquetio.OpenFile(t.Context(), s, ref.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	last, at, sum := "", int64(0), int64(0)
	for i, g := range f.RowGroups {
		users := map[string]bool{}
		for _, row := range rows[at : at+g.Rows] {
			users[row.UserID] = true
		}
		if users[last] || len(users) > 500 || g.Bytes > 512<<10 {
			t.Errorf("row group %d: %d listeners, %d bytes, first was in the group before: %v", i, len(users), g.Bytes, users[last])
		}
		at += g.Rows
		sum += g.Bytes
		last = rows[at-1].UserID
	}
	if at != int64(len(rows)) || len(f.RowGroups) < 7 || len(f.RowGroups) > 30 {
		t.Errorf("%d rows in %d row groups, want %d in about 10", at, len(f.RowGroups), len(rows))
	}
	t.Logf("%d row groups, %d bytes, %d of them footer and indexes", len(f.RowGroups), ref.Size, ref.Size-sum)
}
