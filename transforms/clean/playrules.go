package clean

import (
	"fmt"
	"strconv"
	"time"

	"segue/schemas"
	"segue/transforms/algo/country"
	"segue/transforms/algo/device"
	"segue/transforms/algo/zone"
)

// farFuture is how long after a night a play may start: a folder of old plays may hold those of a whole year after it.
const farFuture = 400 * 24 * time.Hour

// firstPlay is the earliest instant a play may have.
var firstPlay = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)

// playRules accept the plays of a night and give them an event id, a device class and a country code.
type playRules struct {
	Night time.Time // 00:00 UTC of the logical day
}

func (r playRules) check(p schemas.Play) (schemas.Play, verdict) {
	if reason := r.refuse(p); reason != "" {
		return p, verdict{Reason: reason}
	}
	if !p.StartedAt.Before(r.Night.Add(24 * time.Hour)) {
		return p, verdict{Later: true}
	}
	p.StartedAt = p.StartedAt.UTC().Truncate(time.Microsecond)
	if p.EventID == "" {
		p.EventID = eventID(p)
	}
	p.Device = device.Class(p.Device)
	p.Country = country.Code(p.Country)
	return p, verdict{}
}

func (r playRules) refuse(p schemas.Play) string {
	switch {
	case !utf8Strings(p.EventID, p.UserID, p.SongID, p.Kind, p.Device, p.TimeZone, p.Country, p.Place, p.Context):
		return schemas.ReasonInvalidUTF8
	case blank(p.UserID):
		return schemas.ReasonMissingUser
	case blank(p.SongID):
		return schemas.ReasonMissingSong
	case p.StartedAt.Before(firstPlay):
		return schemas.ReasonBadTime
	case !p.StartedAt.Before(r.Night.Add(farFuture)):
		return schemas.ReasonFutureTime
	case p.Kind != schemas.KindPlay && p.Kind != schemas.KindLike && p.Kind != schemas.KindUnlike && p.Kind != schemas.KindSave:
		return schemas.ReasonUnknownKind
	case p.MsPlayed != nil && *p.MsPlayed < 0, p.TrackMs != nil && *p.TrackMs < 0:
		return schemas.ReasonNegativeDuration
	case p.UTCOffsetMinutes != nil && !zone.Valid(*p.UTCOffsetMinutes):
		return schemas.ReasonBadOffset
	}
	return ""
}

func (playRules) id(p schemas.Play) string      { return p.UserID }
func (playRules) songs(p schemas.Play) []string { return []string{p.SongID} }

// eventID makes the id of a play that has none: 32 hex digits of listener, song, kind and instant.
func eventID(p schemas.Play) string {
	at := strconv.FormatInt(p.StartedAt.UnixMicro(), 10)
	return fmt.Sprintf("%016x%016x", schemas.Hash64(1, p.UserID, p.SongID, p.Kind, at), schemas.Hash64(2, p.UserID, p.SongID, p.Kind, at))
}
