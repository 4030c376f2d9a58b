package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"segue/schemas"
)

// maxLine is the longest line of JSON that is read; a longer one is a bad record.
const maxLine = 64 << 20

// readLines reads one JSON object a line; blank lines are skipped.
func (p *parser) readLines(r *bufio.Reader) error {
	for pos := int64(1); ; pos++ {
		line, whole, err := nextLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return p.at(pos, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			p.rec.reset(pos, func() string { return string(line) })
			if !whole {
				p.rec.fail(schemas.ReasonUnreadable)
			}
			p.fromJSON(line)
			if err := p.emit(&p.rec); err != nil {
				return p.at(pos, err)
			}
		}
		if err != nil {
			return nil
		}
	}
}

// nextLine returns a line without its end, valid until the next call; whole is false when it was cut at maxLine.
func nextLine(r *bufio.Reader) (line []byte, whole bool, err error) {
	part, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return bytes.TrimRight(part, "\r\n"), true, err
	}
	whole = true
	for {
		if len(line)+len(part) <= maxLine {
			line = append(line, part...)
		} else {
			whole = false
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), whole, err
		}
		part, err = r.ReadSlice('\n')
	}
}

// fromJSON fills the record from one JSON object.
func (p *parser) fromJSON(data []byte) {
	if !utf8.Valid(data) {
		p.rec.fail(schemas.ReasonInvalidUTF8)
		return
	}
	if !p.object("", data) {
		p.rec.fail(schemas.ReasonUnreadable)
		return
	}
	p.objects++
}

func (p *parser) object(prefix string, data []byte) bool {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil || values == nil {
		return false
	}
	for key, raw := range values {
		name := p.name(prefix, key)
		at, known := p.layout.places[name]
		switch {
		case known:
			p.seen[at.field] = true
			p.rec.put(at, jsonCell(raw, at.field))
		case p.layout.inside[name]:
			if raw[0] != 'n' && !p.object(name+".", raw) {
				return false
			}
		default:
			p.unmatched(prefix + key)
		}
	}
	return true
}

// name returns an object's key as a column name, below its prefix.
func (p *parser) name(prefix, key string) string {
	at := prefix + key
	name, ok := p.names[at]
	if !ok {
		name = prefix + columnName(key)
		if len(p.names) < 10_000 { // keys of a strange file may never repeat
			p.names[at] = name
		}
	}
	return name
}

// jsonCell returns the cell of a JSON value.
func jsonCell(raw json.RawMessage, f field) cell {
	switch raw[0] {
	case 'n':
		return cell{}
	case 't':
		return cell{kind: flagCell, n: 1}
	case 'f':
		return cell{kind: flagCell}
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return cell{kind: oddCell}
		}
		return textOrNone(s)
	case '[':
		return jsonList(raw)
	case '{':
		if f == fContext {
			return cell{kind: textCell, s: string(raw)}
		}
		return cell{kind: oddCell}
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return cell{kind: intCell, n: n}
	}
	x, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return cell{kind: oddCell}
	}
	return cell{kind: realCell, x: x}
}

func textOrNone(s string) cell {
	if strings.TrimSpace(s) == "" {
		return cell{}
	}
	return cell{kind: textCell, s: s}
}

// itemNames are the keys of the text in a list of objects.
var itemNames = []string{"song_id", "track_id", "track_uri", "uri", "id", "name"}

// jsonList reads a list of texts, numbers, or objects with one of itemNames.
func jsonList(raw json.RawMessage) cell {
	list := []string{}
	if json.Unmarshal(raw, &list) == nil {
		return cell{kind: listCell, list: list}
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return cell{kind: oddCell}
	}
	list = list[:0]
	for _, item := range items {
		s, ok := itemText(item)
		if !ok {
			return cell{kind: oddCell}
		}
		list = append(list, s)
	}
	return cell{kind: listCell, list: list}
}

func itemText(item json.RawMessage) (string, bool) {
	switch c := jsonCell(item, fSongs); {
	case c.kind == textCell:
		return c.s, true
	case c.kind == intCell:
		return strconv.FormatInt(c.n, 10), true
	case item[0] != '{':
		return "", false
	}
	var values map[string]json.RawMessage
	if json.Unmarshal(item, &values) != nil {
		return "", false
	}
	for _, name := range itemNames {
		if v, ok := values[name]; ok && v[0] == '"' {
			return itemText(v)
		}
	}
	return "", false
}
