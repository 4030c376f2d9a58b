package sessions

import (
	"cmp"
	"math"
)

// maxPending bounds the events a listener keeps unfolded: one with more within the lateness has the oldest of them folded
// early, and what comes before those is late.
const maxPending = 64

// Outcome says what became of a sound event.
type Outcome uint8

// Outcomes.
const (
	Applied   Outcome = iota
	Late              // older than the listener's newest event by more than the lateness
	Duplicate         // an event of this id is there already
)

// listener is the state of one listener. Events may come in any order within the lateness; the state is a function of the
// set of those that are not late. Which are late follows from the listener's own events in order of offset, so neither
// the cut into batches nor a restart changes it.
type listener struct {
	quoted   string  // the user id as JSON
	settled  fold    // events before floor
	pending  []event // by (at, id), none before floor
	newest   int64   // latest at of all
	floor    int64   // events before it are late
	offset   int64   // of the newest record included
	inMs     int64   // when that record was produced
	seenMs   int64   // latest time a record was produced
	sentMs   int64   // when the last feature record was given out
	closed   session // the session that was given out as finished by a timer
	timer    int64   // timers since the newest record
	until    int64   // latest end of any play
	dirty    bool    // in the shard's list of changed listeners
	sentOnce bool
}

// noInstant is before every event.
const noInstant = math.MinInt64

// session identifies a session at a size.
type session struct{ start, plays, likes int64 }

func newListener(quoted string) *listener {
	return &listener{quoted: quoted, newest: noInstant, floor: noInstant, settled: fold{gapUs: Unknown, offsetMin: noOffset}}
}

func (l *listener) user() string { return unquote(l.quoted) }

// forget makes a listener who stayed away too long a new one; what was given out stays counted.
func (l *listener) forget() {
	fresh := newListener(l.quoted)
	fresh.sentMs, fresh.sentOnce, fresh.dirty = l.sentMs, l.sentOnce, l.dirty
	*l = *fresh
}

// admits tells what becomes of an event at an instant with an id.
func (l *listener) admits(at int64, id []byte) Outcome {
	hash := hashOf(id)
	for i := range l.pending {
		if l.pending[i].hash == hash && l.pending[i].id == string(id) {
			return Duplicate
		}
	}
	if at < l.floor {
		return Late
	}
	return Applied
}

// add puts an admitted event where it belongs and folds what nothing can precede any more; ended sees sessions that ended.
func (l *listener) add(e event, r *rules, ended func(*fold)) {
	i := len(l.pending)
	for i > 0 && before(&e, &l.pending[i-1]) {
		i--
	}
	if n := len(l.pending); n == cap(l.pending) { // of a hundred thousand listeners' room to spare a quarter is enough
		l.pending = append(make([]event, 0, n+n/4+1), l.pending...)
	}
	l.pending = append(l.pending, event{})
	copy(l.pending[i+1:], l.pending[i:])
	l.pending[i] = e
	if e.kind == kindPlay {
		l.until = max(l.until, endOf(e.at, e.playedMs))
	}
	l.newest = max(l.newest, e.at)
	l.floor = max(l.floor, l.newest-r.lateness)
	if len(l.pending) > maxPending {
		l.floor = max(l.floor, l.pending[0].at+1)
	}
	l.settle(r, ended)
}

// hashOf tells most ids apart. Source: the polynomial hash with factor 31.
func hashOf(id []byte) (h uint32) {
	for _, c := range id {
		h = 31*h + uint32(c)
	}
	return h
}

func before(a, b *event) bool { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) < 0 }

// settle folds the events before floor.
func (l *listener) settle(r *rules, ended func(*fold)) {
	n := 0
	for n < len(l.pending) && l.pending[n].at < l.floor {
		if over, ok := l.settled.add(&l.pending[n], r.gap); ok && l.closed != over.session() {
			ended(&over)
		}
		n++
	}
	if n == 0 {
		return
	}
	kept := copy(l.pending, l.pending[n:])
	clear(l.pending[kept:])
	l.pending = l.pending[:kept]
	if cap(l.pending) > 4 && kept <= cap(l.pending)/4 { // most listeners keep one or two
		l.pending = append(make([]event, 0, kept+1), l.pending...)
	}
}

// all returns the state after all events.
func (l *listener) all(r *rules) fold {
	f := l.settled
	for i := range l.pending {
		f.add(&l.pending[i], r.gap)
	}
	return f
}
