package importer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
)

// readJSON reads an array of objects, or lines where the first character opens no array.
func (p *parser) readJSON(r *bufio.Reader) error {
	first, err := firstByte(r)
	if err != nil && err != io.EOF {
		return p.at(1, err)
	}
	if first != '[' {
		return p.readLines(r)
	}
	dec := json.NewDecoder(r)
	if _, err := dec.Token(); err != nil {
		return p.at(1, err)
	}
	for pos := int64(1); dec.More(); pos++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return p.at(pos, fmt.Errorf("array breaks off at byte %d: %w", dec.InputOffset(), err))
		}
		p.rec.reset(pos, func() string { return string(raw) })
		p.fromJSON(raw)
		if err := p.emit(&p.rec); err != nil {
			return p.at(pos, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("array does not end: %w", err)
	}
	return nil
}

// firstByte returns the first byte that is no white space without taking it; io.EOF when there is none.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if !unicode.IsSpace(rune(b)) {
			return b, r.UnreadByte()
		}
	}
}
