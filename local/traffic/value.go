package traffic

import (
	"encoding/json"
	"time"

	"segue/schemas"
)

// value is a play by the event contract.
type value struct {
	Version   int    `json:"v"`
	EventID   string `json:"event_id"`
	UserID    string `json:"user_id,omitempty"`
	SongID    string `json:"song_id"`
	StartedAt string `json:"started_at"`
	Kind      string `json:"kind"`
	MsPlayed  *int64 `json:"ms_played,omitempty"`
	TrackMs   *int64 `json:"track_ms,omitempty"`
	Skipped   *bool  `json:"skipped,omitempty"`
	Device    string `json:"device,omitempty"`
	Offset    *int32 `json:"utc_offset_minutes,omitempty"`
	TimeZone  string `json:"time_zone,omitempty"`
	Country   string `json:"country,omitempty"`
	Place     string `json:"place,omitempty"`
	Context   string `json:"context,omitempty"`
}

func valueOf(p *schemas.Play) value {
	return value{
		Version: schemas.EventVersion, EventID: p.EventID, UserID: p.UserID, SongID: p.SongID, StartedAt: p.StartedAt.Format(time.RFC3339Nano), Kind: p.Kind,
		MsPlayed: p.MsPlayed, TrackMs: p.TrackMs, Skipped: p.Skipped, Device: p.Device, Offset: p.UTCOffsetMinutes, TimeZone: p.TimeZone,
		Country: p.Country, Place: p.Place, Context: p.Context,
	}
}

// record returns the record as it is sent.
func (s *sending) record() Record {
	v := valueOf(s.play)
	r := Record{Due: s.due, Key: []byte(s.play.UserID)}
	if s.damage != noDamage {
		damages[s.damage](&r, &v)
	}
	if r.Value == nil && r.Key != nil || s.damage == withoutKey {
		r.Value = encode(&v)
	}
	if s.damage == tombstone {
		r.Value = nil
	}
	return r
}

func encode(v *value) []byte {
	b, err := json.Marshal(v)
	if err != nil { // strings, numbers and truth values
		panic("traffic: " + err.Error())
	}
	return b
}
