package parquetio

import (
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"reflect"

	"github.com/parquet-go/parquet-go"

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
// Cost: reads everything once; memory is one batch of rows a file.
func ContentOf(ctx context.Context, s lake.Store, files []lake.FileRef, table schemas.Table) (Content, error) {
	m := &merge{compare: comparator(table, table.Order), sameKey: comparator(table, table.Key)}
	defer m.close()
	for i, f := range files {
		c, err := openCursor(ctx, s, f, i)
		if err != nil {
			return Content{}, err
		}
		m.opened = append(m.opened, c)
		if err := m.add(c); err != nil {
			return Content{}, err
		}
	}
	h := sha256.New()
	rows, err := m.drain(ctx, h)
	return Content{Hash: hex.EncodeToString(h.Sum(nil)), Rows: rows}, err
}

func comparator(table schemas.Table, columns []string) func(a, b parquet.Row) int {
	order := make([]parquet.SortingColumn, len(columns))
	for i, c := range columns {
		order[i] = parquet.Ascending(c)
	}
	return parquet.NewSchema(table.Name, parquet.SchemaOf(zero(table))).Comparator(order...)
}

// cursor stands on one row of a file.
type cursor struct {
	ref   lake.FileRef
	place int // among the files of the table
	obj   lake.Object
	rows  *parquet.GenericReader[any]
	batch []parquet.Row
	at    int
	seen  int64
}

func openCursor(ctx context.Context, s lake.Store, f lake.FileRef, place int) (*cursor, error) {
	obj, err := openObject(ctx, s, f)
	if err != nil {
		return nil, err
	}
	file, err := openFooter(obj, obj.Info().Size, f.Key)
	if err != nil {
		obj.Close()
		return nil, err
	}
	return &cursor{ref: f, place: place, obj: obj, rows: parquet.NewGenericReader[any](file)}, nil
}

func (c *cursor) row() parquet.Row { return c.batch[c.at] }

// next moves to the following row; io.EOF after the last.
func (c *cursor) next() error {
	if c.at++; c.at < len(c.batch) {
		c.seen++
		return nil
	}
	batch := make([]parquet.Row, readBatch)
	n, err := c.rows.ReadRows(batch)
	if n == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			return io.EOF
		}
		return fmt.Errorf("decode %s: %w", c.ref.Key, err)
	}
	c.batch, c.at = batch[:n], 0
	c.seen++
	return nil
}

// merge is a heap of cursors, the smallest row first.
type merge struct {
	compare, sameKey func(a, b parquet.Row) int
	cursors          []*cursor
	opened           []*cursor
}

func (m *merge) Len() int      { return len(m.cursors) }
func (m *merge) Swap(i, j int) { m.cursors[i], m.cursors[j] = m.cursors[j], m.cursors[i] }

func (m *merge) Less(i, j int) bool {
	a, b := m.cursors[i], m.cursors[j]
	if c := m.compare(a.row(), b.row()); c != 0 {
		return c < 0
	}
	return a.place < b.place
}

// Push and Pop serve container/heap.
func (m *merge) Push(x any) { m.cursors = append(m.cursors, x.(*cursor)) }

// Pop removes the last cursor.
func (m *merge) Pop() any {
	last := m.cursors[len(m.cursors)-1]
	m.cursors = m.cursors[:len(m.cursors)-1]
	return last
}

func (m *merge) add(c *cursor) error {
	err := c.next()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		heap.Push(m, c)
	}
	return err
}

func (m *merge) close() {
	for _, c := range m.opened {
		c.rows.Close()
		c.obj.Close()
	}
}

// drain hashes all rows in order and checks it.
func (m *merge) drain(ctx context.Context, h hash.Hash) (rows int64, err error) {
	var last parquet.Row
	for m.Len() > 0 && ctx.Err() == nil {
		c := m.cursors[0]
		row := c.row()
		if last != nil {
			if m.compare(last, row) > 0 {
				return rows, fmt.Errorf("check %s: row %d is out of the declared order", c.ref.Key, c.seen)
			}
			if m.sameKey(last, row) == 0 {
				return rows, fmt.Errorf("check %s: row %d has the key of the row before it", c.ref.Key, c.seen)
			}
		}
		if last = row; c.at == len(c.batch)-1 {
			last = row.Clone() // the next batch may reuse the memory this one points into
		}
		hashRow(h, row)
		rows++
		switch err := c.next(); {
		case errors.Is(err, io.EOF):
			heap.Pop(m)
		case err != nil:
			return rows, err
		default:
			heap.Fix(m, 0)
		}
	}
	return rows, ctx.Err()
}

// hashRow feeds one row: every value with its column, levels, kind and length.
func hashRow(h hash.Hash, row parquet.Row) {
	var head [16]byte
	buf := make([]byte, 0, 64)
	for _, v := range row {
		buf = v.AppendBytes(buf[:0])
		binary.LittleEndian.PutUint32(head[0:], uint32(v.Column()))
		binary.LittleEndian.PutUint16(head[4:], uint16(v.RepetitionLevel()))
		binary.LittleEndian.PutUint16(head[6:], uint16(v.DefinitionLevel()))
		binary.LittleEndian.PutUint32(head[8:], uint32(v.Kind()))
		binary.LittleEndian.PutUint32(head[12:], uint32(len(buf)))
		h.Write(head[:])
		h.Write(buf)
	}
}

// zero returns an empty row of a table.
func zero(table schemas.Table) any { return reflect.New(table.Row).Interface() }
