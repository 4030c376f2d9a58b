package sessions

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
)

// history is what a listener's events amount to: the fold of those that nothing can precede any more, then the pending ones,
// by (at, id). It lies in bytes, as most listeners rest most of the time, and garbage collection passes over them: the fold as
// snapshots hold it, empty before the first event is settled, then the events, see appendEvent.
type history struct {
	b       []byte
	cut     uint32 // where the pending events begin
	pending uint32
}

// hashOf tells most ids apart. Source: the polynomial hash with factor 31.
func hashOf(id []byte) (h uint32) {
	for _, c := range id {
		h = 31*h + uint32(c)
	}
	return h
}

// Of an event, hash and instant come first, so that others need not be decoded.
const (
	atAt   = 4
	restAt = 12
)

// appendEvent appends an event as a history holds it: size of what follows, hash of the id, instant, numbers, id.
func appendEvent(b []byte, e *event) []byte {
	var room [256]byte
	body := binary.LittleEndian.AppendUint32(room[:0], hashOf(e.id))
	body = binary.LittleEndian.AppendUint64(body, uint64(e.at))
	body = append(body, e.kind, e.outcome)
	body = e.where.append(appendUint(appendInt(appendInt(body, e.playedMs), int64(e.offsetMin)), uint64(e.song)))
	body = append(body, e.id...)
	return append(appendUint(b, uint64(len(body))), body...)
}

// body takes the next pending event off bytes.
func body(b []byte) (body, rest []byte) {
	n, from := uint64(b[0]), 1
	if n >= 0x80 {
		n, from = binary.Uvarint(b)
	}
	return b[from : from+int(n)], b[from+int(n):]
}

func atOf(body []byte) int64 { return int64(binary.LittleEndian.Uint64(body[atAt:])) }

// decoded returns the event of a body; its id is that of the body.
func decoded(body []byte) (e event) {
	e.at, e.kind, e.outcome = atOf(body), body[restAt], body[restAt+1]
	c := cursor(body[restAt+2:])
	e.playedMs, e.offsetMin, e.song = c.int(), int16(c.int()), uint32(c.uint())
	e.where = where{uint32(c.uint()), uint32(c.uint()), uint32(c.uint()), uint32(c.uint())}
	e.id = c
	return e
}

// cursor takes numbers off bytes of our own.
type cursor []byte

func (c *cursor) uint() uint64 {
	if b := *c; b[0] < 0x80 {
		*c = b[1:]
		return uint64(b[0])
	}
	return c.long()
}

func (c *cursor) long() uint64 {
	x, n := binary.Uvarint(*c)
	*c = (*c)[n:]
	return x
}

func (c *cursor) int() int64 {
	x := c.uint()
	return int64(x>>1) ^ -int64(x&1)
}

// has reports whether an event of an id is pending.
func (h *history) has(id []byte) bool {
	hash := hashOf(id)
	for rest := h.b[h.cut:]; len(rest) > 0; {
		var one []byte
		if one, rest = body(rest); binary.LittleEndian.Uint32(one) == hash {
			if bytes.HasSuffix(one, id) && bytes.Equal(decoded(one).id, id) {
				return true
			}
		}
	}
	return false
}

// insert puts an event where it belongs; last says that it comes after all others.
func (h *history) insert(e *event, last bool) {
	at := len(h.b)
	if !last {
		at = h.place(e)
	}
	var room [256]byte
	form := appendEvent(room[:0], e)
	h.b = slices.Insert(roomFor(h.b, len(form)), at, form...)
	h.pending++
}

// place returns where an event belongs.
func (h *history) place(e *event) int {
	rest := h.b[h.cut:]
	for len(rest) > 0 {
		one, after := body(rest)
		if at := atOf(one); e.at < at || e.at == at && bytes.Compare(e.id, decoded(one).id) < 0 {
			break
		}
		rest = after
	}
	return len(h.b) - len(rest)
}

