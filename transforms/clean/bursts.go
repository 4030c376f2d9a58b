package clean

import (
	"math"
	"slices"

	"segue/schemas"
	"segue/transforms/io/listenio"
)

const (
	// tailMs is how long, in milliseconds, a play may sound on after the start of another without counting as at once.
	tailMs = 60_000
	// longestMs is what a play is taken to sound at most: a player's broken count must not last for ever.
	longestMs = 6 * 60 * 60 * 1000
)

// limits say what one listener can do. Its exported fields are configuration.
type limits struct {
	EventsADay int // 0 = no bound
	AtOnce     int // 0 = no bound
}

// quarantine takes out what no person does: all events of a UTC day with more than EventsADay of one listener, and plays
// that start while AtOnce others of the same listener still sound for more than a minute. Plays of an unknown length sound
// for none; plays taken out sound like others.
//
// Rows come by (user, start, event), each event once. Cost: linear.
func (l limits) quarantine(rows []*placed[schemas.Play]) (kept []*placed[schemas.Play], lost []schemas.Rejected) {
	kept = rows[:0]
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].Row.UserID == rows[from].Row.UserID {
			to++
		}
		k, gone := l.listener(rows[from:to])
		kept, lost = append(kept, k...), append(lost, gone...)
		from = to
	}
	return kept, lost
}

// listener returns the rows of one listener that stay, in place, and the others.
func (l limits) listener(rows []*placed[schemas.Play]) (kept []*placed[schemas.Play], lost []schemas.Rejected) {
	kept = rows[:0]
	sounding := slices.Repeat([]int64{math.MinInt64}, l.AtOnce) // the latest ends in Unix milliseconds, ascending
	for from := 0; from < len(rows); {
		to, day := from+1, listenio.DayOf(rows[from].Row.StartedAt)
		for to < len(rows) && listenio.DayOf(rows[to].Row.StartedAt) == day {
			to++
		}
		tooMany := l.EventsADay > 0 && to-from > l.EventsADay
		for _, row := range rows[from:to] {
			switch over := overlaps(&row.Row, sounding); {
			case tooMany:
				lost = append(lost, rejection(*row, schemas.ReasonTooMany))
			case over:
				lost = append(lost, rejection(*row, schemas.ReasonOverlap))
			default:
				kept = append(kept, row)
			}
		}
		from = to
	}
	return kept, lost
}

// overlaps reports whether a play starts while all of sounding go on for more than a minute, and adds it to them.
func overlaps(p *schemas.Play, sounding []int64) bool {
	if p.Kind != schemas.KindPlay || len(sounding) == 0 {
		return false
	}
	start := p.StartedAt.UnixMilli()
	over := sounding[0] > start+tailMs
	end := start + heardMs(p)
	if at, _ := slices.BinarySearch(sounding, end); at > 0 {
		copy(sounding, sounding[1:at])
		sounding[at-1] = end
	}
	return over
}

// heardMs returns how long a play sounded: what was heard, at most the song; 0 = unknown.
func heardMs(p *schemas.Play) int64 {
	if p.MsPlayed == nil {
		return 0
	}
	ms := min(*p.MsPlayed, longestMs)
	if p.TrackMs != nil && *p.TrackMs > 0 {
		ms = min(ms, *p.TrackMs)
	}
	return ms
}
