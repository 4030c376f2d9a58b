package parquetio

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// leaf reads one column of a file some rows at a time, as bytes that depend on the values alone: not on pages, dictionaries or encodings.
type leaf struct {
	name           string
	place          int // among the columns of the file
	kind           parquet.Kind
	maxRep, maxDef byte

	groups []parquet.RowGroup // that are not read yet
	pages  parquet.Pages
	page   parquet.Page
	left   int64 // rows of the file that are not taken

	reps, defs []byte
	entry, end int // of the entries of the page, a null or an empty list is one, too
	value      int // of its values
	rows       int // of the page, from the entry on
	values     pageValues
}

// pageValues are the values of a page: words of a dictionary, texts, bits, or numbers of one width.
type pageValues struct {
	dict    parquet.Dictionary
	records []record // of its texts
	words   []byte   // its numbers, or the texts that records do not hold, one after the other
	ends    []uint32 // of such texts
	codes   []int32

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
			maxRep: byte(l.MaxRepetitionLevel), maxDef: byte(l.MaxDefinitionLevel), groups: file.RowGroups(), left: file.NumRows(),
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

// take adds what the column holds in the next n rows of the page to its sum.
func (l *leaf) take(n int, to *columnSum) {
	from, values := l.entry, n
	l.entry, l.rows, l.left = l.entry+n, l.rows-n, l.left-int64(n)
	if l.maxRep > 0 {
		l.entry = l.behind(from, n)
		to.lists(l.reps[from:l.entry], l.defs[from:l.entry])
	} else if l.maxDef > 0 {
		to.levels.add(l.defs[from:l.entry])
	}
	if l.maxDef > 0 {
		values = bytes.Count(l.defs[from:l.entry], []byte{l.maxDef})
	}
	l.values.take(l.value, values, to)
	l.value += values
}

// take adds n values from one on to a sum.
func (v *pageValues) take(from, n int, to *columnSum) {
	switch {
	case v.codes != nil && v.width == 0:
		to.coded(v, v.codes[from:from+n])
	case v.offsets != nil:
		for i := from; i < from+n; i++ {
			to.text(v.value(i), 1)
		}
	case v.codes == nil && v.width > 0:
		to.values.add(v.data[from*v.width : (from+n)*v.width])
	case v.codes != nil:
		for i := from; i < from+n; i++ {
			to.values.add(v.value(i))
		}
	default:
		to.values.bits(v.data, from, from+n)
	}
}

// behind returns the entry behind n rows, of which the first begins at an entry; l.rows come behind them.
func (l *leaf) behind(from, n int) int {
	if l.rows == 0 {
		return l.end
	}
	const some = 64
	for from++; from+some <= l.end; from += some {
		begin := bytes.Count(l.reps[from:from+some], zeroByte)
		if begin >= n {
			break
		}
		n -= begin
	}
	for ; from < l.end; from++ {
		if l.reps[from] > 0 {
			continue
		}
		if n--; n == 0 {
			break
		}
	}
	return from
}

var zeroByte = []byte{0}

// word returns a word of the dictionary.
func (v *pageValues) word(code int32) []byte {
	if v.width > 0 {
		return v.words[int(code)*v.width:][:v.width]
	}
	if r := &v.records[code]; !r.isLong() {
		return r.text()
	}
	return v.words[v.ends[code]:v.ends[code+1]]
}

var bit = [2][]byte{{0}, {1}}

// value returns a value as it is stored, of bits one byte.
func (v *pageValues) value(i int) []byte {
	switch {
	case v.codes != nil:
		return v.word(v.codes[i])
	case v.width > 0:
		return v.data[i*v.width : (i+1)*v.width]
	case v.offsets != nil:
		return v.data[v.offsets[i]:v.offsets[i+1]]
	}
	return bit[v.data[i/8]>>(i%8)&1]
}

// compare compares two rows of the page, counted from the entry on, of a flat column that has a value in each.
func (l *leaf) compare(a, b int) int {
	v := &l.values
	a, b = l.value+a, l.value+b
	if v.codes != nil && v.codes[a] == v.codes[b] {
		return 0
	}
	x, y := v.value(a), v.value(b)
	switch l.kind {
	case parquet.Int32:
		return cmp.Compare(int32(binary.LittleEndian.Uint32(x)), int32(binary.LittleEndian.Uint32(y)))
	case parquet.Int64:
		return cmp.Compare(int64(binary.LittleEndian.Uint64(x)), int64(binary.LittleEndian.Uint64(y)))
	}
	return bytes.Compare(x, y)
}

// same returns the first row behind one, at most to, that has another value, of a column as compare looks at.
func (l *leaf) same(row, to int) int {
	if codes := l.values.codes; codes != nil {
		code := codes[l.value+row]
		for row++; row < to && codes[l.value+row] == code; row++ {
		}
	} else {
		row++
	}
	for ; row < to && l.compare(row-1, row) == 0; row++ {
	}
	return row
}

// rises returns the first row behind one, at most to, whose value is not above that of the row before it.
func (l *leaf) rises(row, to int) int {
	if v := &l.values; l.kind == parquet.Int32 && v.codes == nil {
		data := v.data[4*(l.value+row) : 4*(l.value+to)]
		last := int32(binary.LittleEndian.Uint32(data))
		for row++; row < to; row++ {
			data = data[4:]
			x := int32(binary.LittleEndian.Uint32(data))
			if x <= last {
				break
			}
			last = x
		}
		return row
	}
	for row++; row < to && l.compare(row-1, row) < 0; row++ {
	}
	return row
}

// appendOrder appends the value of a flat column in a row of the page, counted from the entry on, as bytes that sort as values do,
// nulls last. Where a value may be missing the row is the first.
func (l *leaf) appendOrder(to []byte, row int) []byte {
	if l.maxDef > 0 && l.defs[l.entry] == 0 {
		return append(to, 1)
	}
	from := len(to) + 1
	to = append(append(to, 0), l.values.value(l.value+row)...)
	switch l.kind {
	case parquet.ByteArray, parquet.FixedLenByteArray:
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
				l.values = pageValues{} // other files may follow for long
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
	if l.rows = l.end; l.maxRep > 0 {
		l.rows = bytes.Count(l.reps, zeroByte)
	}
	if l.maxDef > 0 {
		n = bytes.Count(l.defs, []byte{l.maxDef})
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
		v.codes = data.Int32()
		if !within(v.codes, d.Len()) {
			return -1
		}
		if page.Type().Kind() != parquet.ByteArray {
			v.width = len(v.words) / max(d.Len(), 1)
		}
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

// within reports whether all codes name one of so many words. Four maxima wait for none of one another.
func within(codes []int32, words int) bool {
	if len(codes) == 0 {
		return true
	}
	var a, b, c, d uint32
	for ; len(codes) >= 4; codes = codes[4:] {
		a, b, c, d = max(a, uint32(codes[0])), max(b, uint32(codes[1])), max(c, uint32(codes[2])), max(d, uint32(codes[3]))
	}
	for _, code := range codes {
		a = max(a, uint32(code))
	}
	return int64(max(a, b, c, d)) < int64(words)
}

// know keeps the words of a dictionary.
func (v *pageValues) know(d parquet.Dictionary) {
	if v.dict == d {
		return
	}
	v.dict = d
	values := d.Page().Data()
	data, ends := values.Data()
	v.records, v.words, v.ends = v.records[:0], v.words[:0], v.ends[:0]
	if ends == nil {
		v.words = append(v.words, data...)
		return
	}
	if n := d.Len(); cap(v.records) < n {
		v.records = make([]record, n, n+n/4)
	}
	v.records = v.records[:d.Len()]
	long := false
	for i := range v.records {
		if text := data[ends[i]:ends[i+1]]; len(text) <= shortText {
			v.records[i].set(text)
		} else {
			v.records[i], long = record{}, true
		}
	}
	if long {
		v.words, v.ends = append(v.words, data...), append(v.ends, ends...)
	}
}
