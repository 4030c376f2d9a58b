package parquetio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Lists holds a column of lists of float32 of a group, one a row.
type Lists struct {
	Reals []float32 // of all rows, one after another
	Start []int     // where each row's begin, and where the last one's end
}

// Row returns the list of a row; valid until the next load.
func (l *Lists) Row(row int) []float32 { return l.Reals[l.Start[row]:l.Start[row+1]] }

// LoadLists reads a column of lists of float32 into l, whose slices are used again; favourites.weight is field weight of the structs that
// column favourites lists.
// Errors: as Load.
func (g *Group) LoadLists(ctx context.Context, column string, l *Lists) error {
	leaf, ok := g.listed(column, parquet.Float)
	if !ok {
		return fmt.Errorf("read %s: column %s of lists of float32 is missing", g.key, column)
	}
	at, maxDef := leaf.ColumnIndex, byte(leaf.MaxDefinitionLevel)
	l.Reals, l.Start = l.Reals[:0], slices.Grow(l.Start[:0], g.Rows()+1)
	err := guard(g.key, func() error { return l.load(ctx, g.rows.ColumnChunks()[at], maxDef) })
	if err == nil && len(l.Start) != g.Rows()+1 {
		err = fmt.Errorf("it has %d lists in %d rows", len(l.Start)-1, g.Rows())
	}
	if err != nil {
		return fmt.Errorf("read column %s of %s: %w", column, g.key, err)
	}
	return nil
}

// EachList calls use with the list of every row of a column as LoadLists reads them, in order; it is valid until use returns.
// Errors: as Load; rows before it were used. Memory is that of a page, not of the group.
func (g *Group) EachList(ctx context.Context, column string, use func(row int, list []float32)) error {
	leaf, ok := g.listed(column, parquet.Float)
	if !ok {
		return fmt.Errorf("read %s: column %s of lists of float32 is missing", g.key, column)
	}
	pages := g.rows.ColumnChunks()[leaf.ColumnIndex].Pages()
	defer pages.Close()
	var l Lists
	for at, ended := 0, false; !ended; l.drop() {
		err := guard(g.key, func() error { return l.page(pages, byte(leaf.MaxDefinitionLevel)) })
		if ended = errors.Is(err, io.EOF); ended {
			l.end()
			err = nil
		}
		if n := at + l.whole(); n > g.Rows() || ended && n < g.Rows() {
			err = fmt.Errorf("it has %d lists in %d rows", n, g.Rows())
		}
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return fmt.Errorf("read column %s of %s: %w", column, g.key, err)
		}
		for row := range l.whole() {
			use(at, l.Row(row))
			at++
		}
	}
	return nil
}

// listed returns the column of the elements of lists, or of a field of theirs.
func (g *Group) listed(column string, kind parquet.Kind) (leaf parquet.LeafColumn, ok bool) {
	name, field, _ := strings.Cut(column, ".")
	for _, path := range g.file.Schema().Columns() {
		leaf, _ := g.file.Schema().Lookup(path...)
		if path[0] == name && (field == "" || path[len(path)-1] == field) && leaf.MaxRepetitionLevel == 1 && leaf.Node.Type().Kind() == kind {
			return leaf, true
		}
	}
	return leaf, false
}

// load reads a column chunk whose values have level maxDef.
func (l *Lists) load(ctx context.Context, chunk parquet.ColumnChunk, maxDef byte) error {
	l.Reals = slices.Grow(l.Reals, int(chunk.NumValues()))
	pages := chunk.Pages()
	defer pages.Close()
	for ctx.Err() == nil {
		switch err := l.page(pages, maxDef); {
		case errors.Is(err, io.EOF):
			l.end()
			return nil
		case err != nil:
			return err
		}
	}
	return context.Cause(ctx)
}

// page appends the next page; io.EOF after the last. The list it ends with may go on in the one behind.
func (l *Lists) page(pages parquet.Pages, maxDef byte) error {
	page, err := pages.ReadPage()
	if err != nil {
		return err
	}
	defer parquet.Release(page)
	data, from := page.Data(), len(l.Reals)
	l.Reals = append(l.Reals, data.Float()...)
	if n := l.cut(from, page.RepetitionLevels(), page.DefinitionLevels(), maxDef); n != len(l.Reals) {
		return fmt.Errorf("a page has %d values, its levels say %d", len(l.Reals)-from, n-from)
	}
	return nil
}

// end notes where the last list ends.
func (l *Lists) end() { l.Start = append(l.Start, len(l.Reals)) }

// whole returns how many lists are known to the end.
func (l *Lists) whole() int { return max(0, len(l.Start)-1) }

// drop lets go of the lists that are known to the end.
func (l *Lists) drop() {
	if n := l.whole(); n > 0 {
		l.Reals = l.Reals[:copy(l.Reals, l.Reals[l.Start[n]:])]
		l.Start = append(l.Start[:0], 0)
	}
}

// cut notes where the lists of a page begin, whose first value is the nth, and returns the number of the one behind its last. Levels of a list
// are looked at together.
func (l *Lists) cut(n int, reps, defs []byte, maxDef byte) int {
	for from := 0; from < len(reps); {
		if reps[from] == 0 {
			l.Start = append(l.Start, n)
		}
		end := len(reps)
		if next := bytes.IndexByte(reps[from+1:], 0); next >= 0 {
			end = from + 1 + next
		}
		n += bytes.Count(defs[from:end], []byte{maxDef})
		from = end
	}
	return n
}
