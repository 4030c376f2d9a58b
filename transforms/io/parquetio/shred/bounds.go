package shred

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// boundBytes is the length to which bounds of pages are cut; those of chunks are whole.
const boundBytes = 64

// note adds the page to the statistics of the chunk and to the index of its pages.
func (c *column) note() {
	m, index := &c.chunk.meta, &c.chunk.index
	m.NumValues += int64(c.entries)
	m.Statistics.NullCount += int64(c.nulls)
	if !c.bounded {
		return
	}
	var low, high []byte
	if c.nulls < c.entries {
		low, high = c.span()
		c.chunk.unbounded = c.chunk.unbounded || low == nil
	}
	if low != nil {
		if m.Statistics.MinValue == nil || c.order(low, m.Statistics.MinValue) < 0 {
			m.Statistics.MinValue = low
		}
		if m.Statistics.MaxValue == nil || c.order(high, m.Statistics.MaxValue) > 0 {
			m.Statistics.MaxValue = high
		}
	}
	index.NullCounts = append(index.NullCounts, int64(c.nulls))
	index.NullPages = append(index.NullPages, c.nulls == c.entries)
	index.MinValues, index.MaxValues = append(index.MinValues, cutLow(low)), append(index.MaxValues, cutHigh(high))
}

// span returns the least and greatest value of the page as they are stored; nil without one that is a number.
func (c *column) span() (low, high []byte) {
	switch parquet.Kind(c.meta.Type) {
	case parquet.Boolean:
		return spanOf[byte](c.values)
	case parquet.Int32:
		return spanOf[int32](c.values)
	case parquet.Int64:
		return spanOf[int64](c.values)
	case parquet.Float:
		return spanOf[float32](c.values)
	case parquet.Double:
		return spanOf[float64](c.values)
	}
	if c.words != nil {
		used := c.words.used // all of them, in the first page
		if len(c.chunk.offset.PageLocations) > 0 {
			used = c.words.met(c.codes)
		}
		least, most := c.words.span(used)
		return []byte(least), []byte(most)
	}
	for rest := c.values; len(rest) > 0; {
		n := 4 + binary.LittleEndian.Uint32(rest)
		text := rest[4:n]
		if rest = rest[n:]; low == nil || bytes.Compare(text, low) < 0 {
			low = text
		}
		if high == nil || bytes.Compare(text, high) > 0 {
			high = text
		}
	}
	return bytes.Clone(low), bytes.Clone(high)
}

func spanOf[T cmp.Ordered](stored []byte) (low, high []byte) {
	size := int(unsafe.Sizeof(*new(T)))
	var least, most T
	found := false
	for _, v := range unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(stored))), len(stored)/size) {
		switch {
		case !found && v == v:
			least, most, found = v, v, true
		case v < least:
			least = v
		case v > most:
			most = v
		}
	}
	if !found {
		return nil, nil
	}
	return bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(&least)), size)), bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(&most)), size))
}

// orderOf returns the order of stored values of a kind.
func orderOf(k parquet.Kind) func(a, b []byte) int {
	switch k {
	case parquet.Int32:
		return order[int32]
	case parquet.Int64:
		return order[int64]
	case parquet.Float:
		return order[float32]
	case parquet.Double:
		return order[float64]
	}
	return bytes.Compare
}

func order[T cmp.Ordered](a, b []byte) int {
	return cmp.Compare(*(*T)(unsafe.Pointer(unsafe.SliceData(a))), *(*T)(unsafe.Pointer(unsafe.SliceData(b))))
}

// boundaries says whether the bounds of pages rise or fall.
func (c *column) boundaries() format.BoundaryOrder {
	rise, fall, last := true, true, -1
	index := &c.chunk.index
	for i, none := range index.NullPages {
		if none {
			continue
		}
		if last >= 0 {
			low, high := c.order(index.MinValues[last], index.MinValues[i]), c.order(index.MaxValues[last], index.MaxValues[i])
			rise, fall = rise && low <= 0 && high <= 0, fall && low >= 0 && high >= 0
		}
		last = i
	}
	switch {
	case rise:
		return format.Ascending
	case fall:
		return format.Descending
	}
	return format.Unordered
}

func cutLow(bound []byte) []byte { return bound[:min(len(bound), boundBytes)] }

// cutHigh returns a short bound that is not below a long one.
func cutHigh(bound []byte) []byte {
	for n := boundBytes; len(bound) > boundBytes && n > 0; n-- {
		if short := bytes.Clone(bound[:n]); short[n-1] < 0xff {
			short[n-1]++
			return short
		}
	}
	return bound
}
