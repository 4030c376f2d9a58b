package importer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"segue/schemas"
)

// readCSV reads a header and records; fields are texts, empty ones absent.
func (p *parser) readCSV(r *bufio.Reader, comma rune) error {
	c := csv.NewReader(r)
	c.Comma, c.LazyQuotes = comma, comma == '\t'
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("file is empty: it needs a header line")
	}
	if err != nil {
		return p.at(1, err)
	}
	places := p.header(header)
	if err := p.layout.missing(p.seen[:]); err != nil {
		return p.at(1, fmt.Errorf("%w; %s", err, headerText(header, comma)))
	}
	c.ReuseRecord = true
	for {
		values, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := p.csvRecord(c, values, err, places); err != nil {
			return err
		}
	}
}

// headerText tells a user what was taken for the header.
func headerText(header []string, comma rune) string {
	text := strings.Join(header, string(comma))
	if len(text) > maxHeaderText {
		text = text[:maxHeaderText] + "…"
	}
	if len(header) == 1 {
		return fmt.Sprintf("the header is one column, %q: is the file UTF-8, and its columns separated by %q?", text, comma)
	}
	return fmt.Sprintf("the header is %q", text)
}

// maxHeaderText bounds what an error shows of a header, in bytes.
const maxHeaderText = 200

// csvRecord emits one record; a reading error of the record alone makes it a bad one.
func (p *parser) csvRecord(c *csv.Reader, values []string, err error, places []*place) error {
	var line int
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		line = parse.StartLine
		if parse.Line > parse.StartLine && !errors.Is(err, csv.ErrFieldCount) {
			return p.at(int64(line), fmt.Errorf("quote does not close before line %d: %w", parse.Line, parse.Err))
		}
	case err != nil:
		return p.at(p.rec.pos+1, err)
	default:
		line, _ = c.FieldPos(0)
	}
	p.rec.reset(int64(line), func() string { return strings.Join(values, string(c.Comma)) })
	if err != nil {
		p.rec.fail(schemas.ReasonUnreadable)
	}
	for i, v := range values {
		if !utf8.ValidString(v) {
			p.rec.fail(schemas.ReasonInvalidUTF8)
		}
		if i < len(places) && places[i] != nil {
			p.rec.put(*places[i], textOrNone(v))
		}
	}
	if err := p.emit(&p.rec); err != nil {
		return p.at(int64(line), err)
	}
	return nil
}

// header returns where each column goes, nil for unmatched ones.
func (p *parser) header(names []string) []*place {
	places := make([]*place, len(names))
	for i, name := range names {
		at, ok := p.layout.places[columnName(name)]
		if !ok {
			p.unmatched(name)
			continue
		}
		places[i] = &at
		p.seen[at.field] = true
	}
	return places
}
