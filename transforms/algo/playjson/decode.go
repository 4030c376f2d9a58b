package playjson

import (
	"bytes"
	"unicode/utf8"

	"segue/transforms/algo/zone"
)

// firstPlay is 1800-01-01, the earliest instant a play may have, in microseconds.
const firstPlay = -5_364_662_400_000_000

// Decoder decodes records one after another. Not safe for concurrent use.
type Decoder struct {
	rules   Rules
	scan    scanner
	wrong   bool
	scratch []byte // strings that were written with escapes
}

// NewDecoder returns a decoder with these rules.
func NewDecoder(r Rules) *Decoder { return &Decoder{rules: r} }

// Decode reads one record of the topic into e: its key, its value and the milliseconds since 1970 it was produced at.
// It returns the reason when the record is no event; e is then undefined.
//
// Cost: one pass over the value, no allocation but for strings with escapes that outgrow the decoder's buffer.
func (d *Decoder) Decode(key, value []byte, producedMs int64, e *Event) Reason {
	switch {
	case len(value) == 0:
		return Tombstone
	case len(value) > d.rules.MaxBytes:
		return TooLarge
	case len(key) == 0:
		return NullKey
	}
	plain := isPlain(value)
	if !plain && !utf8.Valid(value) {
		return InvalidUTF8
	}
	*e = Event{MsPlayed: Unknown, TrackMs: Unknown, version: Version}
	d.scan, d.wrong, d.scratch = scanner{b: value, plain: plain}, false, d.scratch[:0]
	if !d.object(e) {
		return Unreadable
	}
	if d.wrong {
		return WrongType
	}
	return d.check(key, producedMs, e)
}

// check applies the rules in the order of the reasons.
func (d *Decoder) check(key []byte, producedMs int64, e *Event) Reason {
	if len(e.SongID) == 0 {
		e.SongID = e.trackID
	}
	if len(e.Kind) == 0 {
		e.Kind = kindPlay
	}
	switch {
	case e.version < 1 || e.version > Version:
		return UnknownVersion
	case len(bytes.TrimSpace(e.UserID)) == 0:
		return MissingUser
	case !bytes.Equal(key, e.UserID):
		return KeyMismatch
	case len(bytes.TrimSpace(e.SongID)) == 0:
		return MissingSong
	case len(e.EventID) == 0:
		return MissingID
	case max(len(e.EventID), len(e.UserID), len(e.SongID)) > MaxID:
		return LongID
	case !e.hasTime || e.StartedAt < firstPlay:
		return BadTime
	case e.StartedAt > producedMs*1000+d.rules.MaxAhead.Microseconds():
		return FutureTime
	case !known(e.Kind):
		return UnknownKind
	case e.hasMs && e.MsPlayed < 0, e.hasTrack && e.TrackMs < 0:
		return NegativeDuration
	case e.HasOffset && !zone.Valid(e.OffsetMinutes):
		return BadOffset
	}
	return ""
}

var kindPlay = []byte("play")

func known(kind []byte) bool {
	switch string(kind) {
	case "play", "like", "unlike", "save":
		return true
	}
	return false
}

// object reads the whole record; false = it is not JSON.
func (d *Decoder) object(e *Event) bool {
	s := &d.scan
	s.space()
	if !s.eat('{') {
		d.wrong = true
		return s.value(0) && s.ended()
	}
	s.space()
	if s.eat('}') {
		return s.ended()
	}
	for {
		s.space()
		key, ok := d.text()
		if !ok {
			return false
		}
		s.space()
		if !s.eat(':') {
			return false
		}
		s.space()
		if !d.field(key, e) {
			return false
		}
		s.space()
		if s.eat('}') {
			return s.ended()
		}
		if !s.eat(',') {
			return false
		}
	}
}

// field reads the value of key.
func (d *Decoder) field(key []byte, e *Event) bool {
	switch string(key) {
	case "event_id":
		return d.stringTo(&e.EventID)
	case "user_id":
		return d.stringTo(&e.UserID)
	case "song_id":
		return d.stringTo(&e.SongID)
	case "track_id":
		return d.stringTo(&e.trackID)
	case "started_at":
		return d.instant(e)
	case "ms_played":
		return d.intTo(&e.MsPlayed, &e.hasMs)
	case "track_ms":
		return d.intTo(&e.TrackMs, &e.hasTrack)
	case "skipped":
		return d.flag(e)
	case "device":
		return d.stringTo(&e.Device)
	case "utc_offset_minutes":
		return d.offset(e)
	case "country":
		return d.stringTo(&e.Country)
	}
	return d.rare(key, e)
}

// rare reads the values that few events have.
func (d *Decoder) rare(key []byte, e *Event) bool {
	switch string(key) {
	case "kind":
		return d.stringTo(&e.Kind)
	case "time_zone":
		return d.stringTo(&e.TimeZone)
	case "place":
		return d.stringTo(&e.Place)
	case "context":
		return d.stringTo(&e.Context)
	case "v":
		given := false
		return d.intTo(&e.version, &given)
	}
	e.UnknownFields++
	return d.scan.value(0)
}
