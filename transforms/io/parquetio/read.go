package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio/shred"
)

const readBatch = 1024 // rows decoded at a time

// Read yields the rows of a file in order. A missing optional column is nil, any other missing column, a column of
// another type, or a damaged file is an error that names the file, and the column where there is one.
func Read[T any](ctx context.Context, s lake.Store, ref lake.FileRef) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := read(ctx, s, ref, yield); err != nil {
			var none T
			yield(none, err)
		}
	}
}

// ReadAll returns the rows of a file in order.
func ReadAll[T any](ctx context.Context, s lake.Store, ref lake.FileRef) ([]T, error) {
	rows := make([]T, 0, ref.Rows)
	for row, err := range Read[T](ctx, s, ref) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// read calls yield for each row; an error of its own is returned, not yielded.
func read[T any](ctx context.Context, s lake.Store, ref lake.FileRef, yield func(T, error) bool) error {
	obj, err := lake.OpenFile(ctx, s, ref)
	if err != nil {
		return err
	}
	defer obj.Close()
	file, err := openValues(obj, obj.Info().Size, ref.Key)
	if err != nil {
		return err
	}
	if err := checkColumns(file.Schema(), parquet.SchemaOf(new(T)), ref.Key); err != nil {
		return err
	}
	for _, group := range file.RowGroups() {
		if more, err := groupOf(ctx, ref.Key, group, yield); err != nil || !more {
			return err
		}
	}
	return nil
}

// groupOf calls yield for each row of a row group: by columns where they lie as our own files have them. more is false when yield wants none.
func groupOf[T any](ctx context.Context, key string, group parquet.RowGroup, yield func(T, error) bool) (more bool, err error) {
	r, ok := shred.NewReader[T](group.Schema())
	if !ok {
		return groupRows(ctx, key, parquet.NewGenericRowGroupReader[T](group), yield)
	}
	r.Open(group)
	defer r.Close()
	batch := make([]T, min(readBatch, group.NumRows()))
	for ctx.Err() == nil {
		n := 0
		err := guard(key, func() (err error) {
			n, err = r.Read(batch)
			return err
		})
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("decode %s: %w", key, err)
		}
		for i := range batch[:n] {
			if !yield(batch[i], nil) {
				return false, nil
			}
		}
		clear(batch[:n])
	}
	return false, context.Cause(ctx)
}

// groupRows calls yield for each row of a reader and closes it; more is false when yield wants none.
func groupRows[T any](ctx context.Context, key string, r *parquet.GenericReader[T], yield func(T, error) bool) (more bool, err error) {
	defer r.Close()
	for ctx.Err() == nil {
		batch := make([]T, readBatch) // rows keep their slices: a batch is not used again
		n := 0
		err := guard(key, func() (err error) {
			n, err = r.Read(batch)
			return err
		})
		for _, row := range batch[:n] {
			if !yield(row, nil) {
				return false, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("decode %s: %w", key, err)
		}
	}
	return false, context.Cause(ctx)
}

// checkColumns compares the columns a struct wants with those a file has.
func checkColumns(have, want *parquet.Schema, key string) error {
	for _, w := range want.Fields() {
		h, ok := field(have, w.Name())
		switch {
		case !ok && w.Optional():
		case !ok:
			return fmt.Errorf("read %s: column %s is missing", key, w.Name())
		case shape(h) != shape(w):
			return fmt.Errorf("read %s: column %s is %s, want %s", key, w.Name(), shape(h), shape(w))
		}
	}
	return nil
}

func field(s *parquet.Schema, name string) (parquet.Field, bool) {
	for _, f := range s.Fields() {
		if f.Name() == name {
			return f, true
		}
	}
	return nil, false
}

// shape describes a column's types without optionality and encodings.
func shape(n parquet.Node) string {
	if n.Leaf() {
		return n.Type().String()
	}
	parts := []string{}
	for _, f := range n.Fields() {
		parts = append(parts, f.Name()+" "+shape(f))
	}
	return "group{" + strings.Join(parts, ", ") + "}"
}

func columnName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
	return name
}
