package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"segue/transforms/io/lake"
)

// Lookup yields the rows of the row groups that may hold value in a string column, in order: the caller keeps its own.
//
// Errors: as Read; a column that is not there or holds no strings.
// Cost:   the footer, then one range request a row group; the others are not read.
func Lookup[T any](ctx context.Context, s lake.Store, ref lake.FileRef, column, value string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := lookup(ctx, s, ref, sought{column, value}, yield); err != nil {
			var none T
			yield(none, err)
		}
	}
}

// sought is a value of a column.
type sought struct{ column, value string }

func lookup[T any](ctx context.Context, s lake.Store, ref lake.FileRef, want sought, yield func(T, error) bool) error {
	obj, w, file, err := openWindow(ctx, s, ref)
	if err != nil {
		return err
	}
	defer obj.Close()
	if err := checkColumns(file.Schema(), parquet.SchemaOf(new(T)), ref.Key); err != nil {
		return err
	}
	leaf, ok := file.Schema().Lookup(want.column)
	if !ok || leaf.Node.Type().Kind() != parquet.ByteArray {
		return fmt.Errorf("look up %s in %s: no column of strings has that name", want.column, ref.Key)
	}
	for i, group := range file.RowGroups() {
		meta := file.Metadata().RowGroups[i]
		if !mayHold(meta.Columns[leaf.ColumnIndex].MetaData.Statistics, want.value) {
			continue
		}
		if err := w.load(meta); err != nil {
			return fmt.Errorf("read row group %d of %s: %w", i, ref.Key, err)
		}
		more, err := groupOf(ctx, ref.Key, group, yield)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// mayHold reports whether a value may lie within bounds, which writers may cut short.
func mayHold(s format.Statistics, value string) bool {
	if len(s.MinValue) == 0 && len(s.MaxValue) == 0 {
		return true
	}
	highest := string(s.MaxValue)
	return value >= string(s.MinValue) && value[:min(len(value), len(highest))] <= highest
}

// window serves reads within one row group from memory, the rest from the object, whose bytes it counts.
type window struct {
	in   io.ReaderAt
	from int64
	data []byte
	read int64 // from the object
}

// ReadAt reads from memory where it can.
func (w *window) ReadAt(p []byte, off int64) (int, error) {
	if at := off - w.from; at >= 0 && at+int64(len(p)) <= int64(len(w.data)) {
		return copy(p, w.data[at:]), nil
	}
	return w.readThrough(p, off)
}

func (w *window) readThrough(p []byte, off int64) (int, error) {
	n, err := w.in.ReadAt(p, off)
	w.read += int64(n)
	return n, err
}

// load reads the bytes of a row group at once.
func (w *window) load(g format.RowGroup) error {
	var starts, ends []int64
	for _, c := range g.Columns {
		start := c.MetaData.DataPageOffset
		if d := c.MetaData.DictionaryPageOffset; d > 0 {
			start = min(start, d)
		}
		starts, ends = append(starts, start), append(ends, start+c.MetaData.TotalCompressedSize)
	}
	w.from = slices.Min(starts)
	w.data = make([]byte, slices.Max(ends)-w.from)
	_, err := w.readThrough(w.data, w.from)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
