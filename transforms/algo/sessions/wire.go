package sessions

import (
	"encoding/binary"
	"errors"
)

var errWire = errors.New("bytes end early or make no sense")

// reader takes numbers and strings off bytes; after the first that is not there all are zero and err is set.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail() { r.b, r.err = nil, errWire }

func (r *reader) uint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 { // most are small
		x := r.b[0]
		r.b = r.b[1:]
		return uint64(x)
	}
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) int() int64 {
	x := r.uint() // zigzag
	return int64(x>>1) ^ -int64(x&1)
}

// upTo reads a number below n.
func (r *reader) upTo(n int) int {
	x := r.uint()
	if x >= uint64(n) {
		r.fail()
		return 0
	}
	return int(x)
}

// count reads how many things follow, each of at least one byte.
func (r *reader) count() int { return r.upTo(len(r.b) + 1) }

func (r *reader) text() string { return string(r.bytes()) }

// bytes are those of the reader.
func (r *reader) bytes() []byte {
	n := r.count()
	if n > len(r.b) {
		r.fail()
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func appendUint(b []byte, x uint64) []byte { return binary.AppendUvarint(b, x) }
func appendInt(b []byte, x int64) []byte   { return binary.AppendVarint(b, x) }

func appendText[T string | []byte](b []byte, s T) []byte {
	return append(appendUint(b, uint64(len(s))), s...)
}
