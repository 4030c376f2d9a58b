package shred

import (
	"encoding/binary"
	"io"
	"reflect"
	"slices"
	"sync"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// batchRows is how many rows a column takes at a time.
const batchRows = 256

// Options say how a file is cut, and what its footer holds beside the row groups.
type Options struct {
	Footer    format.FileMetaData // of a file without rows
	SortedBy  []string            // columns, ascending
	GroupRows int64               // rows a row group at most
	Codec     compress.Codec      // of columns that name none
	Shared    *Vocabulary         // texts of dictionaries that are found by address; nil = none
}

// Writer writes rows of T as a Parquet file: a column takes its values of a batch of rows at once, by where they lie in memory.
// Not safe for concurrent use.
//
// Rejected: parquet-go's writer, which looks every text up in a map, by its content, and asks each page for bounds and levels anew.
type Writer[T any] struct {
	to      io.Writer
	offset  int64 // in the file
	columns []*column
	sorting []format.SortingColumn
	most    int64 // rows of a row group
	rows    int64 // of the one that is open
	idle    *sync.Pool

	footer  format.FileMetaData
	indexes []pageIndex // one a chunk
}

// pageIndex is what the end of a file says of the pages of a chunk.
type pageIndex struct {
	bounds  *format.ColumnIndex // nil = none
	offsets format.OffsetIndex
}

var magic = []byte("PAR1")

// New writes the start of a file.
// Errors: a field that no column is written of: a map, an unsigned number, a list in a list.
func New[T any](to io.Writer, o Options) (*Writer[T], error) {
	schema := parquet.SchemaOf(new(T))
	w := &Writer[T]{to: to, most: o.GroupRows, footer: o.Footer, idle: idleOf[T](o.Codec)}
	if columns, ok := w.idle.Get().(*[]*column); ok {
		w.columns = *columns
	} else if err := w.makeColumns(schema, o.Codec); err != nil {
		return nil, err
	}
	for _, c := range w.columns {
		if c.words != nil {
			c.words.share(o.Shared)
		}
	}
	for _, name := range o.SortedBy {
		if leaf, ok := schema.Lookup(name); ok {
			w.sorting = append(w.sorting, format.SortingColumn{ColumnIdx: int32(leaf.ColumnIndex)})
		}
	}
	return w, w.write(magic)
}

// idleKey says which files have the same columns.
type idleKey struct {
	rows  reflect.Type
	codec compress.Codec
}

// idle holds the columns of files that have ended, by idleKey: another file uses their memory, and what they know of texts.
var idle sync.Map

func idleOf[T any](codec compress.Codec) *sync.Pool {
	pool, _ := idle.LoadOrStore(idleKey{reflect.TypeFor[T](), codec}, new(sync.Pool))
	return pool.(*sync.Pool)
}

func (w *Writer[T]) makeColumns(schema *parquet.Schema, codec compress.Codec) error {
	shapes, err := shapesOf(reflect.TypeFor[T](), schema)
	if err != nil {
		return err
	}
	for i, path := range schema.Columns() {
		leaf, _ := schema.Lookup(path...)
		w.columns = append(w.columns, newColumn(shapes[i], path, leaf, codec))
	}
	return nil
}

func (w *Writer[T]) write(p []byte) error {
	n, err := w.to.Write(p)
	w.offset += int64(n)
	return err
}

// Add appends rows.
func (w *Writer[T]) Add(rows []T) error {
	for len(rows) > 0 {
		n := min(len(rows), batchRows, int(w.most-w.rows))
		for _, c := range w.columns {
			c.add(unsafe.Pointer(unsafe.SliceData(rows)), n, unsafe.Sizeof(rows[0]))
		}
		rows = rows[n:]
		if w.rows += int64(n); w.rows == w.most {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush ends the row group, if it has rows.
func (w *Writer[T]) Flush() error {
	if w.rows == 0 {
		return nil
	}
	group := format.RowGroup{NumRows: w.rows, SortingColumns: w.sorting, FileOffset: w.offset, Ordinal: int16(len(w.footer.RowGroups))}
	for _, c := range w.columns {
		if err := w.chunk(c); err != nil {
			return err
		}
		group.Columns = append(group.Columns, format.ColumnChunk{MetaData: c.chunk.meta})
		group.TotalByteSize += c.chunk.meta.TotalUncompressedSize
		group.TotalCompressedSize += c.chunk.meta.TotalCompressedSize
		c.begin()
	}
	w.footer.RowGroups = append(w.footer.RowGroups, group)
	w.footer.NumRows += w.rows
	w.rows = 0
	return nil
}

// chunk writes a column of the row group.
func (w *Writer[T]) chunk(c *column) error {
	c.end()
	m := &c.chunk.meta
	if c.words != nil {
		m.DictionaryPageOffset = w.offset
		if err := w.write(c.packDictionary()); err != nil {
			return err
		}
		if err := w.write(c.packed); err != nil {
			return err
		}
	}
	m.DataPageOffset = w.offset
	index := pageIndex{offsets: c.chunk.offset}
	for i := range index.offsets.PageLocations {
		index.offsets.PageLocations[i].Offset += w.offset
	}
	if c.bounded && !c.chunk.unbounded {
		bounds := c.chunk.index
		bounds.BoundaryOrder = c.boundaries()
		index.bounds = &bounds
	}
	w.indexes = append(w.indexes, index)
	n, err := c.chunk.pages.WriteTo(w.to)
	w.offset += n
	return err
}

// Close writes the page index and the footer.
func (w *Writer[T]) Close() error {
	if err := w.Flush(); err != nil {
		return err
	}
	var chunks []*format.ColumnChunk
	for _, group := range w.footer.RowGroups {
		for i := range group.Columns {
			chunks = append(chunks, &group.Columns[i])
		}
	}
	for i, index := range w.indexes {
		if index.bounds == nil {
			continue
		}
		encoded := must(thrift.Marshal(&thrift.CompactProtocol{}, index.bounds))
		chunks[i].ColumnIndexOffset, chunks[i].ColumnIndexLength = w.offset, int32(len(encoded))
		if err := w.write(encoded); err != nil {
			return err
		}
	}
	for i := range w.indexes {
		encoded := must(thrift.Marshal(&thrift.CompactProtocol{}, &w.indexes[i].offsets))
		chunks[i].OffsetIndexOffset, chunks[i].OffsetIndexLength = w.offset, int32(len(encoded))
		if err := w.write(encoded); err != nil {
			return err
		}
	}
	encoded := must(thrift.Marshal(&thrift.CompactProtocol{}, &w.footer))
	for _, c := range w.columns {
		clear(c.runs[:cap(c.runs)]) // lets go of rows
	}
	columns := w.columns
	w.idle.Put(&columns)
	w.columns = nil
	return w.write(slices.Concat(encoded, binary.LittleEndian.AppendUint32(nil, uint32(len(encoded))), magic))
}
