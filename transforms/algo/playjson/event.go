// Package playjson decodes play events written as JSON, without reflection and without an allocation a field, and says
// by name what is wrong with those that cannot be used.
//
//	event.go    Event, Reason, Rules: the contract
//	decode.go   Decoder: one record → Event
//	fields.go   values of the types of the contract
//	scan.go     JSON values: strings, integers, truth values, whatever else is skipped
//	plain.go    the look at eight bytes at once that tells which records take the short way
//	instant.go  RFC 3339 → microseconds
//
// It accepts what encoding/json accepts, but that keys are compared exactly and bytes that are not UTF-8 are refused.
// Of a key given twice the last counts; null is as if the key were absent.
package playjson

import "time"

// Version is the newest version of the event contract, and what an event without field v is.
const Version = 1

// MaxID is how long an event, user or song id may be, in bytes: what is made of a listener's plays repeats twenty of them in one
// record. Package schemas has the same bound, by which the night goes, too.
const MaxID = 1 << 10

// Event is one play event. Its byte slices lie in the record or in the decoder and hold until the next Decode.
type Event struct {
	EventID, UserID, SongID  []byte // never empty after a Decode without reason
	Kind                     []byte // play, like, unlike or save
	Device, Place, Context   []byte // empty = unknown
	Country, TimeZone        []byte // empty = unknown
	StartedAt                int64  // microseconds since 1970 UTC
	MsPlayed, TrackMs        int64  // milliseconds; Unknown or at least 0
	OffsetMinutes            int32  // local minus UTC, when HasOffset
	HasOffset                bool
	Skipped                  Flag
	UnknownFields            int // keys that are not of the contract
	version                  int64
	trackID                  []byte
	hasMs, hasTrack, hasTime bool
	ownOffset                bool
}

// Unknown is the value of MsPlayed and TrackMs when the event has none.
const Unknown = -1

// Flag is a truth value that may be unknown.
type Flag uint8

// Values of Flag.
const (
	FlagUnknown Flag = iota
	No
	Yes
)

// Reason says why a record is no event; "" = it is one. The names are those of dead letters and of table rejected.
type Reason string

// Reasons, in the order they are looked for; package schemas has the same names.
const (
	Tombstone        Reason = "tombstone"           // no value
	TooLarge         Reason = "record_too_large"    // over Rules.MaxBytes
	NullKey          Reason = "missing_key"         // no key: its partition says nothing of the listener
	InvalidUTF8      Reason = "invalid_utf8"        //
	Unreadable       Reason = "unreadable_record"   // not JSON
	WrongType        Reason = "wrong_type"          // no object, or a field of another type than the contract's
	UnknownVersion   Reason = "unknown_version"     // v is none of 1 … Version
	MissingUser      Reason = "missing_user"        //
	KeyMismatch      Reason = "key_is_not_user"     // key and user_id differ
	MissingSong      Reason = "missing_song"        // neither song_id nor track_id
	MissingID        Reason = "missing_event_id"    //
	LongID           Reason = "id_too_long"         // event, user or song id over MaxID
	BadTime          Reason = "unparsable_time"     // no started_at, no RFC 3339, or before the year 1800
	FutureTime       Reason = "time_in_future"      // over Rules.MaxAhead after the record was produced
	UnknownKind      Reason = "unknown_kind"        //
	NegativeDuration Reason = "negative_duration"   // ms_played or track_ms
	BadOffset        Reason = "offset_out_of_range" // utc_offset_minutes
)

// Rules bound what is accepted.
type Rules struct {
	MaxBytes int           // of a record's value; more lets larger records in; default 256 KiB
	MaxAhead time.Duration // of started_at before the moment of producing; more tolerates worse clocks; default 10 minutes
}

// Default returns the rules that need no thought.
func Default() Rules { return Rules{MaxBytes: 256 << 10, MaxAhead: 10 * time.Minute} }
