package parquetio

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"segue/transforms/io/lake"
)

// File is an open Parquet file as its footer describes it. It must be closed.
type File struct {
	Key       string     `json:"key"`
	Bytes     int64      `json:"bytes"`
	Rows      int64      `json:"rows"`
	CreatedBy string     `json:"created_by"`
	Schema    string     `json:"schema"` // physical and logical types, as Parquet writes schemas down
	Columns   []Column   `json:"columns"`
	RowGroups []RowGroup `json:"row_groups"`
	Metadata  []KV       `json:"metadata"` // by key

	obj  lake.Object
	file *parquet.File
}

// Column is a column that holds values; those inside lists and structs have names such as seeds.song_id.
type Column struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // physical type, and the logical one in brackets
	Nullable bool   `json:"nullable"`
	List     bool   `json:"list"`
}

// RowGroup is one row group of a file.
type RowGroup struct {
	Rows   int64   `json:"rows"`
	Bytes  int64   `json:"bytes"` // compressed
	Chunks []Chunk `json:"chunks"`
}

// Chunk is one column of a row group.
type Chunk struct {
	Column      string   `json:"column"`
	Encodings   []string `json:"encodings"`
	Compression string   `json:"compression"`
	Bytes       int64    `json:"bytes"`     // compressed
	RawBytes    int64    `json:"raw_bytes"` // before compression
	Values      int64    `json:"values"`    // nulls and empty lists included
	Nulls       int64    `json:"nulls"`     // empty lists count as nulls of their elements
	Min         string   `json:"min"`       // "" when there is no bound, too
	Max         string   `json:"max"`
	Pages       int      `json:"pages"` // with bounds of their own; 0 = no page index
	Bloom       bool     `json:"bloom"` // has a bloom filter
}

// OpenFile reads the footer of a Parquet file; one that is cut or no Parquet is an error that names it.
func OpenFile(ctx context.Context, s lake.Store, key string) (*File, error) {
	return OpenRef(ctx, s, lake.FileRef{Key: key})
}

// OpenRef is OpenFile of the file that a reference names.
//
// Errors: lake.ErrConflict when the file was replaced since the reference was made.
func OpenRef(ctx context.Context, s lake.Store, ref lake.FileRef) (*File, error) {
	obj, err := lake.OpenFile(ctx, s, ref)
	if err != nil {
		return nil, err
	}
	f := &File{Key: ref.Key, Bytes: obj.Info().Size, obj: obj}
	if f.file, err = openFooter(obj, f.Bytes, ref.Key); err == nil {
		err = guard(ref.Key, func() error {
			f.describe()
			return nil
		})
	}
	if err != nil {
		obj.Close()
		return nil, err
	}
	return f, nil
}

// Close releases the file.
func (f *File) Close() error { return f.obj.Close() }

func (f *File) describe() {
	meta, schema := f.file.Metadata(), f.file.Schema()
	f.Rows, f.CreatedBy, f.Schema = meta.NumRows, meta.CreatedBy, schema.String()
	for _, kv := range meta.KeyValueMetadata {
		f.Metadata = append(f.Metadata, KV{Key: kv.Key, Value: kv.Value})
	}
	slices.SortFunc(f.Metadata, func(a, b KV) int { return strings.Compare(a.Key, b.Key) })
	for _, path := range schema.Columns() {
		leaf, _ := schema.Lookup(path...)
		f.Columns = append(f.Columns, Column{
			Name: shortName(path), Type: typeName(leaf.Node.Type()), Nullable: leaf.Node.Optional(), List: leaf.MaxRepetitionLevel > 0,
		})
	}
	for i, g := range f.file.RowGroups() {
		group := RowGroup{Rows: g.NumRows()}
		for j, c := range g.ColumnChunks() {
			chunk := f.chunk(&meta.RowGroups[i].Columns[j].MetaData, c)
			chunk.Column = f.Columns[j].Name
			group.Bytes += chunk.Bytes
			group.Chunks = append(group.Chunks, chunk)
		}
		f.RowGroups = append(f.RowGroups, group)
	}
}

func (f *File) chunk(m *format.ColumnMetaData, c parquet.ColumnChunk) Chunk {
	out := Chunk{
		Compression: m.Codec.String(), Bytes: m.TotalCompressedSize, RawBytes: m.TotalUncompressedSize,
		Values: m.NumValues, Nulls: m.Statistics.NullCount,
	}
	for _, e := range m.Encoding {
		out.Encodings = append(out.Encodings, e.String())
	}
	if index, err := c.OffsetIndex(); err == nil && index != nil {
		out.Pages = index.NumPages()
	}
	out.Bloom = m.BloomFilterOffset > 0
	if lo, hi, ok := chunkBounds(c); ok {
		out.Min, out.Max = valueText(c.Type(), lo), valueText(c.Type(), hi)
	}
	return out
}

func chunkBounds(c parquet.ColumnChunk) (lo, hi parquet.Value, ok bool) {
	b, has := c.(interface {
		Bounds() (lo, hi parquet.Value, ok bool)
	})
	if !has {
		return lo, hi, false
	}
	return b.Bounds()
}

// shortName leaves out the two levels that every Parquet list has.
func shortName(path []string) string {
	return strings.ReplaceAll(strings.Join(path, "."), ".list.element", "")
}

// typeName returns the physical type with the logical one, such as BYTE_ARRAY (STRING).
func typeName(t parquet.Type) string {
	if l := t.LogicalType(); l != nil {
		return fmt.Sprintf("%s (%s)", t.Kind(), l)
	}
	return t.Kind().String()
}

// valueText writes a value for people: times in RFC 3339, floats as short as they stay exact.
func valueText(t parquet.Type, v parquet.Value) string {
	if at, ok := asTime(t, v); ok {
		return at.Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case parquet.Float:
		return strconv.FormatFloat(float64(v.Float()), 'g', -1, 32)
	case parquet.Double:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64)
	}
	return strings.ToValidUTF8(v.String(), "�")
}

// asTime returns the instant of a value whose column holds timestamps.
func asTime(t parquet.Type, v parquet.Value) (time.Time, bool) {
	if v.Kind() == parquet.Int96 {
		return Int96Time(v.Int96()), true
	}
	l := t.LogicalType()
	if l == nil || v.IsNull() || v.Kind() != parquet.Int64 || !strings.HasPrefix(l.String(), "TIMESTAMP") {
		return time.Time{}, false
	}
	n := v.Int64()
	switch text := l.String(); {
	case strings.Contains(text, "MILLIS"):
		return time.UnixMilli(n).UTC(), true
	case strings.Contains(text, "NANOS"):
		return time.Unix(0, n).UTC(), true
	}
	return time.UnixMicro(n).UTC(), true
}
