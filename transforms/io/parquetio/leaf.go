package parquetio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// leaf reads one column of a file row by row, as bytes that depend on the values alone: not on pages, dictionaries or encodings.
type leaf struct {
	name           string
	place          int // among the columns of the file
	kind           parquet.Kind
	maxRep, maxDef byte

	groups []parquet.RowGroup // that are not read yet
	pages  parquet.Pages
	page   parquet.Page

	reps, defs []byte
	entry, end int // of the entries of the page, a null or an empty list is one, too
	value      int // of its values
	values     pageValues
}

// pageValues are the values of a page: words of a dictionary, texts, bits, or numbers of one width.
type pageValues struct {
	dict  parquet.Dictionary
	words []byte // of the dictionary, as they are appended
	ends  []uint32
	codes []int32

	data    []byte
	offsets []uint32
	width   int // 0 = texts, or bits
}

// leavesOf prepares to read every column of a file.
func leavesOf(file *parquet.File) []*leaf {
	schema := file.Schema()
	out := make([]*leaf, 0, len(schema.Columns()))
	for _, path := range schema.Columns() {
		l, _ := schema.Lookup(path...)
		out = append(out, &leaf{
			name: fmt.Sprint(path), place: l.ColumnIndex, kind: l.Node.Type().Kind(),
			maxRep: byte(l.MaxRepetitionLevel), maxDef: byte(l.MaxDefinitionLevel), groups: file.RowGroups(),
		})
	}
	return out
}

// ready loads the next page when the last one is read; io.EOF after the last row.
func (l *leaf) ready(ctx context.Context) error {
	for l.entry == l.end {
		if err := l.load(ctx); err != nil {
			return err
		}
	}
	return nil
}

// appendRow appends what the column holds in the next row, which ready found: of a list the number of its entries, then each
// with its levels; where a value may be missing, whether it is there; then the value.
func (l *leaf) appendRow(to []byte) []byte {
	if l.maxRep == 0 {
		if l.maxDef == 0 {
			l.entry++
			return l.appendValue(to)
		}
		return l.appendEntry(to, 0)
	}
	from := l.entry
	last := from + 1
	for last < l.end && l.reps[last] > 0 {
		last++
	}
	to = binary.AppendUvarint(to, uint64(last-from))
	for range last - from {
		to = l.appendEntry(to, l.reps[l.entry])
	}
	return to
}

func (l *leaf) appendEntry(to []byte, rep byte) []byte {
	def := l.defs[l.entry]
	l.entry++
	to = append(to, rep<<4|def)
	if def < l.maxDef {
		return to
	}
	return l.appendValue(to)
}

// appendValue appends the next value: texts with their length.
func (l *leaf) appendValue(to []byte) []byte {
	v, i := &l.values, l.value
	l.value++
	switch {
	case v.codes != nil:
		code := v.codes[i]
		return append(to, v.words[v.ends[code]:v.ends[code+1]]...)
	case v.width > 0:
		return append(to, v.data[i*v.width:(i+1)*v.width]...)
	case v.offsets != nil:
		return appendText(to, v.data[v.offsets[i]:v.offsets[i+1]])
	}
	return append(to, v.data[i/8]>>(i%8)&1)
}

func appendText(to, text []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// appendOrder appends the value of a flat column in the next row as bytes that sort as values do, nulls last.
func (l *leaf) appendOrder(to []byte) []byte {
	entry, value := l.entry, l.value
	defer func() { l.entry, l.value = entry, value }()
	if l.maxDef > 0 && l.defs[l.entry] == 0 {
		return append(to, 1)
	}
	from := len(to) + 1
	to = l.appendValue(append(to, 0))
	switch l.kind {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		_, n := binary.Uvarint(to[from:])
		to = slices.Delete(to, from, from+n)
		if bytes.IndexByte(to[from:], 0) >= 0 {
			to = append(to[:from], bytes.ReplaceAll(to[from:], []byte{0}, []byte{0, 0xff})...)
		}
		to = append(to, 0, 0)
	case parquet.Int32, parquet.Int64:
		slices.Reverse(to[from:])
		to[from] ^= 1 << 7
	}
	return to
}

// load reads the next page.
func (l *leaf) load(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for {
		if l.pages == nil {
			if len(l.groups) == 0 {
				return io.EOF
			}
			l.pages = l.groups[0].ColumnChunks()[l.place].Pages()
			l.groups, l.values.dict = l.groups[1:], nil
		}
		l.drop()
		page, err := l.pages.ReadPage()
		if err == nil {
			return l.open(page)
		}
		if !errors.Is(err, io.EOF) {
			return fmt.Errorf("column %s: %w", l.name, err)
		}
		l.pages.Close()
		l.pages = nil
	}
}

func (l *leaf) drop() {
	if l.page != nil {
		parquet.Release(l.page)
		l.page = nil
	}
}

func (l *leaf) close() {
	l.drop()
	if l.pages != nil {
		l.pages.Close()
	}
}

// open takes a page and checks that its levels and codes name values that are there.
func (l *leaf) open(page parquet.Page) error {
	l.page, l.entry, l.end, l.value = page, 0, int(page.NumValues()), 0
	l.reps, l.defs = page.RepetitionLevels(), page.DefinitionLevels()
	n := l.end
	if l.maxDef > 0 {
		n = 0
		for _, d := range l.defs {
			if d == l.maxDef {
				n++
			}
		}
	}
	found := l.values.open(page)
	switch {
	case l.maxDef > 0 && len(l.defs) != l.end, l.maxRep > 0 && (len(l.reps) != l.end || l.end > 0 && l.reps[0] > 0), found < n:
		return damage{fmt.Errorf("column %s: %d values and %d, %d levels of %d entries", l.name, found, len(l.defs), len(l.reps), l.end)}
	}
	return nil
}

// open takes the values of a page and returns how many there are, none where a code names no word.
func (v *pageValues) open(page parquet.Page) int {
	data := page.Data()
	v.codes, v.offsets, v.width = nil, nil, 0
	if d := page.Dictionary(); d != nil {
		v.know(d)
		for _, code := range data.Int32() {
			if uint(code) >= uint(len(v.ends)-1) {
				return -1
			}
		}
		v.codes = data.Int32()
		return len(v.codes)
	}
	v.data, v.offsets = data.Data()
	switch page.Type().Kind() {
	case parquet.ByteArray:
		return max(0, len(v.offsets)-1)
	case parquet.Boolean:
		return 8 * len(v.data)
	case parquet.Int32, parquet.Float:
		v.width = 4
	case parquet.Int64, parquet.Double:
		v.width = 8
	default:
		return -1
	}
	return len(v.data) / v.width
}

// know keeps the words of a dictionary.
func (v *pageValues) know(d parquet.Dictionary) {
	if v.dict == d {
		return
	}
	v.dict, v.words, v.ends = d, v.words[:0], append(v.ends[:0], 0)
	for i := range d.Len() {
		word := d.Index(int32(i))
		if word.Kind() == parquet.ByteArray {
			v.words = appendText(v.words, word.ByteArray())
		} else {
			v.words = word.AppendBytes(v.words)
		}
		v.ends = append(v.ends, uint32(len(v.words)))
	}
}
