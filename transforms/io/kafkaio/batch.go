package kafkaio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Batch]())
	beam.RegisterCoder(reflect.TypeFor[Batch](), encodeBatch, decodeBatch)
}

// Batch is what one fetch found in one partition: every record with an offset in (Previous, Last], ascending.
//
// A batch without records is valid: compaction or control records left nothing in the range. The batches of a partition
// form a chain, the Previous of one being the Last of another, so that a reader who gets them in another order, or twice,
// can tell what is missing and what it has seen.
type Batch struct {
	Topic     string
	Partition int32
	Previous  int64 // last offset before the batch; start offset − 1 in the first
	Last      int64 // ≥ Previous
	Records   []Record
}

// Record is one record of a partition.
type Record struct {
	Offset  int64
	Time    int64  // Unix milliseconds, as the producer set it
	Key     []byte // nil = none; an empty key is read as nil
	Value   []byte // nil = tombstone; an empty value is read as nil
	Headers []Header
}

// Size returns the bytes of key, value and headers, as far as limits count them.
func (r *Record) Size() int { return len(r.Key) + len(r.Value) + sizeOf(r.Headers) }

func sizeOf(headers []Header) (n int) {
	const lengths = 4 // of key and value, for all but huge ones
	for _, h := range headers {
		n += len(h.Key) + len(h.Value) + lengths
	}
	return n
}

// Header is one header of a record. Keys may repeat; order is kept.
type Header struct {
	Key   string
	Value []byte
}

// codecVersion is the first byte of an encoded batch.
const codecVersion = 1

// AppendBatch appends the encoding of a batch to dst: varints, offsets and times as differences; about 6 bytes a record
// beside key, value and headers.
func AppendBatch(dst []byte, b Batch) []byte {
	dst = append(dst, codecVersion)
	dst = appendText(dst, b.Topic)
	dst = binary.AppendVarint(dst, int64(b.Partition))
	dst = binary.AppendVarint(dst, b.Previous)
	dst = binary.AppendVarint(dst, b.Last-b.Previous)
	dst = binary.AppendUvarint(dst, uint64(len(b.Records)))
	offset, at := b.Previous, int64(0)
	for i := range b.Records {
		r := &b.Records[i]
		dst = binary.AppendVarint(dst, r.Offset-offset)
		dst = binary.AppendVarint(dst, r.Time-at)
		offset, at = r.Offset, r.Time
		dst = appendBytes(dst, r.Key)
		dst = appendBytes(dst, r.Value)
		dst = binary.AppendUvarint(dst, uint64(len(r.Headers)))
		for _, h := range r.Headers {
			dst = appendText(dst, h.Key)
			dst = appendBytes(dst, h.Value)
		}
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// appendBytes keeps nil and empty apart: the length is stored plus one.
func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return append(dst, 0)
	}
	return append(binary.AppendUvarint(dst, uint64(len(b))+1), b...)
}

// ParseBatch decodes what AppendBatch made. Keys and values point into data.
func ParseBatch(data []byte) (Batch, error) { return decodeBatch(data) }

// encodeBatch is the coder's way in.
func encodeBatch(b Batch) []byte {
	size := 64
	for i := range b.Records {
		size += 16 + len(b.Records[i].Key) + len(b.Records[i].Value) + 32*len(b.Records[i].Headers)
	}
	return AppendBatch(make([]byte, 0, size), b)
}

var errBatch = errors.New("malformed batch")

// decodeBatch decodes what encodeBatch made. Keys and values point into data.
func decodeBatch(data []byte) (Batch, error) {
	if len(data) == 0 || data[0] != codecVersion {
		return Batch{}, fmt.Errorf("%w: not of version %d", errBatch, codecVersion)
	}
	d := cursor{rest: data[1:]}
	b := Batch{Topic: string(d.take(d.size())), Partition: int32(d.varint()), Previous: d.varint()}
	b.Last = b.Previous + d.varint()
	n := d.size()
	if n > 0 && !d.bad {
		b.Records = make([]Record, n)
	}
	offset, at := b.Previous, int64(0)
	for i := range b.Records {
		r := &b.Records[i]
		offset += d.varint()
		at += d.varint()
		*r = Record{Offset: offset, Time: at, Key: d.bytes(), Value: d.bytes(), Headers: d.headers()}
		if d.bad {
			break
		}
	}
	if d.bad || len(d.rest) != 0 {
		return Batch{}, fmt.Errorf("%w: %d of its bytes are left", errBatch, len(d.rest))
	}
	return b, nil
}

// cursor reads an encoded batch; after the first fault it yields zeros.
type cursor struct {
	rest []byte
	bad  bool
}

func (d *cursor) varint() int64 {
	v, n := binary.Varint(d.rest)
	return v * d.step(n)
}

func (d *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	return v * uint64(d.step(n))
}

// step passes n bytes; it yields 1, or 0 after a fault.
func (d *cursor) step(n int) int64 {
	if d.bad || n <= 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[n:]
	return 1
}

// size reads a count of things that take at least one byte each.
func (d *cursor) size() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *cursor) take(n int) []byte {
	if d.bad || n > len(d.rest) {
		d.bad = true
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *cursor) bytes() []byte {
	n := d.uvarint()
	if n == 0 {
		return nil
	}
	if n-1 > uint64(len(d.rest)) {
		d.bad = true
		return nil
	}
	return d.take(int(n - 1))
}

func (d *cursor) headers() []Header {
	n := d.size()
	if n == 0 {
		return nil
	}
	out := make([]Header, n)
	for i := range out {
		out[i] = Header{Key: string(d.take(d.size())), Value: d.bytes()}
		if d.bad {
			return nil
		}
	}
	return out
}
