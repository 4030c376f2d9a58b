package playjson

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep values may be nested, as in encoding/json.
const maxDepth = 10_000

// scanner walks over one JSON text.
type scanner struct {
	b     []byte
	i     int
	plain bool // no escapes, no control characters, ASCII
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

func (s *scanner) eat(c byte) bool {
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// ended reports whether nothing but space follows.
func (s *scanner) ended() bool {
	s.space()
	return s.i == len(s.b)
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i >= len(w) && string(s.b[s.i:s.i+len(w)]) == w {
		s.i += len(w)
		return true
	}
	return false
}

// raw reads a string and returns what stands between the quotes; escaped tells whether escapes are among it.
func (s *scanner) raw() (text []byte, escaped, ok bool) {
	if !s.eat('"') {
		return nil, false, false
	}
	from := s.i
	if s.plain {
		n := bytes.IndexByte(s.b[from:], '"')
		if n < 0 {
			return nil, false, false
		}
		s.i = from + n + 1
		return s.b[from : from+n], false, true
	}
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == '"':
			return s.b[from : s.i-1], escaped, true
		case c < ' ':
			return nil, false, false
		case c == '\\':
			escaped = true
			if !s.escape() {
				return nil, false, false
			}
		}
	}
	return nil, false, false
}

// escape steps over what follows a backslash.
func (s *scanner) escape() bool {
	c := s.peek()
	s.i++
	if c != 'u' {
		return c != 0 && bytes.IndexByte([]byte(`"\/bfnrt`), c) >= 0
	}
	_, ok := hex4(s.b, s.i)
	s.i += 4
	return ok
}

// number steps over a number as JSON writes it; whole tells whether it has neither fraction nor exponent.
func (s *scanner) number() (text []byte, whole, ok bool) {
	from := s.i
	s.eat('-')
	if !s.eat('0') && !s.digits() {
		return nil, false, false
	}
	whole = true
	if s.eat('.') {
		whole = false
		if !s.digits() {
			return nil, false, false
		}
	}
	if s.eat('e') || s.eat('E') {
		whole = false
		if !s.eat('+') {
			s.eat('-')
		}
		if !s.digits() {
			return nil, false, false
		}
	}
	return s.b[from:s.i], whole, true
}

func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' < 10 {
		s.i++
	}
	return s.i > from
}

// value steps over any value.
func (s *scanner) value(depth int) bool {
	switch c := s.peek(); {
	case c == '"':
		_, _, ok := s.raw()
		return ok
	case c == '{':
		return s.nested('}', depth+1)
	case c == '[':
		return s.nested(']', depth+1)
	case c == '-' || c-'0' < 10:
		_, _, ok := s.number()
		return ok
	}
	return s.word("null") || s.word("true") || s.word("false")
}

// nested steps over an object or an array, whose closing byte is end.
func (s *scanner) nested(end byte, depth int) bool {
	s.i++
	if depth > maxDepth {
		return false
	}
	s.space()
	if s.eat(end) {
		return true
	}
	for {
		s.space()
		if end == '}' {
			if _, _, ok := s.raw(); !ok {
				return false
			}
			s.space()
			if !s.eat(':') {
				return false
			}
			s.space()
		}
		if !s.value(depth) {
			return false
		}
		s.space()
		if s.eat(end) {
			return true
		}
		if !s.eat(',') {
			return false
		}
	}
}

func hex4(b []byte, i int) (r rune, ok bool) {
	if i+4 > len(b) {
		return 0, false
	}
	for _, c := range b[i : i+4] {
		switch {
		case c-'0' < 10:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends a well-formed string with its escapes replaced; halves of surrogate pairs become U+FFFD.
func unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		if text[i+1] != 'u' {
			dst = append(dst, escapes[text[i+1]])
			i += 2
			continue
		}
		r, _ := hex4(text, i+2)
		i += 6
		if utf16.IsSurrogate(r) {
			low, ok := rune(0), false
			if i+1 < len(text) && text[i] == '\\' && text[i+1] == 'u' {
				low, ok = hex4(text, i+2)
			}
			if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
				i += 6
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
