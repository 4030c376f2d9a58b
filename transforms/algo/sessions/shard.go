package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"segue/transforms/algo/country"
	"segue/transforms/algo/device"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/zone"
)

// Params are the settings of the listeners' accumulators.
type Params struct {
	Gap      time.Duration // longest silence within a session; more joins more plays; default 30 min
	Lateness time.Duration // how much older than the listener's newest event another may be; more waits longer and keeps more; default 10 min
	Idle     time.Duration // without any event for so long a listener is forgotten; more costs memory; default 7 days
	Interval time.Duration // shortest time between two records of a listener; more coalesces more; default 1 s
	DayParts [24]string    // name of the part of the day of each local hour; "" = none is written
}

// Default returns the parameters that need no thought.
func Default() Params {
	return Params{Gap: 30 * time.Minute, Lateness: 10 * time.Minute, Idle: 7 * 24 * time.Hour, Interval: time.Second}
}

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if p.Gap < time.Minute || p.Gap > 24*time.Hour {
		errs = append(errs, fmt.Errorf("gap is %v: want 1 minute to 24 hours", p.Gap))
	}
	if p.Lateness < 0 || p.Lateness > 24*time.Hour {
		errs = append(errs, fmt.Errorf("lateness is %v: want 0 to 24 hours", p.Lateness))
	}
	if p.Idle < p.Gap+p.Lateness {
		errs = append(errs, fmt.Errorf("idle time is %v: want at least gap and lateness together, %v", p.Idle, p.Gap+p.Lateness))
	}
	if p.Interval < 0 {
		errs = append(errs, fmt.Errorf("interval is %v: want 0 or more", p.Interval))
	}
	return errors.Join(errs...)
}

// rules are the parameters in the units of events.
type rules struct{ gap, lateness int64 }

// Shard holds the listeners of a part of a partition: all records of one listener go to one shard. Not safe for concurrent use.
//
// Everything it gives out but the moment of giving is a function of the records in order of offset and of the catalogue.
// Memory: about 350 bytes a listener and 40 bytes and the id of an event within the lateness.
type Shard struct {
	params    Params
	rules     rules
	decoder   Decoder
	event     playjson.Event
	applied   int64
	parked    []Batch
	clockMs   int64 // latest time a record was produced
	listeners map[string]*listener
	order     []*listener // as they came
	changed   []*listener // since their last record, as they changed
	songs     symbols
	names     symbols
	zones     *zone.Finder
	catalogue Catalogue
	tracks    []Track // by song, of the catalogue; none without one
	finished  []Finished
	counts    Counts
	mix       mixer
	buf       []byte // of the record given out last
	compacted int    // symbols at the last compaction
}

// NewShard returns an empty shard that has applied everything up to an offset (start - 1, or -1).
func NewShard(p Params, d Decoder, applied int64) *Shard {
	return &Shard{
		params: p, decoder: d, applied: applied, rules: rules{p.Gap.Microseconds(), p.Lateness.Microseconds()},
		listeners: map[string]*listener{}, songs: newSymbols(), names: newSymbols(), zones: zone.NewFinder(),
	}
}

// Applied returns the offset up to which everything is applied.
func (s *Shard) Applied() int64 { return s.applied }

// Counts returns what became of the records so far; they are not part of a snapshot.
func (s *Shard) Counts() Counts { return s.counts }

// Listeners returns how many listeners are known.
func (s *Shard) Listeners() int { return len(s.order) }

// add applies the decoded event of a record.
func (s *Shard) add(rec *Record) Outcome {
	e := &s.event
	s.counts.UnknownFields += int64(e.UnknownFields)
	s.clockMs = max(s.clockMs, rec.ProducedMs)
	l := s.listeners[string(e.UserID)]
	if l != nil {
		s.forgetIdle(l, rec.ProducedMs)
		if o := l.admits(e.StartedAt, e.EventID); o != Applied {
			l.seenMs = max(l.seenMs, rec.ProducedMs)
			s.count(o)
			return o
		}
	} else {
		l = s.welcome(string(e.UserID))
	}
	l.seenMs = max(l.seenMs, rec.ProducedMs)
	l.offset, l.inMs, l.timer = rec.Offset, rec.ProducedMs, 0
	kept := s.keep(e)
	l.add(&kept, &s.rules, func(over *fold) { s.finish(l, over) })
	s.change(l)
	s.count(Applied)
	return Applied
}

