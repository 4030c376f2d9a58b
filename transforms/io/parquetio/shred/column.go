package shred

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"time"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// pageBytes is the size at which a page ends, as stored before compression.
const pageBytes = 256 << 10

// column encodes one column of a file: rows → pages → the chunk of a row group. Its memory is used again.
type column struct {
	shape
	meta    format.ColumnMetaData // what chunks have in common
	codec   compress.Codec
	words   *words                // nil = plain
	bounded bool                  // has least and greatest values: not texts in lists, by which no reader skips pages
	order   func(a, b []byte) int // of bounds

	// of the page
	runs       []run
	reps, defs []byte
	values     []byte // as stored; of flags one a byte
	codes      []int32
	entries    int // values, nulls and empty lists
	nulls      int

	chunk   chunk
	body    []byte
	scratch []byte
	packed  []byte
}

// chunk is the finished pages of a row group.
type chunk struct {
	meta   format.ColumnMetaData
	pages  pages
	rows   int64 // of pages, and of the one that is not finished
	first  int64 // row of that one
	index  format.ColumnIndex
	offset format.OffsetIndex

	unbounded bool // a page has no bounds
}

// run is values in memory, evenly apart.
type run struct {
	at   unsafe.Pointer
	n    int
	step uintptr
}

func newColumn(s shape, path []string, leaf parquet.LeafColumn, usual compress.Codec) *column {
	c := &column{shape: s, codec: leaf.Node.Compression(), bounded: !s.list || s.kind != texts}
	c.meta = format.ColumnMetaData{Type: format.Type(leaf.Node.Type().Kind()), PathInSchema: thrift.Slice[string](path), Encoding: []format.Encoding{format.Plain}}
	if c.codec == nil {
		c.codec = usual
	}
	c.meta.Codec = c.codec.CompressionCodec()
	if c.list || c.null {
		c.meta.Encoding = append(c.meta.Encoding, format.RLE)
	}
	if e := leaf.Node.Encoding(); e != nil && e.Encoding() == format.RLEDictionary && s.kind == texts {
		c.words, c.meta.Encoding = newWords(), append(c.meta.Encoding, format.RLEDictionary)
	}
	c.order = orderOf(leaf.Node.Type().Kind())
	c.begin()
	return c
}

// begin begins a chunk.
func (c *column) begin() {
	c.chunk.pages.reset()
	c.chunk = chunk{meta: c.meta, pages: c.chunk.pages}
	if c.words != nil {
		c.words.next()
	}
}

// add appends the values of n rows, size bytes each.
func (c *column) add(rows unsafe.Pointer, n int, size uintptr) {
	c.runs = c.runs[:0]
	switch {
	case c.list:
		for i := range n {
			c.addList(unsafe.Add(rows, uintptr(i)*size))
		}
	case c.null:
		c.optional(unsafe.Add(rows, c.at), n, size)
	default:
		c.runs = append(c.runs, run{unsafe.Add(rows, c.at), n, size})
		c.entries += n
	}
	if c.words != nil {
		c.words.fetch(c.runs)
	}
	for _, r := range c.runs {
		c.put(r)
	}
	if c.chunk.rows += int64(n); len(c.values)+4*len(c.codes) >= pageBytes {
		c.end()
	}
}

// addList takes the list of a row.
func (c *column) addList(row unsafe.Pointer) {
	list := *(*[]struct{})(unsafe.Add(row, c.slice)) // of any elements: where they are, and how many
	n := len(list)
	if c.reps = append(c.reps, 0); n == 0 {
		c.defs = append(c.defs, 0)
		c.entries++
		c.nulls++
		return
	}
	c.reps = appendOnes(c.reps, n-1)
	at := unsafe.Add(unsafe.Pointer(unsafe.SliceData(list)), c.at)
	if c.null {
		c.optional(at, n, c.step)
		return
	}
	c.defs = appendOnes(c.defs, n)
	c.entries += n
	c.runs = append(c.runs, run{at, n, c.step})
}

var ones = bytes.Repeat([]byte{1}, 256)

func appendOnes(to []byte, n int) []byte {
	for ; n > len(ones); n -= len(ones) {
		to = append(to, ones...)
	}
	return append(to, ones[:n]...)
}

// optional takes n pointers.
func (c *column) optional(at unsafe.Pointer, n int, step uintptr) {
	most := byte(1)
	if c.list {
		most = 2
	}
	c.entries += n
	for i := range n {
		if p := *(*unsafe.Pointer)(unsafe.Add(at, uintptr(i)*step)); p != nil {
			c.defs, c.runs = append(c.defs, most), append(c.runs, run{p, 1, 0})
		} else {
			c.defs = append(c.defs, most-1)
			c.nulls++
		}
	}
}

