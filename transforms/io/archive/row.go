package archive

import (
	"time"

	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
)

// Play returns the row of a sound event.
func Play(partition int32, rec *sessions.Record, e *playjson.Event) schemas.ArchivedPlay {
	var b Buffer
	b.Add(rec, e)
	return b.plays[0].row(partition, string(b.texts))
}

// event is the reverse of Play.
func event(row *schemas.ArchivedPlay, e *playjson.Event) {
	*e = playjson.Event{
		EventID: []byte(row.EventID), UserID: []byte(row.UserID), SongID: []byte(row.SongID), StartedAt: row.StartedAt.UnixMicro(), Kind: []byte(row.Kind),
		Device: []byte(row.Device), TimeZone: []byte(row.TimeZone), Country: []byte(row.Country), Place: []byte(row.Place), Context: []byte(row.Context),
		MsPlayed: playjson.Unknown, TrackMs: playjson.Unknown,
	}
	if row.MsPlayed != nil {
		e.MsPlayed = *row.MsPlayed
	}
	if row.TrackMs != nil {
		e.TrackMs = *row.TrackMs
	}
	if row.Skipped != nil {
		e.Skipped = playjson.No
		if *row.Skipped {
			e.Skipped = playjson.Yes
		}
	}
	if row.UTCOffsetMinutes != nil {
		e.OffsetMinutes, e.HasOffset = *row.UTCOffsetMinutes, true
	}
}

// Session returns the row of a finished session.
func Session(partition int32, f *sessions.Finished) schemas.LiveSession {
	return schemas.LiveSession{
		UserID: f.User, StartedAt: time.UnixMicro(f.StartedAt).UTC(), EndedAt: time.UnixMicro(f.EndedAt).UTC(),
		Plays: f.Plays, Completes: f.Completes, Skips: f.Skips, Likes: f.Likes, MsPlayed: f.PlayedMs,
		Device: f.Device, Place: f.Place, Country: f.Country, Source: f.Source,
		Partition: partition, Offset: f.Version.Offset, Generation: f.Version.Generation, Timer: f.Version.Timer,
	}
}

func version(s *schemas.LiveSession) sessions.Version {
	return sessions.Version{Offset: s.Offset, Generation: s.Generation, Timer: s.Timer}
}

// Replay decodes archived plays for a shard: batches of its Records instead of Kafka's.
type Replay struct{ rows []schemas.ArchivedPlay }

// Records returns the records of rows, for the decoder to be given next; they hold until the next call.
func (r *Replay) Records(rows []schemas.ArchivedPlay) []sessions.Record {
	r.rows = rows
	out := make([]sessions.Record, len(rows))
	for i := range rows {
		out[i] = sessions.Record{Offset: rows[i].Offset, ProducedMs: rows[i].ProducedAt.UnixMilli(), Key: []byte(rows[i].UserID)}
	}
	return out
}

// Decode yields the rows in order, as sessions.Decoder.
func (r *Replay) Decode(_, _ []byte, _ int64, e *playjson.Event) playjson.Reason {
	event(&r.rows[0], e)
	r.rows = r.rows[1:]
	return ""
}
