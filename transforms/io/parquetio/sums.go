package parquetio

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// sums hash the columns of a table.
type sums []columnSum

// columnSum hashes what a column holds in the table's order, levels and values apart, so that it shows neither pages nor files.
type columnSum struct {
	levels, values sum
	last           []byte // of texts: the last one, which is counted until another comes
	times          int
	own            []byte // memory for it
}

// sum hashes bytes as one stream.
type sum struct {
	hash hash.Hash
	buf  []byte
}

const (
	sumBytes  = 16 << 10 // are hashed at a time
	shortText = 32       // bytes that are copied whatever the length of a text
)

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
		out[i].values.buf, out[i].own = make([]byte, 0, sumBytes+2+shortText), make([]byte, 0, shortText)
	}
	return out
}

// lists adds the levels of lists.
func (c *columnSum) lists(reps, defs []byte) {
	for i, rep := range reps {
		c.levels.buf = append(c.levels.buf, rep<<4|defs[i])
	}
	if len(c.levels.buf) >= sumBytes {
		c.levels.flush()
	}
}

// text adds a text that comes some times in a row. It must stay until keep.
func (c *columnSum) text(text []byte, times int) {
	if c.times > 0 && bytes.Equal(text, c.last) {
		c.times += times
		return
	}
	c.finish()
	c.last, c.times = text, times
}

// coded adds texts by their codes; two words of a dictionary may be equal.
func (c *columnSum) coded(v *pageValues, codes []int32) {
	if len(codes) == 0 {
		return
	}
	last := codes[0]
	c.text(v.word(last), 1)
	for _, code := range codes[1:] {
		if code == last {
			c.times++
			continue
		}
		c.text(v.word(code), 1)
		last = code
	}
}

// finish adds the last text: how often it came, its length and its bytes.
func (c *columnSum) finish() {
	if c.times == 0 {
		return
	}
	s := &c.values
	if len(s.buf) >= sumBytes {
		s.flush()
	}
	switch n := len(s.buf); {
	case c.times < 0x80 && len(c.last) <= shortText && cap(c.last) >= shortText && cap(s.buf)-n >= 2+shortText:
		to := s.buf[n : n+2+shortText] // what is behind a short text is overwritten by the next
		to[0], to[1] = byte(c.times), byte(len(c.last))
		*(*[shortText]byte)(to[2:]) = *(*[shortText]byte)(c.last[:shortText])
		s.buf = s.buf[:n+2+len(c.last)]
	default:
		s.buf = binary.AppendUvarint(binary.AppendUvarint(s.buf, uint64(c.times)), uint64(len(c.last)))
		s.buf = append(s.buf, c.last...)
	}
	c.times = 0
}

// keep copies the last text, whose memory will be used again.
func (c *columnSum) keep() {
	c.own = append(c.own[:0], c.last...)
	c.last = c.own
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