// put appends values.
func (c *column) put(r run) {
	at := r.at
	switch c.kind {
	case fours:
		if r.step == 4 {
			c.values = append(c.values, unsafe.Slice((*byte)(at), 4*r.n)...)
			return
		}
		for i := range r.n {
			c.values = binary.LittleEndian.AppendUint32(c.values, *(*uint32)(unsafe.Add(at, uintptr(i)*r.step)))
		}
	case eights:
		for i := range r.n {
			c.values = binary.LittleEndian.AppendUint64(c.values, *(*uint64)(unsafe.Add(at, uintptr(i)*r.step)))
		}
	case flags:
		for i := range r.n {
			c.values = append(c.values, *(*byte)(unsafe.Add(at, uintptr(i)*r.step)))
		}
	case instants:
		for i := range r.n {
			c.values = binary.LittleEndian.AppendUint64(c.values, uint64((*time.Time)(unsafe.Add(at, uintptr(i)*r.step)).UnixMicro()))
		}
	case blobs:
		for i := range r.n {
			c.values = appendSized(c.values, string(*(*[]byte)(unsafe.Add(at, uintptr(i)*r.step))))
		}
	case texts:
		c.putTexts(r)
	}
}

func (c *column) putTexts(r run) {
	last, code := "", int32(-1)
	for i := range r.n {
		text := *(*string)(unsafe.Add(r.at, uintptr(i)*r.step))
		switch {
		case c.words == nil:
			c.values = appendSized(c.values, text)
			continue
		case code < 0 || unsafe.StringData(text) != unsafe.StringData(last) || len(text) != len(last): // else the row before has the same
			last, code = text, c.words.codeOf(text)
		}
		c.codes = append(c.codes, code)
	}
}

// end ends the page, if it has anything.
func (c *column) end() {
	if c.entries == 0 {
		return
	}
	c.note()
	c.body = c.body[:0]
	if c.list {
		c.appendLevels(c.reps, 1)
	}
	if c.list || c.null {
		most := 1
		if c.list && c.null {
			most = 2
		}
		c.appendLevels(c.defs, bits.Len(uint(most)))
	}
	encoding := format.Plain
	switch {
	case c.words != nil:
		encoding = format.RLEDictionary
		c.appendCodes()
	case c.kind == flags:
		c.body = appendBits(c.body, c.values)
	default:
		c.body = append(c.body, c.values...)
	}
	header := format.PageHeader{Type: format.DataPage}
	header.DataPageHeader.Valid = true
	header.DataPageHeader.V = format.DataPageHeader{
		NumValues: int32(c.entries), Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	}
	from := c.chunk.pages.size
	c.chunk.pages.add(c.pack(header))
	c.chunk.pages.add(c.packed)
	c.chunk.offset.PageLocations = append(c.chunk.offset.PageLocations, format.PageLocation{
		Offset: int64(from), CompressedPageSize: int32(c.chunk.pages.size - from), FirstRowIndex: c.chunk.first,
	})
	c.chunk.first = c.chunk.rows
	c.reps, c.defs, c.values, c.codes, c.entries, c.nulls = c.reps[:0], c.defs[:0], c.values[:0], c.codes[:0], 0, 0
}

func (c *column) appendLevels(levels []byte, width int) {
	c.scratch = must((&rle.Encoding{BitWidth: width}).EncodeLevels(c.scratch, levels))
	c.body = append(binary.LittleEndian.AppendUint32(c.body, uint32(len(c.scratch))), c.scratch...)
}

func (c *column) appendCodes() {
	width := bits.Len(uint(max(len(c.words.used)-1, 0)))
	c.scratch = must((&rle.Encoding{BitWidth: width}).EncodeInt32(c.scratch, c.codes))
	c.body = append(append(c.body, byte(width)), c.scratch...)
}

// must is for encoders that fail only where a bit width does not hold a value, which here it does.
func must(encoded []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return encoded
}

// appendBits appends one bit for each byte, which is 0 or 1, the lowest of a byte first.
func appendBits(to, ones []byte) []byte {
	for ; len(ones) >= 8; ones = ones[8:] { // the product has byte i at bit 56+i
		to = append(to, byte(binary.LittleEndian.Uint64(ones)*0x0102040810204080>>56))
	}
	for i, one := range ones {
		if i%8 == 0 {
			to = append(to, 0)
		}
		to[len(to)-1] |= one << (i % 8)
	}
	return to
}

// pack compresses the page in c.body into c.packed, counts it, and returns its header, which stands before it.
func (c *column) pack(header format.PageHeader) []byte {
	c.packed = must(c.codec.Encode(c.packed, c.body))
	header.UncompressedPageSize, header.CompressedPageSize = int32(len(c.body)), int32(len(c.packed))
	header.CRC = int32(crc32.ChecksumIEEE(c.packed))
	head := must(thrift.Marshal(&thrift.CompactProtocol{}, &header))
	m, stats := &c.chunk.meta, format.PageEncodingStats{PageType: header.Type, Encoding: header.DataPageHeader.V.Encoding, Count: 1}
	m.TotalUncompressedSize += int64(len(head) + len(c.body))
	m.TotalCompressedSize += int64(len(head) + len(c.packed))
	if n := len(m.EncodingStats); n > 0 && m.EncodingStats[n-1].PageType == stats.PageType {
		m.EncodingStats[n-1].Count++
	} else {
		m.EncodingStats = append(m.EncodingStats, stats)
	}
	return head
}

// packDictionary compresses the page of the row group's dictionary, as pack does.
func (c *column) packDictionary() []byte {
	c.body = c.words.appendPage(c.body[:0])
	header := format.PageHeader{Type: format.DictionaryPage}
	header.DictionaryPageHeader.Valid = true
	header.DictionaryPageHeader.V = format.DictionaryPageHeader{NumValues: int32(len(c.words.used)), Encoding: format.Plain}
	return c.pack(header)
}
