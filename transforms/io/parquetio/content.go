package parquetio

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// ContentVersion says how Content.Hash is made: 2 by columns; 0 was by rows, and no program makes it any more.
const ContentVersion = 2

// Content is what a table holds, however its rows are cut into files.
type Content struct {
	Hash string // hex SHA-256 over the SHA-256 of the levels and values of each column, in the table's order
	Rows int64
}

// ContentOf reads all files of a table, merged in the table's order, and hashes their columns; nulls come last.
//
// Errors: rows of a file out of the declared order, two rows with one key, a damaged file: each names the file and row.
// Cost: reads everything once, in columns, side by side: those of the order say which rows of which file come next, the others follow. Rows
// that no other file has any between are taken together. Memory is a page a column and file.
func ContentOf(ctx context.Context, s lake.Store, files []lake.FileRef, table schemas.Table) (Content, error) {
	m := &merge{}
	defer m.close()
	for i, f := range files {
		c, err := openCursor(ctx, s, f, table.Order)
		if err != nil {
			return Content{}, err
		}
		c.place = i
		m.opened = append(m.opened, c)
		if len(c.leaves) != len(m.opened[0].leaves) {
			return Content{}, fmt.Errorf("check %s: it has %d columns, the files before have %d", f.Key, len(c.leaves), len(m.opened[0].leaves))
		}
		switch err := c.next(ctx); {
		case err == nil:
			heap.Push(m, c)
		case !errors.Is(err, io.EOF):
			return Content{}, err
		}
	}
	sums := sumsOf(m.opened)
	rows, err := m.drain(ctx, sums)
	return Content{Hash: hex.EncodeToString(sums.whole(rows)), Rows: rows}, err
}

// cursor stands on one row of a file.
type cursor struct {
	ref    lake.FileRef
	place  int // among the files of the table
	obj    lake.Object
	leaves []*leaf
	order  []*leaf // some of them
	plain  bool    // no column of the order may be without a value: rows are compared within pages
	rows   int64   // of the file
	seen   int64   // with the row
	key    []byte  // of the row, sorts as the table's order does
	end    []byte  // key of another row
	lead   int     // of key, the bytes of the first column
}

func openCursor(ctx context.Context, s lake.Store, f lake.FileRef, order []string) (*cursor, error) {
	obj, err := lake.OpenStored(ctx, s, f)
	if err != nil {
		return nil, err
	}
	file, err := openFooter(obj, obj.Info().Size, f.Key)
	if err != nil {
		obj.Close()
		return nil, err
	}
	c := &cursor{ref: f, obj: obj, leaves: leavesOf(file), rows: file.NumRows(), seen: 1, plain: len(order) > 0}
	for _, name := range order {
		column, ok := file.Schema().Lookup(name)
		if !ok || column.MaxRepetitionLevel > 0 {
			obj.Close()
			return nil, fmt.Errorf("check %s: flat column %s, by which rows are ordered, is missing", f.Key, name)
		}
		c.order = append(c.order, c.leaves[column.ColumnIndex])
		c.plain = c.plain && column.MaxDefinitionLevel == 0
	}
	return c, nil
}

// next makes the row it stands on ready in the columns of the order; io.EOF after the last.
func (c *cursor) next(ctx context.Context) error {
	ended := 0
	for _, l := range c.order {
		switch err := c.ready(ctx, l); {
		case errors.Is(err, io.EOF):
			ended++
		case err != nil:
			return err
		}
	}
	switch {
	case ended == len(c.order) && c.seen == c.rows+1:
		return io.EOF
	case ended > 0:
		return c.short(ended)
	}
	c.key = c.key[:0]
	for i, l := range c.order {
		if c.key = l.appendOrder(c.key, 0); i == 0 {
			c.lead = len(c.key)
		}
	}
	return nil
}

// ready loads the next page of a column if the last one is read; io.EOF after the last.
func (c *cursor) ready(ctx context.Context, l *leaf) error {
	if l.entry < l.end {
		return nil
	}
	err := guard(c.ref.Key, func() error { return l.ready(ctx) })
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("decode %s: %w", c.ref.Key, err)
	}
	return err
}

