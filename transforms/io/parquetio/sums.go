package parquetio

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
)

// sums hash the columns of a table.
type sums []columnSum

// columnSum hashes what a column holds in the table's order, levels and values apart, so that it shows neither pages nor files.
type columnSum struct {
	levels, values sum
	last           record // of texts: the last one, which is counted until another comes
	long           []byte // it, where a record does not hold it
	times          int
	ahead          byte // bytes of records, so that they are looked at
}

// sum hashes bytes as one stream.
type sum struct {
	hash hash.Hash
	buf  []byte
}

const sumBytes = 16 << 10 // are hashed at a time

func (s *sum) add(p []byte) {
	if len(s.buf)+len(p) >= sumBytes {
		s.flush()
		if len(p) >= sumBytes {
			s.hash.Write(p)
			return
		}
	}
	s.buf = append(s.buf, p...)
}

// bits adds bits [from, to), the lowest of a byte first, as a byte each.
func (s *sum) bits(packed []byte, from, to int) {
	for from < to {
		if len(s.buf)+8 > sumBytes {
			s.flush()
		}
		n := min(8-from%8, to-from)
		eight := apart(packed[from/8]) >> (from % 8 * 8)
		s.buf = binary.LittleEndian.AppendUint64(s.buf, eight)[:len(s.buf)+n]
		from += n
	}
}

// apart returns the bits of a byte as the bytes of a number, the lowest first.
func apart(packed byte) uint64 {
	const ones = 0x0101010101010101
	alone := uint64(packed) * ones & 0x8040201008040201 // bit i in byte i
	return (alone + 0x7f*ones) >> 7 & ones
}

func (s *sum) flush() {
	s.hash.Write(s.buf)
	s.buf = s.buf[:0]
}

func sumsOf(files []*cursor) sums {
	if len(files) == 0 {
		return nil
	}
	out := make(sums, len(files[0].leaves))
	for i := range out {
		out[i].levels.hash, out[i].values.hash = sha256.New(), sha256.New()
		out[i].values.buf = make([]byte, 0, sumBytes+len(record{}))
	}
	return out
}

// record is a text as it is hashed where it comes once: 1, its length, its bytes; and zeros. Of one that is too long the first byte is 0.
type record [32]byte

// shortText is how many bytes of text a record holds.
const shortText = len(record{}) - 2

func (r *record) isLong() bool { return r[0] == 0 }

func (r *record) text() []byte { return r[2 : 2+r[1]] }

// set makes it the record of a text that is not too long.
func (r *record) set(text []byte) {
	*r = record{1, byte(len(text))}
	copy(r[2:], text)
}

// is reports whether two records are the same, a few bytes at a time.
func (r *record) is(s *record) bool {
	le := binary.LittleEndian
	return (le.Uint64(r[0:])^le.Uint64(s[0:]))|(le.Uint64(r[8:])^le.Uint64(s[8:]))|
		(le.Uint64(r[16:])^le.Uint64(s[16:]))|(le.Uint64(r[24:])^le.Uint64(s[24:])) == 0
}

// lists adds the levels of lists, a byte an entry.
func (c *columnSum) lists(reps, defs []byte) {
	s := &c.levels
	for part := range slices.Chunk(reps, sumBytes) {
		if len(s.buf) >= sumBytes {
			s.flush()
		}
		s.buf = appendLevels(s.buf, part, defs)
		defs = defs[len(part):]
	}
}

// appendLevels appends rep·16 + def of entries; levels are below 16.
func appendLevels(to, reps, defs []byte) []byte {
	from, n := len(to), len(reps)
	to = slices.Grow(to, n)[:from+n]
	out, i := to[from:], 0
	for ; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(out[i:], binary.LittleEndian.Uint64(reps[i:])<<4|binary.LittleEndian.Uint64(defs[i:]))
	}
	for ; i < n; i++ {
		out[i] = reps[i]<<4 | defs[i]
	}
	return to
}

// text adds a text that comes some times in a row.
func (c *columnSum) text(text []byte, times int) {
	if len(text) <= shortText {
		var r record
		r.set(text)
		c.short(&r, times)
		return
	}
	if c.times > 0 && c.last.isLong() && bytes.Equal(text, c.long) {
		c.times += times
		return
	}
	c.finish()
	c.last, c.long, c.times = record{}, append(c.long[:0], text...), times
}

// short adds a text by its record.
func (c *columnSum) short(r *record, times int) {
	if c.times > 0 && r.is(&c.last) {
		c.times += times
		return
	}
	c.finish()
	c.last, c.times = *r, times
}

// coded adds texts by their codes; two words of a dictionary may be equal. Of many words the processor is asked for some ahead.
func (c *columnSum) coded(v *pageValues, codes []int32) {
	for part := range slices.Chunk(codes, 64) {
		if len(v.records) > manyRecords {
			c.ahead += v.touch(part)
		}
		for i := 0; i < len(part); {
			code, from := part[i], i
			for i++; i < len(part) && part[i] == code; i++ {
			}
			if r := &v.records[code]; r.isLong() {
				c.text(v.word(code), i-from)
			} else {
				c.short(r, i-from)
			}
		}
	}
}

// manyRecords are more than the first cache of a processor holds.
const manyRecords = 1024

// touch looks at the records of codes, none of which waits for another.
func (v *pageValues) touch(codes []int32) (sum byte) {
	for _, code := range codes {
		sum += v.records[code][0]
	}
	return sum
}

// finish adds the last text: how often it came, its length and its bytes.
func (c *columnSum) finish() {
	s := &c.values
	if len(s.buf) >= sumBytes {
		s.flush()
	}
	switch n := len(s.buf); {
	case c.times == 0:
	case c.last.isLong():
		s.buf = binary.AppendUvarint(binary.AppendUvarint(s.buf, uint64(c.times)), uint64(len(c.long)))
		s.buf = append(s.buf, c.long...)
	case c.times < 0x80 && cap(s.buf)-n >= len(c.last):
		to := s.buf[n : n+len(c.last)] // what is behind a short text is overwritten by the next
		*(*record)(to) = c.last
		to[0] = byte(c.times)
		s.buf = s.buf[:n+2+int(c.last[1])]
	default:
		s.buf = append(binary.AppendUvarint(s.buf, uint64(c.times)), c.last[1:2+c.last[1]]...)
	}
	c.times = 0
}

// whole returns the hash of a table of so many rows; one of none has no columns either.
func (s sums) whole(rows int64) []byte {
	h := sha256.New()
	for i := range s {
		if rows == 0 {
			break
		}
		c := &s[i]
		c.finish()
		c.levels.flush()
		c.values.flush()
		h.Write(c.values.hash.Sum(c.levels.hash.Sum(nil)))
	}
	return h.Sum(nil)
}
