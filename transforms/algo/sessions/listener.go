package sessions

import "math"

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
	history  history // events, those before floor settled
	newest   int64   // latest at of all
	floor    int64   // events before it are late
	offset   int64   // of the newest record included
	inMs     int64   // when that record was produced
	seenMs   int64   // latest time a record was produced
	sentMs   int64   // when the last feature record was given out
	closed   session // the latest session that was given out as finished while it was the newest of all, or of those settled
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
	return &listener{quoted: quoted, newest: noInstant, floor: noInstant}
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
	if l.history.has(id) {
		return Duplicate
	}
	if at < l.floor {
		return Late
	}
	return Applied
}

// add puts an admitted event where it belongs and folds what nothing can precede any more; ended sees sessions that ended.
func (l *listener) add(e *event, r *rules, ended func(*fold)) {
	l.history.insert(e, e.at > l.newest)
	if e.kind == kindPlay {
		l.until = max(l.until, endOf(e.at, e.playedMs))
	}
	before := l.floor
	l.newest = max(l.newest, e.at)
	l.floor = max(l.floor, l.newest-r.lateness)
	if l.history.pending > maxPending {
		l.floor = max(l.floor, l.history.first()+1)
	}
	l.history.settle(l.floor, r.gap, func(over *fold) {
		if !l.gave(over, before, r.gap) {
			ended(over)
		}
	})
	l.endSettled(before, r.gap, ended)
}

// endSettled gives out the settled session that nothing can join any more, once: the next play may be pending for as long as the
// listener stays away.
func (l *listener) endSettled(before, gap int64, ended func(*fold)) {
	start, until, ok := l.history.settled()
	if !ok || until+gap >= l.floor || l.gaveBefore(start, until+gap, before) {
		return
	}
	f := l.history.fold()
	if f.plays > 0 && l.closed != f.session() {
		ended(&f)
	}
	if f.start >= l.closed.start {
		l.closed = f.session()
	}
}

// gave reports whether a session was given out as it is, at a floor or before.
func (l *listener) gave(over *fold, floor, gap int64) bool {
	return l.closed == over.session() || l.gaveBefore(over.start, over.until+gap, floor)
}

// gaveBefore reports whether what began at start was over at a floor, and so given out by the record that made it, or by a timer
// that closed a later session. What a snapshot of a program has that gave out none like that is given out by the next record.
func (l *listener) gaveBefore(start, joinable, floor int64) bool {
	return joinable < floor && start <= l.closed.start
}
