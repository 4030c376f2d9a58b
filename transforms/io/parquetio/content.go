package parquetio

import (
	"bytes"
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"reflect"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// Content is what a table holds, however its rows are cut into files.
type Content struct {
	Hash string // hex SHA-256 over all rows in the table's order
	Rows int64
}

// ContentOf reads all files of a table, merged in the table's order, and hashes their rows; nulls come last.
//
// Errors: rows of a file out of the declared order, two rows with one key, a damaged file: each names the file and row.
// Cost: reads everything once, in columns; memory is a page a column and file.
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
		switch err := c.next(ctx); {
		case err == nil:
			heap.Push(m, c)
		case !errors.Is(err, io.EOF):
			return Content{}, err
		}
	}
	h := sha256.New()
	rows, err := m.drain(ctx, h)
	return Content{Hash: hex.EncodeToString(h.Sum(nil)), Rows: rows}, err
}

// cursor stands on one row of a file.
type cursor struct {
	ref    lake.FileRef
	place  int // among the files of the table
	obj    lake.Object
	leaves []*leaf
	order  []*leaf
	rows   int64 // of the file
	seen   int64
	key    []byte // of the row, sorts as the table's order does
}

func openCursor(ctx context.Context, s lake.Store, f lake.FileRef, order []string) (*cursor, error) {
	obj, err := openObject(ctx, s, f)
	if err != nil {
		return nil, err
	}
	file, err := openFooter(obj, obj.Info().Size, f.Key)
	if err != nil {
		obj.Close()
		return nil, err
	}
	c := &cursor{ref: f, obj: obj, leaves: leavesOf(file), rows: file.NumRows()}
	for _, name := range order {
		column, ok := file.Schema().Lookup(name)
		if !ok || column.MaxRepetitionLevel > 0 {
			obj.Close()
			return nil, fmt.Errorf("check %s: flat column %s, by which rows are ordered, is missing", f.Key, name)
		}
		c.order = append(c.order, c.leaves[column.ColumnIndex])
	}
	return c, nil
}

// next moves to the following row; io.EOF after the last.
func (c *cursor) next(ctx context.Context) error {
	ended := 0
	for _, l := range c.leaves {
		if l.entry < l.end {
			continue
		}
		err := guard(c.ref.Key, func() error { return l.ready(ctx) })
		if errors.Is(err, io.EOF) {
			ended++
		} else if err != nil {
			return fmt.Errorf("decode %s: %w", c.ref.Key, err)
		}
	}
	switch {
	case ended == len(c.leaves) && c.seen == c.rows:
		return io.EOF
	case ended > 0:
		return damage{fmt.Errorf("decode %s: %d of its columns end at row %d of %d", c.ref.Key, ended, c.seen, c.rows)}
	}
	c.seen++
	c.key = c.key[:0]
	for _, l := range c.order {
		c.key = l.appendOrder(c.key)
	}
	return nil
}

// appendRow appends the row, column after column.
func (c *cursor) appendRow(to []byte) []byte {
	for _, l := range c.leaves {
		to = l.appendRow(to)
	}
	return to
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

// hashBytes is how much is hashed at a time.
const hashBytes = 64 << 10

// drain hashes all rows in order and checks it.
func (m *merge) drain(ctx context.Context, h hash.Hash) (rows int64, err error) {
	var last, buf []byte
	for m.Len() > 0 && err == nil {
		c, second := m.cursors[0], m.second()
		for first := true; err == nil && (first || second == nil || c.before(second)); first = false {
			if err := c.follows(last, rows); err != nil {
				return rows, err
			}
			last = append(last[:0], c.key...)
			if buf = c.appendRow(buf); len(buf) >= hashBytes {
				h.Write(buf)
				buf = buf[:0]
			}
			rows++
			err = c.next(ctx)
		}
		switch {
		case errors.Is(err, io.EOF):
			heap.Pop(m)
			err = nil
		case err == nil:
			heap.Fix(m, 0)
		}
	}
	h.Write(buf)
	return rows, err
}

// follows checks that the row comes after one with key last, the first of all after none.
func (c *cursor) follows(last []byte, rows int64) error {
	if rows == 0 {
		return nil
	}
	switch bytes.Compare(last, c.key) {
	case 1:
		return fmt.Errorf("check %s: row %d is out of the declared order", c.ref.Key, c.seen)
	case 0:
		return fmt.Errorf("check %s: row %d has the key of the row before it", c.ref.Key, c.seen)
	}
	return nil
}

// zero returns an empty row of a table.
func zero(table schemas.Table) any { return reflect.New(table.Row).Interface() }
