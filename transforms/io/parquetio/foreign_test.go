package parquetio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"segue/transforms/io/lake"
)

type foreignRow struct {
	Song string           `parquet:"song_id"`
	At   deprecated.Int96 `parquet:"started_at"`
}

func openMem(t *testing.T) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// foreignFile writes a file as another program has it, opened to be looked at.
func foreignFile(t *testing.T, s lake.Store, key string, data []byte) *File {
	t.Helper()
	if _, err := s.Create(t.Context(), key, bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFile(t.Context(), s, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func bytesOf[T any](t *testing.T, rows ...T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEmptyGroups puts a row group without rows before and after those of a file.
func withEmptyGroups(t *testing.T, data []byte) []byte {
	t.Helper()
	end := len(data) - 8
	start := end - int(binary.LittleEndian.Uint32(data[end:]))
	var meta format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data[start:end], &meta); err != nil {
		t.Fatal(err)
	}
	none := meta.RowGroups[0]
	none.NumRows, none.Columns = 0, slices.Clone(none.Columns)
	for i := range none.Columns {
		none.Columns[i].MetaData.NumValues = 0
	}
	meta.RowGroups = slices.Concat([]format.RowGroup{none}, meta.RowGroups, []format.RowGroup{none})
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	if err != nil {
		t.Fatal(err)
	}
	out := append(slices.Clone(data[:start]), footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), "PAR1"...)
}

// Timestamps of Spark are shown as times, and row groups without rows hold none.
func TestForeignRows(t *testing.T) {
	s := openMem(t)
	row := foreignRow{"a", deprecated.Int96{3566327040, 10, 2461116}}
	f := foreignFile(t, s, "some.parquet", withEmptyGroups(t, bytesOf(t, row, row)))
	_, rows, err := f.Head(10)
	if err != nil || len(rows) != 2 || rows[0][1] != "2026-03-16T00:00:46.516Z" {
		t.Errorf("%v, %v", rows, err)
	}
	if c := f.RowGroups[1].Chunks[1]; c.Min != "" && c.Min != rows[0][1] {
		t.Errorf("bounds from %s", c.Min)
	}
	if _, rows, err := foreignFile(t, s, "none.parquet", bytesOf[foreignRow](t)).Head(10); err != nil || len(rows) != 0 {
		t.Errorf("a file without rows: %v, %v", rows, err)
	}
}

// A file whose values the decoder would read wrong is refused where values are read, not where its footer is, and is not damaged.
func TestUnsupported(t *testing.T) {
	s := openMem(t)
	type row struct {
		Song string `parquet:"song_id,lz4"`
	}
	f := foreignFile(t, s, "a.parquet", bytesOf(t, row{"a"}))
	if len(f.Columns) != 1 || f.Columns[0].Name != "song_id" {
		t.Errorf("columns %+v", f.Columns)
	}
	_, _, head := f.Head(1)
	_, _, _, where := Where(t.Context(), s, "a.parquet", nil, 1)
	_, read := ReadAll[row](t.Context(), s, lake.FileRef{Key: "a.parquet"})
	for _, err := range []error{head, where, read, f.Values(t.Context(), "song_id", func(any) {})} {
		if !errors.Is(err, ErrUnsupported) || errors.Is(err, lake.ErrDamaged) {
			t.Errorf("%v", err)
		}
	}
}

// Booleans in runs are told from plain ones, whose levels are runs, with the counts of pages by encoding and without.
func TestInRuns(t *testing.T) {
	stats := func(e format.Encoding) []format.PageEncodingStats {
		return []format.PageEncodingStats{{PageType: format.DataPageV2, Encoding: e, Count: 1}}
	}
	for _, c := range []struct {
		meta format.ColumnMetaData
		want bool
	}{
		{format.ColumnMetaData{Encoding: []format.Encoding{format.Plain, format.RLE}}, false},
		{format.ColumnMetaData{Encoding: []format.Encoding{format.RLE}}, true},
		{format.ColumnMetaData{Encoding: []format.Encoding{format.Plain, format.RLE}, EncodingStats: stats(format.RLE)}, true},
		{format.ColumnMetaData{Encoding: []format.Encoding{format.RLE}, EncodingStats: stats(format.Plain)}, false},
	} {
		if got := inRuns(&c.meta); got != c.want {
			t.Errorf("%+v: %v", c.meta, got)
		}
	}
}
