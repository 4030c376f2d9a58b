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
	n := 0
	for ctx.Err() == nil {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			if l.Start = append(l.Start, n); n != len(l.Reals) {
				return fmt.Errorf("it has %d values, its levels say %d", len(l.Reals), n)
			}
			return nil
		}
		if err != nil {
			return err
		}
		data := page.Data()
		l.Reals = append(l.Reals, data.Float()...)
		n = l.cut(n, page.RepetitionLevels(), page.DefinitionLevels(), maxDef)
		parquet.Release(page)
	}
	return context.Cause(ctx)
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