// short says that some columns end before others.
func (c *cursor) short(columns int) error {
	return damage{fmt.Errorf("decode %s: %d of its columns end before its %d rows do, or go on behind them", c.ref.Key, columns, c.rows)}
}

// keyOf appends the key of a row of the pages that are open, counted from the one it stands on.
func (c *cursor) keyOf(to []byte, row int) []byte {
	for _, l := range c.order {
		to = l.appendOrder(to, row)
	}
	return to
}

// ahead returns how many rows, from the one it stands on, surely come before those of second, nil = there are none. They are of open pages.
// Rows of a file are taken to be in order, which follows checks.
func (c *cursor) ahead(second *cursor) int {
	if !c.plain {
		return 1
	}
	n := c.order[0].rows
	for _, l := range c.order {
		n = min(n, l.rows)
	}
	switch {
	case second == nil:
		return n
	case bytes.Equal(c.key[:c.lead], second.key[:second.lead]):
		return 1
	}
	if c.end = c.keyOf(c.end[:0], n-1); bytes.Compare(c.end, second.key) < 0 {
		return n
	}
	return c.order[0].same(0, n)
}

// merge is a heap of cursors, the smallest row first.
type merge struct {
	cursors []*cursor
	opened  []*cursor
}

func (m *merge) Len() int           { return len(m.cursors) }
func (m *merge) Swap(i, j int)      { m.cursors[i], m.cursors[j] = m.cursors[j], m.cursors[i] }
func (m *merge) Less(i, j int) bool { return m.cursors[i].before(m.cursors[j]) }

// before reports whether the row of c comes first.
func (c *cursor) before(d *cursor) bool {
	if order := bytes.Compare(c.key, d.key); order != 0 {
		return order < 0
	}
	return c.place < d.place
}

// Push and Pop serve container/heap.
func (m *merge) Push(x any) { m.cursors = append(m.cursors, x.(*cursor)) }

// Pop removes the last cursor.
func (m *merge) Pop() any {
	last := m.cursors[len(m.cursors)-1]
	m.cursors = m.cursors[:len(m.cursors)-1]
	return last
}

// second returns the cursor that is first without the first one, nil when there is no other.
func (m *merge) second() *cursor {
	switch {
	case m.Len() < 2:
		return nil
	case m.Len() > 2 && m.Less(2, 1):
		return m.cursors[2]
	}
	return m.cursors[1]
}

func (m *merge) close() {
	for _, c := range m.opened {
		for _, l := range c.leaves {
			l.close()
		}
		c.obj.Close()
	}
}

// follows checks that n rows come one after the other, and the first after one with key last when there are rows before.
func (c *cursor) follows(last []byte, n int, rows int64) error {
	if rows > 0 {
		if err := c.misplaced(bytes.Compare(last, c.key), 0); err != nil {
			return err
		}
	}
	if n == 1 { // it may be without values
		return nil
	}
	return c.rises(c.order, 0, n)
}

// rises checks that rows [from, to), of one value each in the columns before these, come one after the other.
func (c *cursor) rises(columns []*leaf, from, to int) error {
	for l := columns[0]; from < to; {
		next := to
		if len(columns) == 1 {
			next = l.rises(from, to)
		} else {
			next = l.same(from, to)
			if err := c.rises(columns[1:], from, next); err != nil {
				return err
			}
		}
		if next < to {
			if order := l.compare(next-1, next); order >= 0 {
				return c.misplaced(order, next)
			}
		}
		from = next
	}
	return nil
}

// misplaced says what is wrong with a row whose key compares so with that of the row before, nil if it comes after.
func (c *cursor) misplaced(order, row int) error {
	switch {
	case order > 0:
		return fmt.Errorf("check %s: row %d is out of the declared order", c.ref.Key, c.seen+int64(row))
	case order == 0:
		return fmt.Errorf("check %s: row %d has the key of the row before it", c.ref.Key, c.seen+int64(row))
	}
	return nil
}

// zero returns an empty row of a table.
func zero(table schemas.Table) any { return reflect.New(table.Row).Interface() }
