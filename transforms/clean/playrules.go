package clean

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/algo/device"
	"segue/transforms/algo/zone"
	"segue/transforms/io/work"
)

// farFuture is how long after its folder's date a play may start: a folder of old plays may hold those of a whole year.
const farFuture = 400 * 24 * time.Hour

// firstPlay is the earliest instant a play may have.
var firstPlay = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)

// playRules accept plays and give them an event id, a device class and a country code. Nothing in them knows the night.
type playRules struct {
	until time.Time // plays that start at or after are broken clocks
}

// playsSplitFn is the split of plays, one part a day folder or less. It is kept: a night reads the landing plays of folders
// that are new to the lake, and of those that were corrected.
type playsSplitFn struct {
	splitFn[schemas.Play, playRules]
}

// Version returns 4: segments go by the day of their folder, and ids have a bound.
func (playsSplitFn) Version() int { return 4 }

// Do is that of splitFn.
func (f playsSplitFn) Do(ctx context.Context, env *work.Env, p part) ([]work.Keyed[splitOut], error) {
	f.Rules.until = p.Until
	return f.splitFn.Do(ctx, env, p)
}

func (r playRules) check(p *schemas.Play) verdict {
	if reason := r.refuse(p); reason != "" {
		return verdict{Reason: reason}
	}
	p.StartedAt = p.StartedAt.UTC().Truncate(time.Microsecond)
	if p.EventID == "" {
		p.EventID = eventID(p)
	}
	var v verdict
	given := p.Device
	if p.Device = device.Class(given); p.Device == device.Other && given != device.Other {
		v.Device = strings.ToValidUTF8(given[:min(len(given), maxDeviceName)], "")
	}
	p.Country, v.Country = countryOf(p.Country)
	return v
}

func (r playRules) refuse(p *schemas.Play) string {
	switch {
	case !utf8Strings(p.EventID, p.UserID, p.SongID, p.Kind, p.Device, p.TimeZone, p.Country, p.Place, p.Context):
		return schemas.ReasonInvalidUTF8
	case blank(p.UserID):
		return schemas.ReasonMissingUser
	case blank(p.SongID):
		return schemas.ReasonMissingSong
	case tooLong(p.EventID) || tooLong(p.UserID) || tooLong(p.SongID):
		return schemas.ReasonLongID
	case p.StartedAt.Before(firstPlay):
		return schemas.ReasonBadTime
	case !p.StartedAt.Before(r.until):
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

func (playRules) id(p *schemas.Play) string      { return p.UserID }
func (playRules) songs(p *schemas.Play) []string { return []string{p.SongID} }

// eventID makes the id of a play that has none: 32 hex digits of listener, song, kind and instant.
func eventID(p *schemas.Play) string {
	at := strconv.FormatInt(p.StartedAt.UnixMicro(), 10)
	return fmt.Sprintf("%016x%016x", schemas.Hash64(1, p.UserID, p.SongID, p.Kind, at), schemas.Hash64(2, p.UserID, p.SongID, p.Kind, at))
}
