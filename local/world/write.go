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

// write writes rows as <dir>/<name>.parquet or .jsonl.
func write[T any](dir, name, format string, rows []T) error {
	path := filepath.Join(dir, name+"."+format)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	encode := writeParquet[T]
	if format == JSONL {
		encode = writeLines[T]
	}
	if err := encode(f, rows); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Close()
}

func writeParquet[T any](f *os.File, rows []T) error {
	w := parquet.NewGenericWriter[T](f, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.DataPageVersion(1), parquet.MaxRowsPerRowGroup(250_000))
	if _, err := w.Write(rows); err != nil {
		return err
	}
	return w.Close()
}

// writeLines writes one JSON object a row, keys as the Parquet columns, absent values left out.
func writeLines[T any](f *os.File, rows []T) error {
	b := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(b)
	for i := range rows {
		if err := enc.Encode(object(reflect.ValueOf(rows[i]))); err != nil {
			return err
		}
	}
	return b.Flush()
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
