package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/lake"
)

// Pick returns the columns and the rows at some positions of a file, ascending from 0; values are those of Head.
// Cost: the footer, then one range request for every row group that holds one of them.
func Pick(ctx context.Context, s lake.Store, key string, positions []int64) (columns []string, rows [][]any, err error) {
	obj, w, file, err := openWindow(ctx, s, lake.FileRef{Key: key})
	if err != nil {
		return nil, nil, err
	}
	defer obj.Close()
	first := int64(0)
	for i, group := range file.RowGroups() {
		wanted := 0
		for wanted < len(positions) && positions[wanted] < first+group.NumRows() {
			wanted++
		}
		if wanted > 0 {
			if err := w.load(file.Metadata().RowGroups[i]); err != nil {
				return nil, nil, fmt.Errorf("read row group %d of %s: %w", i, key, err)
			}
			here := make([]int64, wanted)
			for k := range here {
				here[k] = positions[k] - first
			}
			err := pickRows(ctx, key, group, here, func(row []any) bool {
				rows = append(rows, row)
				return true
			})
			if err != nil {
				return nil, nil, err
			}
		}
		first, positions = first+group.NumRows(), positions[wanted:]
	}
	if len(positions) > 0 {
		return nil, nil, fmt.Errorf("pick row %d of %s: it has %d rows", positions[0], key, first)
	}
	return topColumns(file), rows, nil
}

// pickRows calls yield for the rows of a row group at some positions, until it wants no more. Rows of a batch between them are passed
// over as stored values, since a row costs more to make than to read; more of them are not read, but for what shares their pages.
func pickRows(ctx context.Context, key string, g parquet.RowGroup, positions []int64, yield func(row []any) bool) error {
	fields, stored := g.Schema().Fields(), g.Rows()
	defer stored.Close()
	at, batch := int64(0), make([]parquet.Row, readBatch)
	for len(positions) > 0 && ctx.Err() == nil {
		err := guard(key, func() error {
			if positions[0]-at >= readBatch {
				at = positions[0]
				if err := stored.SeekToRow(at); err != nil {
					return err
				}
			}
			last := positions[0]
			for _, p := range positions {
				if p >= at+readBatch {
					break
				}
				last = p
			}
			n, err := stored.ReadRows(batch[:last-at+1])
			for ; len(positions) > 0 && positions[0] < at+int64(n); positions = positions[1:] {
				var row any
				if err := g.Schema().Reconstruct(&row, batch[positions[0]-at].Clone()); err != nil {
					return err
				}
				if !yield(values(fields, row.(map[string]any))) {
					positions = nil
					return nil
				}
			}
			at += int64(n)
			return err
		})
		if err != nil && (err != io.EOF || len(positions) > 0) {
			return fmt.Errorf("decode %s: %w", key, err)
		}
	}
	return context.Cause(ctx)
}

// Values calls yield for every value of a column, by the names of File.Columns: rows, or the elements of lists; nulls and
// empty lists are nil, other values as in Head.
//
// Errors: ErrCondition for an unknown column; a damaged file.
// Cost:   the footer and the pages of the column.
func (f *File) Values(ctx context.Context, column string, yield func(any)) error {
	at := -1
	for i, c := range f.Columns {
		if c.Name == column {
			at = i
		}
	}
	if at < 0 {
		return fmt.Errorf("read %s: %w: no column %q", f.Key, ErrCondition, column)
	}
	if err := supported(f.file, f.Key); err != nil {
		return err
	}
	leaf, _ := f.file.Schema().Lookup(f.file.Schema().Columns()[at]...)
	return guard(f.Key, func() error {
		for _, g := range f.file.RowGroups() {
			if err := chunkValues(ctx, g.ColumnChunks()[at], func(v parquet.Value) { yield(scalar(leaf.Node, v)) }); err != nil {
				return fmt.Errorf("read column %s of %s: %w", column, f.Key, err)
			}
		}
		return nil
	})
}

// chunkValues calls yield for every value of a column in a row group; a text is that of the page, which is gone with the next.
func chunkValues(ctx context.Context, c parquet.ColumnChunk, yield func(parquet.Value)) error {
	pages := c.Pages()
	defer pages.Close()
	buf := make([]parquet.Value, readBatch)
	for ctx.Err() == nil {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		values := page.Values()
		for {
			got, err := values.ReadValues(buf)
			for _, v := range buf[:got] {
				yield(v)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
		parquet.Release(page)
	}
	return context.Cause(ctx)
}

// scalar returns a stored value as Head shows it.
func scalar(n parquet.Node, v parquet.Value) any {
	switch v.Kind() {
	case parquet.Int32:
		return v.Int32()
	case parquet.Int64:
		return plain(n, v.Int64())
	case parquet.Int96:
		return plain(n, v.Int96())
	case parquet.Float:
		return v.Float()
	case parquet.Double:
		return v.Double()
	case parquet.Boolean:
		return v.Boolean()
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return string(v.ByteArray())
	}
	return nil
}