func (s *Shard) count(o Outcome) {
	switch o {
	case Applied:
		s.counts.Applied++
	case Late:
		s.counts.Late++
	case Duplicate:
		s.counts.Duplicates++
	}
}

func (s *Shard) welcome(user string) *listener {
	q := quote(user)
	l := newListener(q)
	s.listeners[raw(q, []byte(user))] = l
	s.order = append(s.order, l)
	return l
}

func (s *Shard) change(l *listener) {
	if !l.dirty {
		l.dirty = true
		s.changed = append(s.changed, l)
	}
}

// forgetIdle ends the state of a listener who stayed away for the idle time.
func (s *Shard) forgetIdle(l *listener, nowMs int64) {
	if nowMs-l.seenMs <= s.params.Idle.Milliseconds() || l.newest == noInstant {
		return
	}
	l.timer++
	s.close(l)
	l.forget()
	s.counts.Forgotten++
}

// keep returns the event as listeners keep it; its id is that of e.
func (s *Shard) keep(e *playjson.Event) event {
	return event{
		at: e.StartedAt, id: e.EventID, playedMs: e.MsPlayed, kind: kindOf(e.Kind), outcome: outcomeOf(e), song: s.song(e.SongID),
		offsetMin: s.offset(e),
		where: where{
			device: s.names.named(e.Device, deviceClass), place: s.names.named(e.Place, asIs),
			country: s.names.named(e.Country, country.Code), source: s.names.named(source(e.Context), asIs),
		},
	}
}

// song returns the number of a song, whose track is looked up when it is new.
func (s *Shard) song(id []byte) uint32 {
	n := s.songs.of(id)
	for s.catalogue != nil && int(n) >= len(s.tracks) {
		s.tracks = append(s.tracks, s.lookUp(uint32(len(s.tracks))))
	}
	return n
}

// offset returns local minus UTC in minutes: the event's own, else that of its time zone.
func (s *Shard) offset(e *playjson.Event) int16 {
	if e.HasOffset {
		return int16(e.OffsetMinutes)
	}
	if len(e.TimeZone) > 0 {
		if m, ok := s.zones.InZone(string(e.TimeZone), time.UnixMicro(e.StartedAt)); ok {
			return int16(m)
		}
	}
	return noOffset
}

func asIs(s string) string { return s }

// deviceClass returns the class of a device, "" when unknown.
func deviceClass(name string) string {
	if c := device.Class(name); c != device.Unknown {
		return c
	}
	return ""
}

// source returns what a song was played from without the name of it: "playlist" of "playlist:p17".
func source(context []byte) []byte {
	kind, _, _ := bytes.Cut(context, []byte(":"))
	return kind
}

func kindOf(kind []byte) uint8 {
	switch string(kind) {
	case "like":
		return kindLike
	case "unlike":
		return kindUnlike
	case "save":
		return kindSave
	}
	return kindPlay
}

// outcomeOf: a play of at least four fifths of the song is complete, a shorter one a part unless it was skipped; where lengths
// are unknown the word of the player counts.
func outcomeOf(e *playjson.Event) uint8 {
	switch {
	case e.Skipped == playjson.Yes:
		return outcomeSkip
	case e.MsPlayed != Unknown && e.TrackMs > 0:
		if e.MsPlayed >= e.TrackMs-e.TrackMs/5 { // four fifths, rounded up; five times a number may be none of 64 bits
			return outcomeComplete
		}
		return outcomePart
	case e.Skipped == playjson.No:
		return outcomeComplete
	}
	return outcomeUnknown
}
