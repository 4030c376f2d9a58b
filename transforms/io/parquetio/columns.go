package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"segue/transforms/io/lake"
)

// Group is one row group of an open file, of which single columns are read: for tables of which few columns, or few rows of
// many, are wanted. Valid until the next one is yielded.
type Group struct {
	key  string
	file *parquet.File
	rows parquet.RowGroup
	at   int // among those of the file
}

// Values holds one flat column of a group, one value a row.
type Values struct {
	Ints  []int64   // of columns of whole numbers, instants (as stored) and booleans (0 or 1); 0 where there is none
	Reals []float32 // of columns of float32; 0 where there is none
	Codes []int32   // of columns of text: places in Names; 0 where there is none
	Names []string  // texts, each once or more, not all of which need to occur; codes of another group mean other names
	None  []bool    // rows without a value; nil = every row has one

	plain bool // some names are of no dictionary, which names a text once
}

// Text returns the text of a row.
func (c *Values) Text(row int) string { return c.Names[c.Codes[row]] }

// Unify makes equal texts have equal codes. Cost: nothing for columns written by dictionary.
func (c *Values) Unify() {
	if !c.plain {
		return
	}
	first := make(map[string]int32, len(c.Names))
	for i, code := range c.Codes {
		at, ok := first[c.Names[code]]
		if !ok {
			at = code
			first[c.Names[code]] = at
		}
		c.Codes[i] = at
	}
}

// Has reports whether a row has a value.
func (c *Values) Has(row int) bool { return c.None == nil || !c.None[row] }

// Groups yields the row groups of a file, in order.
// Errors: as Read. Cost: the footer; a column costs its pages when it is loaded, without a row being made: a tenth of what Read
// takes for rows of numbers and dictionaries.
func Groups(ctx context.Context, s lake.Store, ref lake.FileRef) iter.Seq2[*Group, error] {
	return func(yield func(*Group, error) bool) {
		obj, err := lake.OpenFile(ctx, s, ref)
		if err != nil {
			yield(nil, err)
			return
		}
		defer obj.Close()
		file, err := openValues(obj, obj.Info().Size, ref.Key)
		if err != nil {
			yield(nil, err)
			return
		}
		for i, rows := range file.RowGroups() {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			if !yield(&Group{ref.Key, file, rows, i}, nil) {
				return
			}
		}
	}
}

// Place returns the number of the group among the row groups of its file, from 0, and how many they are.
func (g *Group) Place() (index, groups int) { return g.at, len(g.file.RowGroups()) }

// Rows returns how many rows the group has.
func (g *Group) Rows() int { return int(g.rows.NumRows()) }

// Load reads a flat column into c, whose slices are used again; row.user_id is column user_id of struct row.
// Errors: a column that is missing, of lists, of a struct that may be missing or of a type that Values does not hold, a damaged file.
func (g *Group) Load(ctx context.Context, column string, c *Values) error {
	leaf, ok := g.file.Schema().Lookup(strings.Split(column, ".")...)
	if !ok || leaf.MaxRepetitionLevel > 0 || leaf.MaxDefinitionLevel > 1 {
		return fmt.Errorf("read %s: flat column %s is missing", g.key, column)
	}
	err := guard(g.key, func() error { return c.load(ctx, g.rows.ColumnChunks()[leaf.ColumnIndex]) })
	if err == nil && c.rows() != g.Rows() {
		err = fmt.Errorf("it has %d values of %d rows", c.rows(), g.Rows())
	}
	if err != nil {
		return fmt.Errorf("read column %s of %s: %w", column, g.key, err)
	}
	return nil
}

