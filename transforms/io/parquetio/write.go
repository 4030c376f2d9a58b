package parquetio

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"segue/transforms/io/lake"
)

// Writer writes rows of T into one new Parquet object. Not safe for concurrent use.
type Writer[T any] struct {
	ctx      context.Context
	key      string
	file     *lake.File
	w        *parquet.GenericWriter[T]
	rows     int64
	sortedBy int // field of T that FileRef.Min and Max are taken from; -1 = none
	min, max string
	cut      groupCut
}

// NewWriter starts a file under key; it becomes visible when Close succeeds. Abort drops it.
func NewWriter[T any](ctx context.Context, s lake.Store, key string, m Meta) (*Writer[T], error) {
	file, err := lake.NewFile(ctx, s, key)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", key, err)
	}
	return &Writer[T]{
		ctx: ctx, key: key, file: file, sortedBy: firstSortField[T](m.SortedBy),
		w: parquet.NewGenericWriter[T](file, append(writerOptions(m), boundless(parquet.SchemaOf(new(T)))...)...), cut: newGroupCut(m.RowGroupKeys),
	}, nil
}

// codec is one for all files: a compressor has a window of 8 MB, and what one file has used serves the next.
var codec = &zstd.Codec{Level: zstd.SpeedFastest}

func writerOptions(m Meta) []parquet.WriterOption {
	rows := m.RowGroupRows
	if rows == 0 {
		rows = scanRowGroup
	}
	opts := []parquet.WriterOption{
		parquet.Compression(codec),
		parquet.DataPageVersion(1),
		parquet.DataPageStatistics(false), // the page index has them
		parquet.MaxRowsPerRowGroup(rows),
		parquet.CreatedBy("segue", m.producer(), ""),
	}
	var order []parquet.SortingColumn
	for _, c := range m.SortedBy {
		order = append(order, parquet.Ascending(c))
	}
	if len(order) > 0 {
		opts = append(opts, parquet.SortingWriterConfig(parquet.SortingColumns(order...)))
	}
	for _, kv := range m.keyValues() {
		opts = append(opts, parquet.KeyValueMetadata(kv.Key, kv.Value))
	}
	return opts
}

// boundless leaves texts in lists without least and greatest ones: no reader skips pages by them, and looking for them costs
// more than encoding.
func boundless(schema *parquet.Schema) (opts []parquet.WriterOption) {
	for _, path := range schema.Columns() {
		if leaf, ok := schema.Lookup(path...); ok && leaf.MaxRepetitionLevel > 0 && leaf.Node.Type().Kind() == parquet.ByteArray {
			opts = append(opts, parquet.SkipPageBounds(path...))
		}
	}
	return opts
}

// Write appends rows, which must continue the declared order.
func (w *Writer[T]) Write(rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	if err := w.writeGroups(rows); err != nil {
		return fmt.Errorf("write rows of %s: %w", w.key, err)
	}
	if w.rows == 0 {
		w.min = w.sortValue(&rows[0])
	}
	w.max = w.sortValue(&rows[len(rows)-1])
	w.rows += int64(len(rows))
	return nil
}

// writeGroups writes rows and ends row groups between keys where the metadata asks for it.
func (w *Writer[T]) writeGroups(rows []T) error {
	start := 0
	for i := range rows {
		if w.cut.most == 0 || w.sortedBy < 0 || !w.cut.before(w.sortValue(&rows[i])) {
			continue
		}
		if _, err := w.w.Write(rows[start:i]); err != nil {
			return err
		}
		size := w.file.Size()
		if err := w.w.Flush(); err != nil {
			return err
		}
		w.cut.ended(w.file.Size() - size)
		start = i
	}
	_, err := w.w.Write(rows[start:])
	return err
}

// Close ends the file and makes it visible.
func (w *Writer[T]) Close() (lake.FileRef, error) {
	if err := w.w.Close(); err != nil {
		w.file.Abort()
		return lake.FileRef{}, fmt.Errorf("end %s: %w", w.key, err)
	}
	ref, err := w.file.Commit(w.ctx, w.rows)
	if err != nil {
		return lake.FileRef{}, err
	}
	ref.Min, ref.Max = w.min, w.max
	return ref, nil
}

// Abort drops the file.
func (w *Writer[T]) Abort() { w.file.Abort() }

// WriteAll writes rows as one file.
func WriteAll[T any](ctx context.Context, s lake.Store, key string, m Meta, rows []T) (lake.FileRef, error) {
	w, err := NewWriter[T](ctx, s, key, m)
	if err != nil {
		return lake.FileRef{}, err
	}
	if err := w.Write(rows); err != nil {
		w.Abort()
		return lake.FileRef{}, err
	}
	return w.Close()
}

func firstSortField[T any](sortedBy []string) int {
	if len(sortedBy) == 0 {
		return -1
	}
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		if columnName(t.Field(i)) == sortedBy[0] {
			return i
		}
	}
	return -1
}

func (w *Writer[T]) sortValue(row *T) string {
	if w.sortedBy < 0 {
		return ""
	}
	v := reflect.ValueOf(row).Elem().Field(w.sortedBy)
	if v.Kind() == reflect.String {
		return v.String()
	}
	if t, ok := v.Interface().(time.Time); ok {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v.Interface())
}
