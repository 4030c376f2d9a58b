package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"segue/transforms/io/lake"
)

// Head returns the names of the top-level columns and the first n rows, whatever the file holds. Values fit JSON: string,
// bool, int32, int64, float32, float64, nil for null, RFC 3339 text for times, []any for lists and map[string]any for structs.
func (f *File) Head(n int) (columns []string, rows [][]any, err error) {
	if n <= 0 {
		return f.Names(), nil, nil
	}
	for row, err := range f.read(min(n, readBatch)) {
		if err != nil {
			return f.Names(), rows, err
		}
		if rows = append(rows, row); len(rows) == n {
			break
		}
	}
	return f.Names(), rows, nil
}

// Names returns the names of the top-level columns.
func (f *File) Names() []string { return topColumns(f.file) }

// All yields every row in order, with the values of Head; it ends with the first error.
func (f *File) All() iter.Seq2[[]any, error] { return f.read(readBatch) }

// read yields rows that are decoded in batches of that size.
func (f *File) read(batch int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		if err := supported(f.file, f.Key); err != nil {
			yield(nil, err)
			return
		}
		for _, group := range f.file.RowGroups() {
			if more, err := f.readGroup(group, batch, yield); err != nil || !more {
				if err != nil {
					yield(nil, err)
				}
				return
			}
		}
	}
}

// readGroup yields the rows of a row group; more is false when yield wants none.
func (f *File) readGroup(group parquet.RowGroup, batch int, yield func([]any, error) bool) (more bool, err error) {
	if group.NumRows() == 0 { // the decoder finds no page there
		return true, nil
	}
	fields := f.file.Schema().Fields()
	err = guard(f.Key, func() error {
		r := parquet.NewGenericRowGroupReader[any](group)
		defer r.Close()
		for {
			rows := make([]any, batch)
			got, err := r.Read(rows)
			for _, row := range rows[:got] {
				if !yield(values(fields, row.(map[string]any)), nil) {
					return nil
				}
			}
			if errors.Is(err, io.EOF) {
				more = true
				return nil
			}
			if err != nil || got == 0 {
				return fmt.Errorf("decode %s: %w", f.Key, err)
			}
		}
	})
	return more, err
}

func values(fields []parquet.Field, row map[string]any) []any {
	out := make([]any, len(fields))
	for i, field := range fields {
		out[i] = plain(field, row[field.Name()])
	}
	return out
}

// plain turns what the decoder gives into what JSON shows.
func plain(n parquet.Node, v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plain(element(n), v[i])
		}
	case map[string]any:
		for _, field := range n.Fields() {
			v[field.Name()] = plain(field, v[field.Name()])
		}
	case []byte:
		return string(v)
	case deprecated.Int96:
		return Int96Time(v).Format(time.RFC3339Nano)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case int64:
		if n.Leaf() {
			if at, ok := asTime(n.Type(), parquet.Int64Value(v)); ok {
				return at.Format(time.RFC3339Nano)
			}
		}
	}
	return v
}

// element returns the node of a list's elements.
func element(n parquet.Node) parquet.Node {
	for range 2 {
		if n.Leaf() || len(n.Fields()) != 1 {
			return n
		}
		n = n.Fields()[0]
	}
	return n
}

// ColumnStats sums up a column over the files of a table, from their footers.
type ColumnStats struct {
	Column   string `json:"column"`
	Type     string `json:"type"`
	Values   int64  `json:"values"` // rows, or elements of a list with one for each empty list
	Nulls    int64  `json:"nulls"`  // empty lists count
	Min      string `json:"min"`    // "" when there is no bound, too
	Max      string `json:"max"`
	Bytes    int64  `json:"bytes"`     // compressed
	RawBytes int64  `json:"raw_bytes"` // before compression

	lo, hi parquet.Value
	seen   bool
}

// Stats sums up every column over files of one table, by column. Files whose columns differ are an error that names the file.
// Cost: the footers.
func Stats(ctx context.Context, s lake.Store, files []lake.FileRef) ([]ColumnStats, error) {
	var out []ColumnStats
	for _, ref := range files {
		f, err := OpenFile(ctx, s, ref.Key)
		if err != nil {
			return nil, err
		}
		out, err = f.addStats(out)
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return nil, fmt.Errorf("sum up columns of %s: %w", ref.Key, err)
		}
	}
	return out, nil
}

func (f *File) addStats(sums []ColumnStats) ([]ColumnStats, error) {
	if sums == nil {
		for _, c := range f.Columns {
			sums = append(sums, ColumnStats{Column: c.Name, Type: c.Type})
		}
	}
	if len(sums) != len(f.Columns) {
		return nil, fmt.Errorf("%d columns, the files before have %d", len(f.Columns), len(sums))
	}
	for j, c := range f.Columns {
		if sums[j].Column != c.Name || sums[j].Type != c.Type {
			return nil, fmt.Errorf("column %d is %s %s, the files before have %s %s", j+1, c.Name, c.Type, sums[j].Column, sums[j].Type)
		}
	}
	for i, g := range f.file.RowGroups() {
		for j, c := range g.ColumnChunks() {
			sums[j].add(f.RowGroups[i].Chunks[j], c)
		}
	}
	return sums, nil
}

func (s *ColumnStats) add(c Chunk, stored parquet.ColumnChunk) {
	s.Values += c.Values
	s.Nulls += c.Nulls
	s.Bytes += c.Bytes
	s.RawBytes += c.RawBytes
	lo, hi, ok := chunkBounds(stored)
	if !ok {
		return
	}
	t := stored.Type()
	if !s.seen || t.Compare(lo, s.lo) < 0 {
		s.lo, s.Min = lo, c.Min
	}
	if !s.seen || t.Compare(hi, s.hi) > 0 {
		s.hi, s.Max = hi, c.Max
	}
	s.seen = true
}
