package neighbours

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/align"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Churn and hubness are those of the published tables; on the first night there is no churn.
func TestDrift(t *testing.T) {
	lists, songs, artist := world(3, 90, 300, 3)
	n, _ := night(t, lists, songs, artist)
	n.MustStage(Stage(Default()))
	rows := published(n)
	if _, ok := n.Counts["neighbours/churn_songs"]; ok {
		t.Error("churn was counted on the first night")
	}
	named := make([]int32, len(songs))
	for _, r := range rows {
		i, _ := slices.BinarySearchFunc(songs, r.NeighbourID, func(s schemas.SongRow, id string) int { return strings.Compare(s.SongID, id) })
		named[i]++
	}
	if got, want := float64(n.Counts["neighbours/hubness_thousandths"])/1000, align.Hubness(named); got < want-.001 || got > want+.001 {
		t.Errorf("hubness %v, want %v", got, want)
	}
	// Last night, by decree: the first two neighbours of each song change, one of them to a song that is gone; one song had no list.
	last := slices.Clone(rows)
	for i, r := range last {
		switch r.Rank {
		case 1:
			last[i].NeighbourID = "gone"
		case 2:
			last[i].NeighbourID = r.SongID
		}
	}
	last = slices.DeleteFunc(last, func(r schemas.SongNeighbour) bool { return r.SongID == rows[0].SongID })
	var want float64
	compared := map[string]int{}
	for _, r := range last {
		compared[r.SongID]++
	}
	for _, length := range compared {
		want += float64(min(2, length)) / float64(min(churnDepth, length))
	}
	want /= float64(len(compared))
	half := slices.IndexFunc(last, func(r schemas.SongNeighbour) bool { return r.SongID > id(50) })
	for i, rows := range [][]schemas.SongNeighbour{last[:half], last[half:]} {
		key := lake.RunKey(n.Run, "work", "given", fmt.Sprint("last-", i))
		ref, err := parquetio.WriteAll(t.Context(), n.Lake, key, parquetio.Meta{RunID: n.Run, Table: schemas.TableSongNeighbours}, rows)
		if err != nil {
			t.Fatal(err)
		}
		name := schemas.Previous(schemas.TableSongNeighbours)
		n.Landing[name] = append(n.Landing[name], ref)
	}
	n.Run, n.Counts = "2026-01-06.1", map[string]int64{}
	n.MustStage(Stage(Default()))
	if c := n.Counts; c["neighbours/churn_songs"] != int64(len(compared)) || c["neighbours/churn_at_20_ppm"] < int64(1e6*want)-1 || c["neighbours/churn_at_20_ppm"] > int64(1e6*want)+1 {
		t.Errorf("counters %v, want churn %v of %d songs", c, want, len(compared))
	}
}
