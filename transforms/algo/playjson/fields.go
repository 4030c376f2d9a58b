package playjson

import "math"

// text reads a string; escapes are replaced in the decoder's buffer.
func (d *Decoder) text() ([]byte, bool) {
	raw, escaped, ok := d.scan.raw()
	if !ok || !escaped {
		return raw, ok
	}
	from := len(d.scratch)
	d.scratch = unescape(d.scratch, raw)
	return d.scratch[from:len(d.scratch):len(d.scratch)], true
}

// other reads a value that is not of the wanted type: null is none, anything else is wrong.
func (d *Decoder) other() bool {
	if d.scan.word("null") {
		return true
	}
	d.wrong = true
	return d.scan.value(0)
}

func (d *Decoder) stringTo(dst *[]byte) (ok bool) {
	if d.scan.peek() != '"' {
		return d.other()
	}
	text, ok := d.text()
	*dst = text
	return ok
}

// intTo reads a whole number that fits 64 bits.
func (d *Decoder) intTo(dst *int64, given *bool) bool {
	if c := d.scan.peek(); c != '-' && c-'0' >= 10 {
		return d.other()
	}
	text, whole, ok := d.scan.number()
	if !ok {
		return false
	}
	n, fits := integer(text)
	if !whole || !fits {
		d.wrong = true
		return true
	}
	*dst, *given = n, true
	return true
}

func (d *Decoder) flag(e *Event) bool {
	switch {
	case d.scan.word("true"):
		e.Skipped = Yes
	case d.scan.word("false"):
		e.Skipped = No
	default:
		return d.other()
	}
	return true
}

func (d *Decoder) offset(e *Event) bool {
	n, given := int64(0), false
	if !d.intTo(&n, &given) {
		return false
	}
	if given {
		e.OffsetMinutes, e.HasOffset = int32(min(max(n, math.MinInt32), math.MaxInt32)), true
		e.ownOffset = true
	}
	return true
}

// instant reads started_at: RFC 3339 as a string, or whole milliseconds since 1970. An offset written with the time counts
// where the event has none of its own.
func (d *Decoder) instant(e *Event) bool {
	if d.scan.peek() != '"' {
		ms, given := int64(0), false
		ok := d.intTo(&ms, &given)
		if given {
			e.hasTime = ms > math.MinInt64/1000 && ms < math.MaxInt64/1000
			e.StartedAt = ms * 1000
		}
		return ok
	}
	text, ok := d.text()
	if !ok {
		return false
	}
	at, offset, written, valid := parseInstant(text)
	e.StartedAt, e.hasTime = at, valid
	if valid && written && !e.ownOffset {
		e.OffsetMinutes, e.HasOffset = offset, true
	}
	return true
}

// integer reads a whole number as JSON writes it; ok is false when it does not fit.
func integer(text []byte) (n int64, ok bool) {
	negative := text[0] == '-'
	if negative {
		text = text[1:]
	}
	for _, c := range text {
		if n < math.MinInt64/10 {
			return 0, false
		}
		n = n*10 - int64(c-'0') // negative numbers reach one further
		if n > 0 {
			return 0, false
		}
	}
	if negative {
		return n, true
	}
	return -n, n != math.MinInt64
}
