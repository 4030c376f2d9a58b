package sessions

import "time"

// RecentSongs is how many of the songs heard last a listener's features know.
const RecentSongs = 20

// Outcomes of a play.
const (
	outcomeUnknown = iota
	outcomeSkip
	outcomePart
	outcomeComplete
)

var outcomeNames = [...]string{`"unknown"`, `"skip"`, `"part"`, `"complete"`}

// Kinds of events.
const (
	kindPlay = iota
	kindLike
	kindUnlike
	kindSave
)

// event is one event that counts.
type event struct {
	at        int64 // microseconds
	id        []byte
	playedMs  int64 // Unknown or at least 0
	song      uint32
	where     where
	kind      uint8
	outcome   uint8
	offsetMin int16 // local minus UTC, noOffset = unknown
}

const noOffset = -1 << 15

// where are the circumstances of an event: names as symbols, 0 = unknown.
type where struct{ device, place, country, source uint32 }

// fold is the state of a listener after events in order of (at, id). Its size is constant.
type fold struct {
	start, last, until int64 // of the session: first play's start, last play's start, latest end; microseconds
	plays              int64 // of the session; 0 = the listener has none yet
	completes, skips   int64
	likes              int64
	playedMs           int64
	gapUs              int64 // silence before the session; Unknown = it is the first
	totalPlays         int64
	totalSkips         int64
	lastID             []byte // event id of the last event
	first              uint32 // device of the session's first play
	where              where  // of the last play
	offsetMin          int16
	heard              uint8 // entries of recent
	next               uint8 // where the next one goes
	outcomes           [RecentSongs]uint8
	recent             [RecentSongs]uint32 // songs, a ring
}

func (f *fold) session() session { return session{f.start, f.plays, f.likes} }

// add takes the next event. It returns the session that ended before, if one did.
func (f *fold) add(e *event, gap int64) (ended fold, ok bool) {
	f.lastID = e.id
	if e.kind != kindPlay {
		f.react(e, gap)
		return fold{}, false
	}
	switch {
	case f.plays == 0:
		f.begin(e, Unknown)
	case !joins(f.until, e.at, gap):
		ended, ok = *f, true
		f.begin(e, e.at-f.until)
	}
	f.play(e)
	return ended, ok
}

func (f *fold) begin(e *event, silence int64) {
	f.start, f.until, f.gapUs, f.first = e.at, e.at, silence, e.where.device
	f.plays, f.completes, f.skips, f.likes, f.playedMs = 0, 0, 0, 0, 0
}

func (f *fold) play(e *event) {
	f.last, f.until = e.at, max(f.until, endOf(e.at, e.playedMs))
	f.plays++
	f.totalPlays++
	f.playedMs += heard(e.playedMs)
	switch e.outcome {
	case outcomeSkip:
		f.skips++
		f.totalSkips++
	case outcomeComplete:
		f.completes++
	}
	f.where, f.offsetMin = e.where, e.offsetMin
	f.recent[f.next], f.outcomes[f.next] = e.song, e.outcome
	f.next = (f.next + 1) % RecentSongs
	f.heard = min(f.heard+1, RecentSongs)
}

// react counts a like or its withdrawal within the session; neither starts nor prolongs one.
func (f *fold) react(e *event, gap int64) {
	if f.plays == 0 || !joins(f.until, e.at, gap) {
		return
	}
	switch e.kind {
	case kindLike:
		f.likes++
	case kindUnlike:
		f.likes = max(f.likes-1, 0)
	}
}

// song returns the i-th of the songs heard last, the oldest first, and what became of it.
func (f *fold) song(i int) (song uint32, outcome uint8) {
	at := (int(f.next) + RecentSongs - int(f.heard) + i) % RecentSongs
	return f.recent[at], f.outcomes[at]
}

// local returns the listener's local time at the last play, if known.
func (f *fold) local() (time.Time, bool) {
	if f.offsetMin == noOffset || f.plays == 0 {
		return time.Time{}, false
	}
	return time.UnixMicro(f.last).UTC().Add(time.Duration(f.offsetMin) * time.Minute), true
}
