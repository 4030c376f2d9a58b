package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"

	"segue/transforms/io/lake"
)

// Group is one row group of an open file, of which single columns are read: for tables of which few columns, or few rows of
// many, are wanted. Valid until the next one is yielded.
type Group struct {
	key  string
	file *parquet.File
	rows parquet.RowGroup
}

// Words is a column of strings as numbers of the words that occur in it.
type Words struct {
	Words []string // not every word needs to occur, and one may be listed again
	At    []int32  // by row: a position in Words
}

// Groups yields the row groups of a file, in order.
// Errors: as Read. Cost: the footer; a column costs its pages when it is asked for.
func Groups(ctx context.Context, s lake.Store, ref lake.FileRef) iter.Seq2[*Group, error] {
	return func(yield func(*Group, error) bool) {
		obj, err := openObject(ctx, s, ref)
		if err != nil {
			yield(nil, err)
			return
		}
		defer obj.Close()
		file, err := openFooter(obj, obj.Info().Size, ref.Key)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, rows := range file.RowGroups() {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			if !yield(&Group{ref.Key, file, rows}, nil) {
				return
			}
		}
	}
}

// Strings returns a column of strings that has no nulls. Each word of a dictionary is made a string once.
// Errors: a column that is missing or of another type, a damaged file.
func (g *Group) Strings(column string) (Words, error) {
	out := Words{At: make([]int32, 0, g.rows.NumRows())}
	var dictionary parquet.Dictionary
	base := int32(0)
	err := g.pages(column, parquet.ByteArray, func(p parquet.Page) error {
		d := p.Dictionary()
		if d == nil {
			return eachString(p, func(s string) { out.At, out.Words = append(out.At, int32(len(out.Words))), append(out.Words, s) })
		}
		if d != dictionary {
			dictionary, base = d, int32(len(out.Words))
			for i := range d.Len() {
				out.Words = append(out.Words, string(d.Index(int32(i)).ByteArray()))
			}
		}
		data := p.Data()
		for _, i := range data.Int32() {
			if i < 0 || int(i) >= d.Len() {
				return fmt.Errorf("word %d of a dictionary of %d", i, d.Len())
			}
			out.At = append(out.At, base+i)
		}
		return nil
	})
	return out, err
}

// eachString yields the values of a page without dictionary.
func eachString(p parquet.Page, yield func(string)) error {
	values, buf := p.Values(), make([]parquet.Value, readBatch)
	for {
		n, err := values.ReadValues(buf)
		for _, v := range buf[:n] {
			yield(string(v.ByteArray()))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Floats returns a column of float32 that has no nulls and no dictionary.
// Errors: a column that is missing or of another type, a damaged file.
func (g *Group) Floats(column string) ([]float32, error) {
	out := make([]float32, 0, g.rows.NumRows())
	err := g.pages(column, parquet.Float, func(p parquet.Page) error {
		if p.Dictionary() != nil {
			return errors.New("numbers have a dictionary")
		}
		data := p.Data()
		out = append(out, data.Float()...)
		return nil
	})
	return out, err
}

// pages calls use for the pages of a column, and checks that the column has one value a row.
func (g *Group) pages(column string, kind parquet.Kind, use func(parquet.Page) error) error {
	leaf, ok := g.file.Schema().Lookup(column)
	switch {
	case !ok:
		return fmt.Errorf("read %s: column %s is missing", g.key, column)
	case leaf.Node.Type().Kind() != kind || leaf.MaxDefinitionLevel > 0:
		return fmt.Errorf("read %s: column %s is %s, want %s without nulls", g.key, column, shape(leaf.Node), kind)
	}
	values := int64(0)
	err := guard(g.key, func() error {
		pages := g.rows.ColumnChunks()[leaf.ColumnIndex].Pages()
		defer pages.Close()
		for {
			page, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				values += page.NumValues()
				err = use(page)
				parquet.Release(page)
			}
			if err != nil {
				return fmt.Errorf("decode column %s of %s: %w", column, g.key, err)
			}
		}
	})
	if err == nil && values != g.rows.NumRows() {
		return fmt.Errorf("decode column %s of %s: %d values, want %d", column, g.key, values, g.rows.NumRows())
	}
	return err
}
