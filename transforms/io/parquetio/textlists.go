package parquetio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// TextLists holds a column of lists of texts of a group, one a row.
type TextLists struct {
	Codes []int32  // of all rows, one after another: places in Names
	Start []int    // where each row's begin, and where the last one's end
	Names []string // texts, not all of which need to occur, and which may repeat
}

// Text returns a text by its place among those of all rows.
func (l *TextLists) Text(i int) string { return l.Names[l.Codes[i]] }

// Row returns the codes of a row; valid until the next load.
func (l *TextLists) Row(row int) []int32 { return l.Codes[l.Start[row]:l.Start[row+1]] }

// LoadTextLists reads a column of lists of texts into l, whose slices are used again; a null among them is "", and
// favourites.song_id a field as in LoadLists.
// Errors: as Load.
func (g *Group) LoadTextLists(ctx context.Context, column string, l *TextLists) error {
	leaf, ok := g.listed(column, parquet.ByteArray)
	if !ok {
		return fmt.Errorf("read %s: column %s of lists of texts is missing", g.key, column)
	}
	value := byte(leaf.MaxDefinitionLevel)
	element := value
	if leaf.Node.Optional() {
		element--
	}
	l.Codes, l.Start, l.Names = l.Codes[:0], l.Start[:0], nil
	err := guard(g.key, func() error { return l.load(ctx, g.rows.ColumnChunks()[leaf.ColumnIndex], element, value) })
	if err == nil && len(l.Start) != g.Rows()+1 {
		err = fmt.Errorf("it has %d lists in %d rows", len(l.Start)-1, g.Rows())
	}
	if err != nil {
		return fmt.Errorf("read column %s of %s: %w", column, g.key, err)
	}
	return nil
}

// load reads a column chunk whose elements have level element at least, and value when they are no null.
func (l *TextLists) load(ctx context.Context, chunk parquet.ColumnChunk, element, value byte) error {
	var texts Values // of a page
	l.Codes = slices.Grow(l.Codes, int(chunk.NumValues()))
	pages := chunk.Pages()
	defer pages.Close()
	for ctx.Err() == nil {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			l.Start = append(l.Start, len(l.Codes))
			return nil
		}
		if err != nil {
			return err
		}
		texts.Codes = texts.Codes[:0]
		if err := texts.values(page, nil); err != nil {
			return err
		}
		l.Names = texts.Names
		codes := texts.Codes
		defs := page.DefinitionLevels()
		for i, rep := range page.RepetitionLevels() {
			if rep == 0 {
				l.Start = append(l.Start, len(l.Codes))
			}
			switch {
			case defs[i] == value:
				l.Codes, codes = append(l.Codes, codes[0]), codes[1:]
			case defs[i] >= element:
				l.Codes, texts.Names = append(l.Codes, int32(len(texts.Names))), append(texts.Names, "")
				l.Names = texts.Names
			}
		}
		parquet.Release(page)
	}
	return context.Cause(ctx)
}

// RowsOf yields the rows of a group as Read does.
func RowsOf[T any](ctx context.Context, g *Group) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := checkColumns(g.file.Schema(), parquet.SchemaOf(new(T)), g.key)
		if err == nil {
			_, err = groupOf(ctx, g.key, g.rows, yield)
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}
