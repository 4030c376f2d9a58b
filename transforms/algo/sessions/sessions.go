// Package sessions cuts the plays of one listener into sessions. The night and the live job use the same accumulator.
//
//	sessions.go   the rule; Play, Session, Acc: whole sessions of a finished set of plays
//	shard.go      Shard: the listeners of a part of a topic, fed in batches by offset; Params
//	batch.go      Batch, Record, Seen, Counts: the order of batches, what becomes of each record
//	listener.go   listener: one listener's events in any order within the lateness → fold
//	history.go    history: what a listener's events amount to, the late ones among them
//	fold.go       fold: the state after events in order, of constant size
//	features.go   Version, Catalogue, Track: what a feature record is made of beside events
//	mix.go        what follows from the songs heard last: moods, artists, repetition, vector
//	encode.go     feature record → JSON
//	due.go        which listeners' records are due; what ends by time
//	finished.go   Finished: sessions that are over
//	symbols.go    songs and names as numbers, shared by the listeners of a shard
//	snapshot.go   Shard ↔ bytes;  wire.go: numbers and texts of these
//
// A play lasts from its start for the milliseconds played, when known, at most LongestPlay. Plays belong to one session
// when a chain of plays joins them in which no silence is longer than the gap. That is a property of the set of plays:
// neither the order of arrival nor the way they were split over accumulators can change it.
package sessions

import (
	"cmp"
	"slices"
	"time"
)

// LongestPlay bounds how long one play keeps a session open and what it adds to the time played, against nonsense in ms_played.
const LongestPlay = 4 * time.Hour

// Unknown is the value of PlayedMs when the input has none.
const Unknown = -1

// Play is one event of kind play.
type Play struct {
	At       int64  // start in microseconds since 1970 UTC
	ID       string // of the event: two plays with equal At and ID are one
	Song     string
	PlayedMs int64 // Unknown or at least 0
	Skipped  bool
	Device   string // "" = unknown
}

// Session is a run of plays, at least one, ordered by (At, ID).
type Session struct {
	Plays []Play
	until int64 // latest end of a play, microseconds
}

// StartedAt returns the start of the first play in microseconds.
func (s Session) StartedAt() int64 { return s.Plays[0].At }

// EndedAt returns the start of the last play plus what was played of it, when known, in microseconds.
func (s Session) EndedAt() int64 { return end(s.Plays[len(s.Plays)-1]) }

// PlayedMs returns the milliseconds played as far as known.
func (s Session) PlayedMs() (ms int64) {
	for _, p := range s.Plays {
		ms += heard(p.PlayedMs)
	}
	return ms
}

// Skips returns how many plays were skipped.
func (s Session) Skips() (n int64) {
	for _, p := range s.Plays {
		if p.Skipped {
			n++
		}
	}
	return n
}

// Acc gathers the plays of one listener into sessions. The zero value with a Gap is empty; accumulators of one listener
// share the gap. Not safe for concurrent use.
type Acc struct {
	Gap  time.Duration // longest silence within a session
	open []Session     // by time, each more than Gap after the one before
}

// Add puts one play where it belongs. Cost: O(1) when plays come in order, else O(sessions + plays of those it joins).
func (a *Acc) Add(p Play) {
	if !a.appends(p) {
		a.insert(Session{Plays: []Play{p}, until: end(p)})
	}
}

// appends adds a play at the end of the last session, if it is in order and belongs there.
func (a *Acc) appends(p Play) bool {
	if len(a.open) == 0 {
		return false
	}
	s := &a.open[len(a.open)-1]
	last := s.Plays[len(s.Plays)-1]
	if order(last, p) >= 0 || !joins(s.until, p.At, a.gap()) {
		return false
	}
	s.Plays = append(s.Plays, p)
	s.until = max(s.until, end(p))
	return true
}

// insert joins s with every session that lies within the gap of it.
func (a *Acc) insert(s Session) {
	from, _ := slices.BinarySearchFunc(a.open, s.StartedAt()-a.gap(), func(o Session, t int64) int { return cmp.Compare(o.until, t) })
	to := from
	for to < len(a.open) && joins(s.until, a.open[to].StartedAt(), a.gap()) {
		s = join(a.open[to], s)
		to++
	}
	a.open = slices.Replace(a.open, from, to, s)
}

// Merge adds the plays of b, which stays as it is. Merging is associative and commutative, an empty accumulator changes nothing.
func (a *Acc) Merge(b *Acc) {
	for _, s := range b.open {
		a.insert(Session{Plays: slices.Clone(s.Plays), until: s.until})
	}
}

// All returns the sessions by time. They stay in the accumulator, which must not be changed while they are used.
func (a *Acc) All() []Session { return a.open }

// Finish removes and returns the sessions that no play starting at or after the instant (microseconds) can still extend.
func (a *Acc) Finish(at int64) []Session {
	n := 0
	for n < len(a.open) && !joins(a.open[n].until, at, a.gap()) {
		n++
	}
	done := slices.Clone(a.open[:n])
	a.open = slices.Delete(a.open, 0, n)
	return done
}

func (a *Acc) gap() int64 { return a.Gap.Microseconds() }

func end(p Play) int64 { return endOf(p.At, p.PlayedMs) }

// endOf returns when a play ends, microseconds.
func endOf(at, playedMs int64) int64 { return at + heard(playedMs)*1000 }

// heard returns what counts of the milliseconds of a play; 0 = unknown.
func heard(playedMs int64) int64 { return min(max(playedMs, 0), LongestPlay.Milliseconds()) }

// joins reports whether a play at an instant belongs to a session whose plays end at until; gap in microseconds.
func joins(until, at, gap int64) bool { return at-until <= gap }

// order is by time, then id; the rest decides between plays that claim to be one.
func order(p, q Play) int { return cmp.Or(cmp.Compare(p.At, q.At), cmp.Compare(p.ID, q.ID)) }

// join merges two sessions; of plays with equal time and id the one with the smallest content stays, whichever came first.
func join(s, t Session) Session {
	plays := append(slices.Clip(s.Plays), t.Plays...)
	slices.SortFunc(plays, func(p, q Play) int { return cmp.Or(order(p, q), content(p, q)) })
	plays = slices.CompactFunc(plays, func(p, q Play) bool { return order(p, q) == 0 })
	out := Session{Plays: plays, until: plays[0].At}
	for _, p := range plays {
		out.until = max(out.until, end(p))
	}
	return out
}

func content(p, q Play) int {
	return cmp.Or(cmp.Compare(q.PlayedMs, p.PlayedMs), cmp.Compare(p.Song, q.Song), cmp.Compare(p.Device, q.Device), boolOrder(p.Skipped, q.Skipped))
}

func boolOrder(p, q bool) int {
	switch {
	case p == q:
		return 0
	case q:
		return -1
	}
	return 1
}
