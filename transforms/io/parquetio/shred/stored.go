package shred

import (
	"slices"
	"time"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// stored are the values of a page.
type stored struct {
	words  []string // of the dictionary
	number []byte   // of one of numbers, as stored
	codes  []int32  // in the words; nil = the values are there
	texts  []string
	data   []byte // numbers and bits as stored
}

// sizes of values in memory, by kind.
var sizes = [...]uintptr{
	fours: 4, eights: 8, flags: 1, texts: unsafe.Sizeof(""), blobs: unsafe.Sizeof([]byte(nil)), instants: unsafe.Sizeof(time.Time{}),
}

// know takes over a dictionary.
func (v *stored) know(words parquet.Page) {
	v.words, v.number = nil, nil
	data := words.Data()
	if words.Type().Kind() == parquet.ByteArray {
		v.words = textsOf(data)
		return
	}
	v.number, _ = data.Data()
}

// take takes over a page and returns how many values it has, none where a code is of no word.
func (v *stored) take(page parquet.Page) int {
	data := page.Data()
	v.codes, v.texts, v.data = nil, nil, nil
	if page.Dictionary() != nil && v.number == nil {
		v.codes = data.Int32()
		if len(v.codes) > 0 && uint32(slices.Max(v.codes)) >= uint32(len(v.words)) || len(v.codes) > 0 && slices.Min(v.codes) < 0 {
			return -1
		}
		return len(v.codes)
	}
	if page.Dictionary() != nil {
		return v.takeNumbers(data.Int32(), page.Type().Kind())
	}
	switch page.Type().Kind() {
	case parquet.ByteArray:
		v.texts = textsOf(data)
		return len(v.texts)
	case parquet.Boolean:
		v.data = data.Boolean()
		return 8 * len(v.data)
	case parquet.Int32, parquet.Float:
		v.data, _ = data.Data()
		return len(v.data) / 4
	case parquet.Int64, parquet.Double:
		v.data, _ = data.Data()
		return len(v.data) / 8
	}
	return -1
}

// takeNumbers takes over numbers by their codes.
func (v *stored) takeNumbers(codes []int32, k parquet.Kind) int {
	size := 8
	if k == parquet.Int32 || k == parquet.Float {
		size = 4
	}
	for _, code := range codes {
		if code < 0 || int(code+1)*size > len(v.number) {
			return -1
		}
		v.data = append(v.data, v.number[int(code)*size:int(code+1)*size]...)
	}
	return len(codes)
}

// textsOf returns texts in memory of their own.
func textsOf(values encoding.Values) []string {
	data, offsets := values.ByteArray()
	all := string(data)
	out := make([]string, max(0, len(offsets)-1))
	for i := range out {
		out[i] = all[offsets[i]:offsets[i+1]]
	}
	return out
}

// room returns memory for n values of pointers.
func (s *source) room(n int) unsafe.Pointer {
	switch s.kind {
	case fours:
		return unsafe.Pointer(unsafe.SliceData(make([]uint32, n)))
	case eights:
		return unsafe.Pointer(unsafe.SliceData(make([]uint64, n)))
	case flags:
		return unsafe.Pointer(unsafe.SliceData(make([]bool, n)))
	case texts:
		return unsafe.Pointer(unsafe.SliceData(make([]string, n)))
	case blobs:
		return unsafe.Pointer(unsafe.SliceData(make([][]byte, n)))
	}
	return unsafe.Pointer(unsafe.SliceData(make([]time.Time, n)))
}

// put writes values from one on to n places, evenly apart.
func (v *stored) put(k kind, from int, at unsafe.Pointer, step uintptr, n int) {
	switch k {
	case fours:
		for i, x := range numbers[uint32](v.data)[from : from+n] {
			*(*uint32)(unsafe.Add(at, uintptr(i)*step)) = x
		}
	case eights:
		for i, x := range numbers[uint64](v.data)[from : from+n] {
			*(*uint64)(unsafe.Add(at, uintptr(i)*step)) = x
		}
	case flags:
		for i := range n {
			*(*bool)(unsafe.Add(at, uintptr(i)*step)) = v.data[(from+i)/8]>>((from+i)%8)&1 == 1
		}
	case instants:
		for i, x := range numbers[int64](v.data)[from : from+n] {
			*(*time.Time)(unsafe.Add(at, uintptr(i)*step)) = time.UnixMicro(x).UTC()
		}
	case texts:
		v.putTexts(from, at, step, n)
	case blobs:
		for i := range n {
			*(*[]byte)(unsafe.Add(at, uintptr(i)*step)) = []byte(v.text(from + i))
		}
	}
}

func (v *stored) putTexts(from int, at unsafe.Pointer, step uintptr, n int) {
	if v.codes == nil {
		for i, text := range v.texts[from : from+n] {
			*(*string)(unsafe.Add(at, uintptr(i)*step)) = text
		}
		return
	}
	for i, code := range v.codes[from : from+n] {
		*(*string)(unsafe.Add(at, uintptr(i)*step)) = v.words[code]
	}
}

func (v *stored) text(i int) string {
	if v.codes == nil {
		return v.texts[i]
	}
	return v.words[v.codes[i]]
}

// numbers returns stored values as they lie.
func numbers[T uint32 | uint64 | int64](stored []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(stored))), len(stored)/int(unsafe.Sizeof(*new(T))))
}
