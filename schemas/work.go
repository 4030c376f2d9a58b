package schemas

import (
	"cmp"
	"time"
)

// CleanPlay is one play between stages, sorted by (user_id, started_at, event_id) within its file.
type CleanPlay struct {
	UserID    string    `parquet:"user_id,dict"`
	SongID    string    `parquet:"song_id,dict"`
	EventID   string    `parquet:"event_id,plain"`
	StartedAt time.Time `parquet:"started_at,timestamp(microsecond)"`
	Kind      string    `parquet:"kind,dict"`
	MsPlayed  *int64    `parquet:"ms_played,optional,plain"`
	TrackMs   *int64    `parquet:"track_ms,optional,plain"` // from the play, else the song's duration
	Skipped   *bool     `parquet:"skipped,optional"`
	Device    string    `parquet:"device,dict"`              // taxonomy of devices; Unknown when not given
	LocalMin  *int32    `parquet:"local_min,optional,plain"` // local minus UTC in minutes at that instant; nil = unknown
	Country   string    `parquet:"country,dict"`             // play's, else the listener's; "" = unknown
	Place     string    `parquet:"place,dict"`
	Context   string    `parquet:"context,dict"`
}

// ComparePlays orders plays by (user_id, started_at, event_id).
func ComparePlays(a, b *CleanPlay) int {
	if c := cmp.Compare(a.UserID, b.UserID); c != 0 {
		return c
	}
	return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.EventID, b.EventID))
}

// CleanPlaylist is one playlist between stages: songs as dense indices, each once, in playlist order.
type CleanPlaylist struct {
	PlaylistID string  `parquet:"playlist_id,plain"`
	Name       string  `parquet:"name,plain"`
	HeldOut    bool    `parquet:"held_out"` // never trained on
	Songs      []int32 `parquet:"songs,list" parquet-element:"element,plain"`
}