// roomFor returns b with room for n bytes more. A first event has no room to spare, others that of one more: append's would be
// too much for so many listeners.
func roomFor(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	need := len(b) + n
	if len(b) > 0 {
		need += n + need/16
	}
	return append(slices.Grow([]byte(nil), need), b...)
}

// first returns when the first pending event was.
func (h *history) first() int64 {
	one, _ := body(h.b[h.cut:])
	return atOf(one)
}

// fold returns that of the settled events.
func (h *history) fold() fold {
	f := fold{gapUs: Unknown, offsetMin: noOffset}
	if h.cut > 0 {
		r := reader{b: h.b[:h.cut]}
		f.restore(&r, math.MaxInt, math.MaxInt)
	}
	return f
}

// settled returns start and end of the session of the settled events, without the rest of their fold; false = there are none.
func (h *history) settled() (start, until int64, ok bool) {
	if h.cut == 0 {
		return 0, 0, false
	}
	c := cursor(h.b)
	start, _, until = c.int(), c.int(), c.int() // as numbers of fold orders them
	return start, until, true
}

// settle folds the events before floor; ended sees sessions that ended.
func (h *history) settle(floor, gap int64, ended func(*fold)) {
	if h.pending == 0 || h.first() >= floor {
		return
	}
	f := h.fold()
	rest := h.b[h.cut:]
	for len(rest) > 0 {
		one, after := body(rest)
		if atOf(one) >= floor {
			break
		}
		e := decoded(one)
		if over, ok := f.add(&e, gap); ok {
			session := over // over stays off the heap
			ended(&session)
		}
		rest = after
		h.pending--
	}
	h.keep(&f, rest)
}

// keep makes the history that of a fold and of pending events, both of which may be bytes of it.
func (h *history) keep(f *fold, pending []byte) {
	var room [512]byte
	settled := room[:0]
	if len(f.lastID) > 0 {
		settled = f.append(settled)
	}
	n := len(settled) + len(pending)
	b := h.b
	if cap(b) < n || cap(b) > 2*n {
		b = slices.Grow([]byte(nil), n+n/8)
	}
	h.b, h.cut = b[:n], uint32(len(settled))
	copy(h.b[h.cut:], pending)
	copy(h.b, settled)
}

// all returns the fold of all events; ended, if there is one, sees sessions that ended.
func (h *history) all(gap int64, ended func(*fold)) fold {
	f := h.fold()
	for rest := h.b[h.cut:]; len(rest) > 0; {
		var one []byte
		one, rest = body(rest)
		e := decoded(one)
		if over, ok := f.add(&e, gap); ok && ended != nil {
			session := over
			ended(&session)
		}
	}
	return f
}

// append appends the history as snapshots hold it.
func (h *history) append(b []byte) []byte {
	if h.cut == 0 {
		f := h.fold()
		b = f.append(b)
	}
	b = appendUint(append(b, h.b[:h.cut]...), uint64(h.pending))
	for rest := h.b[h.cut:]; len(rest) > 0; {
		var one []byte
		one, rest = body(rest)
		e := decoded(one)
		b = e.append(b)
	}
	return b
}

// restore reads a history from a snapshot.
func (h *history) restore(r *reader, songs, names int) {
	var f fold
	f.restore(r, songs, names)
	n := r.count()
	var room [1024]byte
	pending := room[:0]
	for range n {
		var e event
		e.restore(r, songs, names)
		pending = appendEvent(pending, &e)
	}
	h.pending = uint32(n)
	h.keep(&f, pending)
}

// rename gives songs and names other numbers.
func (h *history) rename(song, name func(*uint32)) {
	f := h.fold()
	f.rename(song, name)
	var pending []byte
	for rest := h.b[h.cut:]; len(rest) > 0; {
		var one []byte
		one, rest = body(rest)
		e := decoded(one)
		song(&e.song)
		e.where.rename(name)
		pending = appendEvent(pending, &e)
	}
	h.keep(&f, pending)
}
