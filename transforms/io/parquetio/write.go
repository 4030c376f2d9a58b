package parquetio

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/snappy"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/format"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio/shred"
)

// Writer writes rows of T into one new Parquet object. Not safe for concurrent use.
type Writer[T any] struct {
	ctx      context.Context
	key      string
	file     *lake.File
	w        *shred.Writer[T]
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
	w := &Writer[T]{ctx: ctx, key: key, file: file, sortedBy: firstSortField[T](m.SortedBy), cut: newGroupCut(m.RowGroupKeys)}
	if w.w, err = startFile[T](file, m); err != nil {
		file.Abort()
		return nil, fmt.Errorf("start %s: %w", key, err)
	}
	return w, nil
}

// Codecs are one for all files: a compressor of zstd has a window of 8 MB, and what one file has used serves the next.
var (
	tableCodec   compress.Codec = &zstd.Codec{Level: zstd.SpeedFastest}
	workingCodec compress.Codec = &quick{}
)

// quick packs as snappy at its fastest; parquet-go's codec looks longer for matches.
type quick struct{ snappy.Codec }

// Encode packs src into the memory of dst.
func (*quick) Encode(dst, src []byte) ([]byte, error) { return s2.EncodeSnappy(dst, src), nil }

func startFile[T any](to io.Writer, m Meta) (*shred.Writer[T], error) {
	footer, err := emptyFooter[T](m)
	if err != nil {
		return nil, err
	}
	rows := m.RowGroupRows
	if rows == 0 {
		rows = scanRowGroup
	}
	codec := tableCodec
	if m.Working {
		codec = workingCodec
	}
	return shred.New[T](to, shred.Options{Footer: footer, SortedBy: m.SortedBy, GroupRows: rows, Codec: codec, Shared: m.Shared})
}

// emptyFooter returns the footer of a file without rows: its schema and metadata.
func emptyFooter[T any](m Meta) (format.FileMetaData, error) {
	opts := []parquet.WriterOption{parquet.CreatedBy("segue", version, "")}
	for _, kv := range m.keyValues() {
		opts = append(opts, parquet.KeyValueMetadata(kv.Key, kv.Value))
	}
	var empty bytes.Buffer
	if err := parquet.NewGenericWriter[T](&empty, opts...).Close(); err != nil {
		return format.FileMetaData{}, err
	}
	file, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return format.FileMetaData{}, err
	}
	return *file.Metadata(), nil
}

// Write appends rows, which must continue the declared order.
func (w *Writer[T]) Write(rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	if err := w.writeGroups(rows); err != nil {
		return fmt.Errorf("write rows of %s: %w", w.key, err)
	}
	w.wrote(w.sortValue(&rows[0]), w.sortValue(&rows[len(rows)-1]), len(rows))
	return nil
}

// wrote notes the first and the last key of so many rows.
func (w *Writer[T]) wrote(first, last string, rows int) {
	if w.rows == 0 {
		w.min = first
	}
	w.max = last
	w.rows += int64(rows)
}

// writeGroups writes rows and ends row groups between keys where the metadata asks for it.
func (w *Writer[T]) writeGroups(rows []T) error {
	start := 0
	for i := range rows {
		if w.cut.most == 0 || w.sortedBy < 0 || !w.cut.before(w.sortValue(&rows[i])) {
			continue
		}
		if err := w.w.Add(rows[start:i]); err != nil {
			return err
		}
		if err := w.endGroup(); err != nil {
			return err
		}
		start = i
	}
	return w.w.Add(rows[start:])
}

// endGroup ends the row group before a key that opens the next.
func (w *Writer[T]) endGroup() error {
	size := w.file.Size()
	err := w.w.Flush()
	w.cut.ended(w.file.Size() - size)
	return err
}

// WriteColumns appends n rows with one key, a text and the value of the first column the file is sorted by: all their columns in the order of the table.
func (w *Writer[T]) WriteColumns(key string, n int, columns []Series) error {
	if n == 0 {
		return nil
	}
	var err error
	if w.cut.before(key) {
		err = w.endGroup()
	}
	if err = cmp.Or(err, w.w.AddColumns(n, columns)); err != nil {
		return fmt.Errorf("write columns of %s: %w", w.key, err)
	}
	w.wrote(key, key, n)
	return nil
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
