package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/iceberg-go/catalog"
)

// songs writes a Parquet file of song ids and further columns of counts, and returns its address.
func songs(t *testing.T, name string, ids []string, counts ...string) string {
	t.Helper()
	fields := []arrow.Field{{Name: "song_id", Type: arrow.BinaryTypes.String}}
	for _, c := range counts {
		fields = append(fields, arrow.Field{Name: c, Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for i, id := range ids {
		b.Field(0).(*array.StringBuilder).Append(id)
		for c := range counts {
			b.Field(1 + c).(*array.Int64Builder).Append(int64(i))
		}
	}
	rows := b.NewRecordBatch()
	file := filepath.Join(t.TempDir(), name)
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(rows.Schema(), f, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return "file://" + file
}

// export runs the program in this process.
func export(t *testing.T, r Request) (Answer, error) {
	t.Helper()
	in, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := answer(t.Context(), bytes.NewReader(in), &out); err != nil {
		return Answer{}, err
	}
	var a Answer
	return a, json.Unmarshal(out.Bytes(), &a)
}

// A table holds exactly the files of the last export: an export again changes nothing, the next night's replaces them and
// brings its new column, another count of rows than the manifest's, or a lost column's type, leaves the table as it was.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	r := Request{
		Catalog: "sqlite:" + filepath.Join(dir, "a folder", "catalog.db"), Warehouse: "file://" + dir + "/warehouse",
		Namespace: "segue", Table: "songs", Run: "2026-01-05.1", Rows: 3,
		Files: []string{songs(t, "a.parquet", []string{"a", "b"}, "plays"), songs(t, "b.parquet", []string{"c"}, "plays")},
	}
	first, err := export(t, r)
	if err != nil || !first.Changed || first.Files != 2 {
		t.Fatalf("first export: %+v, %v", first, err)
	}
	if again, err := export(t, r); err != nil || again.Changed || again.Snapshot != first.Snapshot {
		t.Errorf("the same export again: %+v, %v", again, err)
	}
	next := r
	next.Run, next.Rows, next.Files = "2026-01-06.1", 2, []string{r.Files[1], songs(t, "c.parquet", []string{"d"}, "plays", "listeners")}
	second, err := export(t, next)
	if err != nil || !second.Changed {
		t.Fatalf("next night: %+v, %v", second, err)
	}
	checkTable(t, next, second)
	wrong := next
	wrong.Run, wrong.Rows, wrong.Files = "2026-01-07.1", 5, []string{songs(t, "d.parquet", []string{"e"}, "plays")}
	if _, err := export(t, wrong); err == nil || !strings.Contains(err.Error(), "the files have 1 rows, the manifest says 5") {
		t.Errorf("other number of rows: %v", err)
	}
	wrong.Rows, wrong.Files = 1, []string{"file://" + dir + "/none.parquet"}
	if _, err := export(t, wrong); err == nil || !strings.Contains(err.Error(), "none.parquet") {
		t.Errorf("missing file: %v", err)
	}
	checkTable(t, next, second)
}

// checkTable compares a table's current snapshot with the request that made it.
func checkTable(t *testing.T, r Request, a Answer) {
	t.Helper()
	c, err := openCatalog(t.Context(), r.Catalog, r.Warehouse)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	table, err := c.LoadTable(t.Context(), catalog.ToIdentifier(r.Namespace, r.Table))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filesOf(t.Context(), table)
	slices.Sort(files)
	want := slices.Sorted(slices.Values(r.Files))
	snapshot := table.CurrentSnapshot()
	if err != nil || !slices.Equal(files, want) || snapshot.SnapshotID != a.Snapshot || snapshot.Summary.Properties[runProperty] != r.Run {
		t.Errorf("table has %v of %+v, %v; want %v", files, snapshot, err, want)
	}
	if _, ok := table.Schema().FindFieldByName("listeners"); !ok || table.Properties()["gc.enabled"] != "false" {
		t.Errorf("table has columns %s and properties %v", table.Schema(), table.Properties())
	}
}
