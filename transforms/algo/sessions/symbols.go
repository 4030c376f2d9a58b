package sessions

import (
	"strings"
	"unicode/utf8"
)

// maxName bounds what is kept of a place, a source or a device, in bytes.
const maxName = 64

// maxAliases bounds the raw names a table remembers, against inputs full of made-up ones.
const maxAliases = 4096

// symbols number distinct texts from 1; 0 is unknown. Texts are kept as JSON strings, ready to be written.
type symbols struct {
	index   map[string]uint32 // by text
	quoted  []string
	aliases map[string]uint32 // by raw name, for those that are normalised first
}

func newSymbols() symbols {
	return symbols{index: map[string]uint32{}, quoted: []string{"null"}, aliases: map[string]uint32{}}
}

// of returns the number of a text; new ones are added.
func (t *symbols) of(text []byte) uint32 {
	if len(text) == 0 {
		return 0
	}
	if n, ok := t.index[string(text)]; ok {
		return n
	}
	n := uint32(len(t.quoted))
	q := quote(string(text))
	t.quoted = append(t.quoted, q)
	t.index[raw(q, text)] = n
	return n
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

// text returns the text of a number, not the JSON.
func (t *symbols) text(n uint32) string {
	if n == 0 {
		return ""
	}
	return unquote(t.quoted[n])
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
func appendQuoted(dst []byte, s string) []byte {
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
