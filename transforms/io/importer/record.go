package importer

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"segue/schemas"
)

// cellKind is what a cell holds; noCell is null or absent.
type cellKind uint8

const (
	noCell   cellKind = iota
	textCell          // text, still to be understood: CSV and strings of JSON
	intCell           // n
	realCell          // x
	flagCell          // n is 0 or 1
	listCell          // list
	timeCell          // n is microseconds since 1970
	oddCell           // a value no field can hold
)

// cell is one value of any format.
type cell struct {
	kind cellKind
	rank int8
	s    string
	n    int64
	x    float64
	list []string
}

// record is one record of any format, reused from one to the next.
type record struct {
	pos   int64 // line, array index or row, from 1
	bad   string
	raw   func() string // the record as read; called for bad ones only
	cells [fieldCount]cell
}

// reset makes an empty record at pos.
func (r *record) reset(pos int64, raw func() string) {
	*r = record{pos: pos, raw: raw}
}

// put fills a field unless a column of higher standing did.
func (r *record) put(p place, c cell) {
	if c.kind == noCell || (r.cells[p.field].kind != noCell && r.cells[p.field].rank <= p.rank) {
		return
	}
	c.rank = p.rank
	r.cells[p.field] = c
}

// fail marks the record as bad for the first reason found.
func (r *record) fail(reason string) {
	if r.bad == "" {
		r.bad = reason
	}
}

func (r *record) has(f field) bool { return r.cells[f].kind != noCell }

// text returns a field as text, "" when absent; a number counts as the text of an id.
func (r *record) text(f field) string {
	c := r.cells[f]
	switch c.kind {
	case noCell:
		return ""
	case textCell:
		if !utf8.ValidString(c.s) {
			r.fail(schemas.ReasonInvalidUTF8)
		}
		return c.s
	case intCell:
		return strconv.FormatInt(c.n, 10)
	case flagCell:
		return strconv.FormatBool(c.n == 1)
	case timeCell:
		return time.UnixMicro(c.n).UTC().Format(time.DateOnly)
	}
	r.fail(schemas.ReasonUnreadable)
	return ""
}

// texts returns a field as a list; a text is split at ; or |, or read as a JSON list.
func (r *record) texts(f field) []string {
	c := r.cells[f]
	switch c.kind {
	case noCell:
		return nil
	case listCell:
		for _, s := range c.list {
			if !utf8.ValidString(s) {
				r.fail(schemas.ReasonInvalidUTF8)
			}
		}
		return c.list
	case textCell, intCell:
		parts, ok := splitList(r.text(f))
		if !ok {
			r.fail(schemas.ReasonUnreadable)
		}
		return parts
	}
	r.fail(schemas.ReasonUnreadable)
	return nil
}

// real returns a field as a number; false when absent.
func (r *record) real(f field) (float64, bool) {
	c := r.cells[f]
	switch c.kind {
	case noCell:
		return 0, false
	case intCell:
		return float64(c.n), true
	case realCell:
		return c.x, true
	case textCell:
		if x, err := strconv.ParseFloat(c.s, 64); err == nil && !math.IsInf(x, 0) && !math.IsNaN(x) {
			return x, true
		}
	}
	r.fail(schemas.ReasonUnreadable)
	return 0, false
}

// integer returns a field as a whole number, nil when absent.
func (r *record) integer(f field) *int64 {
	x, ok := r.real(f)
	if !ok {
		return nil
	}
	if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		r.fail(schemas.ReasonUnreadable)
		return nil
	}
	n := int64(x)
	return &n
}

// flag returns a field as true or false, nil when absent.
func (r *record) flag(f field) *bool {
	c := r.cells[f]
	yes, ok := c.n == 1, c.kind == flagCell || (c.kind == intCell && (c.n == 0 || c.n == 1))
	switch c.kind {
	case noCell:
		return nil
	case textCell:
		b, err := strconv.ParseBool(c.s)
		yes, ok = b, err == nil
	}
	if !ok {
		r.fail(schemas.ReasonUnreadable)
		return nil
	}
	return &yes
}

// instant returns a field as a time in UTC and the offset written with it, in minutes; nil when absent.
func (r *record) instant(f field) (*time.Time, *int32) {
	c := r.cells[f]
	var at time.Time
	var offset *int32
	ok := false
	switch c.kind {
	case noCell:
		return nil, nil
	case timeCell:
		at, ok = time.UnixMicro(c.n), true
	case intCell:
		at, ok = fromEpoch(float64(c.n))
	case realCell:
		at, ok = fromEpoch(c.x)
	case textCell:
		at, offset, ok = parseTime(c.s)
	}
	at = at.UTC().Truncate(time.Microsecond)
	if !ok || at.Year() < 1 || at.Year() > 9999 {
		r.fail(schemas.ReasonBadTime)
		return nil, nil
	}
	return &at, offset
}
