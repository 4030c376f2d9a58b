package schemas

import "time"

// The event contract of topic plays: one JSON object a record, key = user_id, decoded by algo/playjson.
//
//	v                   integer  version of the contract; absent = 1
//	event_id            string   required; unique a listener: a repetition inside the lateness window counts once
//	user_id             string   required; equal to the record's key
//	song_id             string   required; inputs may say track_id
//	started_at          string   required; RFC 3339, or whole milliseconds since 1970 as a number
//	kind                string   play (default), like, unlike or save
//	ms_played, track_ms integer  milliseconds; absent = unknown
//	skipped             boolean  absent = unknown
//	utc_offset_minutes  integer  local minus UTC; absent = the one written with started_at, if any
//	device, time_zone, country, place, context  strings as in Play; absent = unknown
//
// An event, user or song id has at most MaxID bytes. Of place and context's kind, feature records keep 64 bytes.
// Other fields are counted and otherwise ignored. null is as if the field were absent. What cannot be used goes to the dead
// letters under why, such as missing_id, unreadable_record or duplicate_id.
const EventVersion = 1

// Topics of the live job.
const (
	TopicPlays       = "plays"
	TopicFeatures    = "session-features" // compacted, key = user_id, one JSON object a listener
	TopicDeadLetters = "plays-dead-letters"
)

// Headers of records of TopicFeatures.
const (
	HeaderSchemaVersion = "segue-schema-version" // FeaturesVersion in decimal digits
	HeaderRelease       = "segue-release"        // run id of the release whose songs and vectors were used; "" = none
)

// FeaturesVersion is the version of the records of TopicFeatures.
const FeaturesVersion = 1

// Reasons of dead letters beside those of Rejected.
const (
	ReasonTombstone      = "tombstone"        // a record without value
	ReasonTooLarge       = "record_too_large" // a value over the bound
	ReasonMissingKey     = "missing_key"      // a record without key: its partition says nothing of the listener
	ReasonKeyMismatch    = "key_is_not_user"  // key and user_id differ
	ReasonWrongType      = "wrong_type"       // a field of another type than the contract's
	ReasonUnknownVersion = "unknown_version"  // made by a newer contract
	ReasonMissingEventID = "missing_event_id" //
	ReasonClockAhead     = "time_in_future"   // started_at well after the record was produced
)

// ArchivedPlay is one play of TopicPlays kept in the lake. Its columns contain those of Play: the night reads it as one.
type ArchivedPlay struct {
	EventID          string    `parquet:"event_id,plain"`
	UserID           string    `parquet:"user_id,dict"`
	SongID           string    `parquet:"song_id,dict"`
	StartedAt        time.Time `parquet:"started_at,timestamp(microsecond)"`
	Kind             string    `parquet:"kind,dict"`
	MsPlayed         *int64    `parquet:"ms_played,optional,plain"`
	TrackMs          *int64    `parquet:"track_ms,optional,plain"`
	Skipped          *bool     `parquet:"skipped,optional"`
	Device           string    `parquet:"device,dict"`
	UTCOffsetMinutes *int32    `parquet:"utc_offset_minutes,optional,plain"`
	TimeZone         string    `parquet:"time_zone,dict"`
	Country          string    `parquet:"country,dict"`
	Place            string    `parquet:"place,dict"`
	Context          string    `parquet:"context,dict"`
	Partition        int32     `parquet:"partition,plain"`
	Offset           int64     `parquet:"offset,plain"`
	ProducedAt       time.Time `parquet:"produced_at,timestamp(microsecond)"` // time of the Kafka record
}

// LiveSession is one finished session as the live job saw it end. A session may be there several times: of rows of one listener
// that overlap in time the one with the highest (Offset, Generation, Timer) counts.
type LiveSession struct {
	UserID     string    `parquet:"user_id,dict"`
	StartedAt  time.Time `parquet:"started_at,timestamp(microsecond)"`
	EndedAt    time.Time `parquet:"ended_at,timestamp(microsecond)"` // latest end of a play
	Plays      int64     `parquet:"plays,plain"`
	Completes  int64     `parquet:"completes,plain"`
	Skips      int64     `parquet:"skips,plain"`
	Likes      int64     `parquet:"likes,plain"`
	MsPlayed   int64     `parquet:"ms_played,plain"`
	Device     string    `parquet:"device,dict"` // of the first play; "" = unknown
	Place      string    `parquet:"place,dict"`  // of the last play, as Country and Source
	Country    string    `parquet:"country,dict"`
	Source     string    `parquet:"source,dict"`
	Partition  int32     `parquet:"partition,plain"`
	Offset     int64     `parquet:"offset,plain"`     // of the newest record of the listener when it ended
	Generation int64     `parquet:"generation,plain"` // of the release in use
	Timer      int64     `parquet:"timer,plain"`      // 0 = a record ended it, more = time did
}

// Folders of the live job under the lake's root.
const (
	LivePlays     = "live/plays"     // Parquet of ArchivedPlay by hour of started_at: date=D/hour=HH/
	LiveSessions  = "live/sessions"  // Parquet of LiveSession by hour of started_at
	LiveLog       = "live/log"       // what of both counts: one entry a flush and partition
	LiveMerged    = "live/merged"    // entries that replace several of the log
	LiveSnapshots = "live/snapshots" // the state of each partition
)
