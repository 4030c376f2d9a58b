package world

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// file is a file of rows being written, <dir>/<name>.parquet or .jsonl.
type file[T any] struct {
	path  string
	f     *os.File
	write func([]T) error
	end   func() error
}

func create[T any](path string) (*file[T], error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	out := &file[T]{path: path, f: f}
	if filepath.Ext(path) == "."+JSONL {
		b := bufio.NewWriterSize(f, 1<<20)
		out.write, out.end = func(rows []T) error { return writeLines(b, rows) }, b.Flush
		return out, nil
	}
	w := parquet.NewGenericWriter[T](f, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.DataPageVersion(1), parquet.MaxRowsPerRowGroup(250_000))
	out.write, out.end = func(rows []T) error { _, err := w.Write(rows); return err }, w.Close
	return out, nil
}

func (f *file[T]) add(rows []T) error {
	if err := f.write(rows); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

func (f *file[T]) close() error {
	if err := f.end(); err != nil {
		f.f.Close()
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return f.f.Close()
}

// writeLines writes one JSON object a row, keys as the Parquet columns, absent values left out.
func writeLines[T any](b *bufio.Writer, rows []T) error {
	enc := json.NewEncoder(b)
	for i := range rows {
		if err := enc.Encode(object(reflect.ValueOf(rows[i]))); err != nil {
			return err
		}
	}
	return nil
}

func object(row reflect.Value) map[string]any {
	out := map[string]any{}
	for i := range row.NumField() {
		v := row.Field(i)
		if v.IsZero() {
			continue
		}
		name, _, _ := strings.Cut(row.Type().Field(i).Tag.Get("parquet"), ",")
		if t, ok := v.Interface().(time.Time); ok {
			out[name] = t.Format(time.RFC3339Nano)
			continue
		}
		out[name] = v.Interface()
	}
	return out
}