// LoadAll reads flat columns, each into its place in c.
func (g *Group) LoadAll(ctx context.Context, columns []string, c []Values) error {
	for i, column := range columns {
		if err := g.Load(ctx, column, &c[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Values) rows() int { return max(len(c.Ints), len(c.Codes), len(c.Reals)) }

// load reads a column chunk.
func (c *Values) load(ctx context.Context, chunk parquet.ColumnChunk) error {
	c.Ints, c.Codes, c.Reals, c.Names, c.None = c.Ints[:0], c.Codes[:0], c.Reals[:0], nil, nil
	c.plain = false
	switch n := int(chunk.NumValues()); chunk.Type().Kind() {
	case parquet.ByteArray:
		c.Codes = slices.Grow(c.Codes, n)
	case parquet.Float:
		c.Reals = slices.Grow(c.Reals, n)
	default:
		c.Ints = slices.Grow(c.Ints, n)
	}
	pages := chunk.Pages()
	defer pages.Close()
	for ctx.Err() == nil {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		before := c.rows()
		if err := c.page(page); err != nil {
			return err
		}
		c.mark(before, page)
		parquet.Release(page)
	}
	return context.Cause(ctx)
}

// mark notes which rows of a page that began at row before have no value.
func (c *Values) mark(before int, page parquet.Page) {
	if page.NumNulls() == 0 && c.None == nil {
		return
	}
	for len(c.None) < before {
		c.None = append(c.None, false)
	}
	levels := page.DefinitionLevels()
	for i := range int(page.NumRows()) {
		c.None = append(c.None, i < len(levels) && levels[i] == 0)
	}
}

// page appends the values of a page.
func (c *Values) page(p parquet.Page) error { return c.values(p, p.DefinitionLevels()) }

// values appends the values of a page, and zeros where levels say that there is none.
func (c *Values) values(p parquet.Page, levels []byte) error {
	data := p.Data()
	if d := p.Dictionary(); d != nil {
		return c.words(d, data.Int32(), levels)
	}
	switch kind := p.Type().Kind(); kind {
	case parquet.Int32:
		c.Ints = spread(c.Ints, data.Int32(), levels)
	case parquet.Int64:
		c.Ints = spread(c.Ints, data.Int64(), levels)
	case parquet.Float:
		c.Reals = spread(c.Reals, data.Float(), levels)
	case parquet.Boolean:
		c.Ints = spread(c.Ints, bits(data.Boolean(), int(p.NumValues()-p.NumNulls())), levels)
	case parquet.ByteArray:
		from := len(c.Names)
		c.Names = appendTexts(c.Names, data)
		codes := make([]int32, len(c.Names)-from)
		for i := range codes {
			codes[i] = int32(from + i)
		}
		c.Codes, c.plain = spread(c.Codes, codes, levels), true
	default:
		return fmt.Errorf("columns of %s are not read", kind)
	}
	return nil
}

// appendTexts appends texts that share memory of their own.
func appendTexts(to []string, values encoding.Values) []string {
	bytes, offsets := values.ByteArray()
	all := string(bytes)
	for i := 1; i < len(offsets); i++ {
		to = append(to, all[offsets[i-1]:offsets[i]])
	}
	return to
}

// words appends codes of a dictionary of texts, which is taken over once.
func (c *Values) words(d parquet.Dictionary, codes []int32, levels []byte) error {
	if d.Type().Kind() != parquet.ByteArray {
		return fmt.Errorf("dictionaries of %s are not read", d.Type())
	}
	if c.Names == nil {
		c.Names = appendTexts(make([]string, 0, d.Len()), d.Page().Data())
	}
	if !within(codes, d.Len()) {
		return fmt.Errorf("a word of %d to %d in a dictionary of %d", slices.Min(codes), slices.Max(codes), d.Len())
	}
	c.Codes = spread(c.Codes, codes, levels)
	return nil
}

// spread appends values, and zeros where the definition level is 0; no levels, no gaps.
func spread[To, From int32 | int64 | uint8 | float32](out []To, values []From, levels []byte) []To {
	if len(levels) == 0 {
		if same, ok := any(values).([]To); ok {
			return append(out, same...)
		}
		from := len(out)
		out = slices.Grow(out, len(values))[:from+len(values)]
		for i, v := range values {
			out[from+i] = To(v)
		}
		return out
	}
	out = slices.Grow(out, len(levels))
	for _, l := range levels {
		var v To
		if l > 0 {
			v, values = To(values[0]), values[1:]
		}
		out = append(out, v)
	}
	return out
}

// bits returns n bits, the lowest of a byte first.
func bits(packed []byte, n int) []uint8 {
	out := make([]uint8, n)
	for i := range out {
		out[i] = packed[i/8] >> (i % 8) & 1
	}
	return out
}
