package recommend

import (
	"fmt"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// What is written by columns is what rows say, over several row groups, of listeners with one list, with several and with none.
func TestColumnsAreRows(t *testing.T) {
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m, lists := writtenLists(5000)
	table, _ := schemas.FindTable(schemas.TableUserRecommendations)
	meta := parquetio.MetaFor(table, "20260101T000000Z-test")
	meta.Shared, meta.RowGroupKeys = m.texts, 60
	w, err := parquetio.NewWriter[schemas.Recommendation](t.Context(), s, "lists.parquet", meta)
	if err != nil {
		t.Fatal(err)
	}
	rows := m.maker()
	var want []schemas.Recommendation
	for i := range lists {
		user := fmt.Sprintf("user-%08d", i)
		mine := lists[i]
		switch i % 4 {
		case 1:
			mine = append(mine[:1:1], scoring.List{Name: "evening:phone", Rows: lists[i-1][0].Rows[:30], Weights: scoring.Weights{Taste: 1}})
		case 2:
			mine = []scoring.List{{Name: scoring.General}}
		}
		if err := rows.write(w, user, mine); err != nil {
			t.Fatal(err)
		}
		for l := len(mine) - 1; l >= 0; l-- { // by name
			for k := range mine[l].Rows {
				want = append(want, m.row(user, &mine[l], k))
			}
		}
	}
	ref, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	got, err := parquetio.ReadAll[schemas.Recommendation](t.Context(), s, ref)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if fmt.Sprint(got[i]) != fmt.Sprint(want[i]) {
			t.Fatalf("row %d is\n%v, want\n%v", i, got[i], want[i])
		}
	}
	if ref.Rows != int64(len(want)) || ref.Min != want[0].UserID || ref.Max != want[len(want)-1].UserID {
		t.Errorf("the file is %+v", ref)
	}
}
