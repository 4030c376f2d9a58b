package schemas

import "time"

// Playlist is one landing row of playlists: a full snapshot holds every playlist once.
type Playlist struct {
	PlaylistID string     `parquet:"playlist_id,plain"`                           // unique within a snapshot; empty is rejected
	OwnerID    string     `parquet:"owner_id,dict"`                               // "" = unknown
	Name       string     `parquet:"name,plain"`                                  // "" = unnamed
	ModifiedAt *time.Time `parquet:"modified_at,optional,timestamp(microsecond)"` // nil = unknown
	Followers  *int64     `parquet:"followers,optional,plain"`                    // people; nil = unknown
	Songs      []string   `parquet:"songs,list" parquet-element:"element,dict"`   // song ids in playlist order; may repeat
}

// Song is one landing row of songs: a full snapshot holds every known song once.
type Song struct {
	SongID        string   `parquet:"song_id,plain"`
	Title         string   `parquet:"title,plain"`                                    // "" = unknown
	Artists       []string `parquet:"artists,list" parquet-element:"element,dict"`    // names, main artist first; empty = unknown
	ArtistIDs     []string `parquet:"artist_ids,list" parquet-element:"element,dict"` // same order; made from the normalised name when the input has none
	Album         string   `parquet:"album,dict"`
	Genres        []string `parquet:"genres,list" parquet-element:"element,dict"`
	Moods         []string `parquet:"moods,list" parquet-element:"element,dict"`
	Tempo         *float32 `parquet:"tempo,optional,plain"`                          // beats a minute; nil = unknown
	DurationMs    *int64   `parquet:"duration_ms,optional,plain"`                    // milliseconds; nil = unknown
	ReleaseDate   string   `parquet:"release_date,dict"`                             // YYYY, YYYY-MM or YYYY-MM-DD; "" = unknown
	Countries     []string `parquet:"countries,list" parquet-element:"element,dict"` // ISO codes where it may be played; empty = everywhere
	ArtistCountry string   `parquet:"artist_country,dict"`                           // ISO code; "" = unknown
	VersionOf     string   `parquet:"version_of,dict"`                               // song_id of the recording's main version; "" = none
}

// Listener is one landing row of users: a full snapshot, optional.
type Listener struct {
	UserID     string     `parquet:"user_id,plain"`
	Country    string     `parquet:"country,dict"`   // ISO code; "" = unknown
	TimeZone   string     `parquet:"time_zone,dict"` // IANA name; "" = unknown
	SignedUpAt *time.Time `parquet:"signed_up_at,optional,timestamp(microsecond)"`
	Genres     []string   `parquet:"genres,list" parquet-element:"element,dict"` // picked at sign-up
}

// Kinds of Play.
const (
	KindPlay   = "play"
	KindLike   = "like"
	KindUnlike = "unlike"
	KindSave   = "save"
)

// Play is one landing row of plays; a day's increment holds the plays that started on that UTC day.
type Play struct {
	EventID          string    `parquet:"event_id,plain"` // unique a listener; made from listener, song, kind and instant when the input has none
	UserID           string    `parquet:"user_id,dict"`
	SongID           string    `parquet:"song_id,dict"`
	StartedAt        time.Time `parquet:"started_at,timestamp(microsecond)"` // UTC
	Kind             string    `parquet:"kind,dict"`                         // KindPlay, KindLike, KindUnlike or KindSave
	MsPlayed         *int64    `parquet:"ms_played,optional,plain"`          // milliseconds; nil = unknown
	TrackMs          *int64    `parquet:"track_ms,optional,plain"`           // the song's length as the player knew it; nil = unknown
	Skipped          *bool     `parquet:"skipped,optional"`                  // nil = unknown
	Device           string    `parquet:"device,dict"`                       // "" = unknown
	UTCOffsetMinutes *int32    `parquet:"utc_offset_minutes,optional,plain"` // local minus UTC; nil = unknown
	TimeZone         string    `parquet:"time_zone,dict"`                    // IANA name; "" = unknown
	Country          string    `parquet:"country,dict"`                      // ISO code; "" = unknown
	Place            string    `parquet:"place,dict"`                        // home, gym, commute …; "" = unknown
	Context          string    `parquet:"context,dict"`                      // what it was played from (playlist, radio …); "" = unknown
}

// Rejected is one input record that was not used, with the reason; published as table rejected.
type Rejected struct {
	Source   string `parquet:"source,dict"`    // input file or lake key
	Position int64  `parquet:"position,plain"` // line, array index or row within source, from 1; 0 = the whole file
	Reason   string `parquet:"reason,dict"`    // why, such as missing_id, unreadable_record or duplicate_id
	Record   string `parquet:"record,plain"`   // the record as read, cut at 1 KiB, invalid UTF-8 replaced
}

// MaxID is how long the id of a play, song, listener or playlist may be, in bytes.
const MaxID = 1 << 10

// Reasons of Rejected. ReasonTooLong is a cut, not a loss: the playlist stays, its tail goes.
const (
	ReasonUnreadable       = "unreadable_record"
	ReasonInvalidUTF8      = "invalid_utf8"
	ReasonMissingID        = "missing_id"
	ReasonMissingUser      = "missing_user"
	ReasonMissingSong      = "missing_song"
	ReasonLongID           = "id_too_long" // an id of the record is over MaxID
	ReasonBadTime          = "unparsable_time"
	ReasonFutureTime       = "time_after_night"
	ReasonNegativeDuration = "negative_duration"
	ReasonUnknownKind      = "unknown_kind"
	ReasonDuplicateEvent   = "duplicate_event_id"
	ReasonDuplicateID      = "duplicate_id"
	ReasonEmptyPlaylist    = "empty_playlist"
	ReasonTooLong          = "playlist_cut"
	ReasonBadOffset        = "offset_out_of_range"
	ReasonTooMany          = "too_many_events_a_day" // more than a person does: the listener's whole day is quarantined
	ReasonOverlap          = "overlapping_plays"     // more at once than a person hears
)
