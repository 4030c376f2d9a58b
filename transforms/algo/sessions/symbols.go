package sessions

import (
	"bytes"
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// maxName bounds what is kept of a place, a source, a device, or a catalogue's name of a mood, genre or tempo, in bytes.
const maxName = 64

// maxAliases bounds the raw names a table remembers, against inputs full of made-up ones.
const maxAliases = 4096

// symbols number distinct texts from 1; 0 is unknown. Texts are kept as JSON strings, ready to be written, one behind the other
// and without a pointer for each: some partitions have millions of songs.
type symbols struct {
	texts   []byte
	ends    []uint64          // by number, where its text ends
	slots   []uint32          // numbers where the hash of their text says, or in the next free slot; 0 = free
	aliases map[string]uint32 // by raw name, for those that are normalised first
}

func newSymbols() symbols {
	const unknown = "null"
	return symbols{texts: []byte(unknown), ends: []uint64{uint64(len(unknown))}, slots: make([]uint32, 8), aliases: map[string]uint32{}}
}

// seed of the hashes of this process: where texts lie in the table is no part of any state.
var seed = maphash.MakeSeed()

// len returns how many numbers there are, 0 included.
func (t *symbols) len() int { return len(t.ends) }

// quoted returns the text of a number as JSON.
func (t *symbols) quoted(n uint32) []byte {
	from := uint64(0)
	if n > 0 {
		from = t.ends[n-1]
	}
	return t.texts[from:t.ends[n]]
}

// of returns the number of a text; new ones are added.
func (t *symbols) of(text []byte) uint32 {
	if len(text) == 0 {
		return 0
	}
	at := t.slot(text)
	if n := t.slots[at]; n != 0 {
		return n
	}
	n := uint32(len(t.ends))
	t.texts = appendQuoted(t.texts, text)
	t.ends = append(t.ends, uint64(len(t.texts)))
	t.slots[at] = n
	if 4*len(t.ends) > 3*len(t.slots) {
		t.grow()
	}
	return n
}

// slot returns where the number of a text is, or may be put.
func (t *symbols) slot(text []byte) int {
	mask := len(t.slots) - 1
	at := int(maphash.Bytes(seed, text)) & mask
	for n := t.slots[at]; n != 0 && !isQuoted(t.quoted(n), text); n = t.slots[at] {
		at = (at + 1) & mask
	}
	return at
}

func (t *symbols) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	for n := uint32(1); int(n) < len(t.ends); n++ {
		t.slots[t.slot(t.raw(n))] = n
	}
}

// isQuoted reports whether a JSON string is that of a text.
func isQuoted(quoted, text []byte) bool {
	switch spare := len(quoted) - 2 - len(text); {
	case spare < 0:
		return false
	case spare == 0: // one with an escape is longer than its text
		return bytes.Equal(quoted[1:len(quoted)-1], text) && bytes.IndexByte(text, '\\') < 0
	}
	return unquote(string(quoted)) == string(text)
}

// named returns the number of a raw name after normalisation, remembering what it became.
func (t *symbols) named(name []byte, normal func(string) string) uint32 {
	if len(name) == 0 {
		return 0
	}
	if n, ok := t.aliases[string(name)]; ok {
		return n
	}
	if len(t.aliases) >= maxAliases {
		clear(t.aliases)
	}
	n := t.of([]byte(cut(normal(string(name)))))
	t.aliases[string(name)] = n
	return n
}

func cut(s string) string {
	if len(s) <= maxName {
		return s
	}
	s = s[:maxName]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}

// raw returns the text of a number, not the JSON; it holds until a text is added.
func (t *symbols) raw(n uint32) []byte {
	q := t.quoted(n)
	if q = q[1 : len(q)-1]; bytes.IndexByte(q, '\\') < 0 {
		return q
	}
	return []byte(unquote(string(t.quoted(n))))
}

// text returns the text of a number, not the JSON.
func (t *symbols) text(n uint32) string {
	if n == 0 {
		return ""
	}
	return string(t.raw(n))
}

// quote returns s as a JSON string.
func quote(s string) string { return string(appendQuoted(make([]byte, 0, len(s)+2), s)) }

// raw returns the text of a JSON string: within it where it has no escapes, so that it costs no memory of its own.
func raw(quoted string, text []byte) string {
	if len(quoted) == len(text)+2 {
		return quoted[1 : len(quoted)-1]
	}
	return string(text)
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends valid UTF-8 as a JSON string.
func appendQuoted[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		if c >= ' ' {
			dst = append(dst, '\\', c)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		from = i + 1
	}
	return append(append(dst, s[from:]...), '"')
}

// unquote undoes appendQuoted.
func unquote(quoted string) string {
	s := quoted[1 : len(quoted)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case s[i+1] == 'u':
			b.WriteByte(byte(strings.IndexByte(hexDigits, s[i+4])<<4 | strings.IndexByte(hexDigits, s[i+5])))
			i += 5
		default:
			b.WriteByte(s[i+1])
			i++
		}
	}
	return b.String()
}
