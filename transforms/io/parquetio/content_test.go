package parquetio_test

import (
	"fmt"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// The content of a table does not depend on how its rows are cut into files, and changes with any value.
func TestContentOf(t *testing.T) {
	s := memLake(t)
	table, _ := schemas.FindTable(schemas.TablePreferencesByHour)
	hour := int32(5)
	rows := []schemas.PreferenceByHour{
		{Region: "AU", Hour: &hour, Value: "calm"}, {Region: "AU", Value: "calm"}, {Region: "SE", Hour: &hour, Value: "calm", ShrunkShare: .5}, {Region: "SE", Hour: &hour, Value: "sad"},
	}
	n := 0
	content := func(parts ...[]schemas.PreferenceByHour) (parquetio.Content, error) {
		var files []lake.FileRef
		for _, p := range parts {
			n++
			ref, err := parquetio.WriteAll(t.Context(), s, fmt.Sprintf("part-%d", n), parquetio.MetaFor(table, "r"), p)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, ref)
		}
		return parquetio.ContentOf(t.Context(), s, files, table)
	}
	whole, err := content(rows)
	if err != nil || whole.Rows != 4 {
		t.Fatalf("content %+v, %v", whole, err)
	}
	for _, cut := range [][][]schemas.PreferenceByHour{
		{rows[:2], rows[2:]}, {{rows[1], rows[3]}, {rows[0], rows[2]}, nil},
	} {
		if got, err := content(cut...); got != whole || err != nil {
			t.Errorf("cut in %d files: %+v %v, want %+v", len(cut), got, err, whole)
		}
	}
	changed := append([]schemas.PreferenceByHour(nil), rows...)
	changed[2].ShrunkShare = .25
	if got, _ := content(changed); got.Hash == whole.Hash {
		t.Error("a changed value has the same hash")
	}
	if _, err := content([]schemas.PreferenceByHour{rows[2], rows[0]}); err == nil || !strings.Contains(err.Error(), "row 2 is out of the declared order") {
		t.Errorf("unsorted file: %v", err)
	}
	if _, err := content(rows[:1], rows[:1]); err == nil || !strings.Contains(err.Error(), "has the key of the row before it") {
		t.Errorf("repeated key: %v", err)
	}
	if got, err := content(); err != nil || got.Rows != 0 {
		t.Errorf("no files: %+v %v", got, err)
	}
}
