package shred

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// A list may go on in the next page, also where a batch of rows ends with the page.
func TestListsOverPages(t *testing.T) {
	type pair struct {
		Name string `parquet:"name,dict"`
		N    *int64 `parquet:"n,optional"`
	}
	type row struct {
		Numbers []int32 `parquet:"numbers,list" parquet-element:"element,plain"`
		Pairs   []pair  `parquet:"pairs,list"`
	}
	n := int64(7)
	parts := []row{
		{[]int32{1}, []pair{{"a", &n}, {"b", nil}}},
		{[]int32{2, 3}, []pair{{"c", &n}}},
		{[]int32{4}, []pair{{"d", nil}}},
		{[]int32{}, []pair{}},
		{[]int32{5}, []pair{{"e", nil}}},
	}
	continues := []bool{false, true, true, false, false}
	var empty, out bytes.Buffer
	if err := parquet.NewGenericWriter[row](&empty).Close(); err != nil {
		t.Fatal(err)
	}
	none, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		t.Fatal(err)
	}
	w, err := New[row](&out, Options{Footer: *none.Metadata(), GroupRows: 100, Codec: &zstd.Codec{}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		if err := w.Add(parts[i : i+1]); err != nil {
			t.Fatal(err)
		}
		for _, c := range w.columns {
			if continues[i] {
				c.reps[0] = 1
			}
			c.end()
		}
	}
	w.rows = 3
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	want := []row{{[]int32{1, 2, 3, 4}, []pair{{"a", &n}, {"b", nil}, {"c", &n}, {"d", nil}}}, parts[3], parts[4]}
	for batch := 1; batch <= 3; batch++ {
		r, ok := NewReader[row](f.Schema())
		if !ok {
			t.Fatal("not read")
		}
		r.Open(f.RowGroups()[0])
		var got []row
		for len(got) < 3 {
			rows := make([]row, batch)
			k, err := r.Read(rows)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rows[:k]...)
		}
		r.Close()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("in batches of %d: got %v, want %v", batch, got, want)
		}
	}
}
