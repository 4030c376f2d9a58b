// Package worth says what an event is worth as evidence that a listener likes a song, in int64 fixed point.
//
//	worth.go  Event, Of, Skip, Decay, Age, Cap
//
// Fixed point with whole-day decay makes sums exact: any order, any split and any increment give the same figure.
package worth

import (
	"math"
)

// One is the weight of one fresh play heard to its end.
const One int64 = 1 << 20

// EarlyMs is how long a song must have played, in milliseconds, for a skip not to speak against it.
const EarlyMs = 30_000

// Kind is what a listener did.
type Kind uint8

// Kinds of events; others are worth nothing.
const (
	Other Kind = iota
	Play
	Like
	Unlike
	Save
)

// Event is what counts of one event; nil is unknown.
type Event struct {
	Kind     Kind
	MsPlayed *int64 // milliseconds heard
	TrackMs  *int64 // milliseconds of the song
	Skipped  *bool  // as the player said
	AgeDays  int    // whole days; see Age
}

// Skip reports whether a play was skipped: what the player said, else fewer than EarlyMs heard of a song not heard to
// its end. Without either a play is no skip.
func Skip(e Event) bool {
	switch {
	case e.Kind != Play:
		return false
	case e.Skipped != nil:
		return *e.Skipped
	case e.MsPlayed == nil || *e.MsPlayed >= EarlyMs:
		return false
	}
	return e.TrackMs == nil || *e.MsPlayed < *e.TrackMs
}

// Of returns the weight of an event, decayed.
//
//	play, skipped before EarlyMs or at an unknown moment   −1/2
//	play, with length heard and length of the song known   heard over length, at most 1
//	any other play                                         1
//	like, save                                             2 each
//	unlike                                                 −2
//
// The weight of a song is the sum over its events, so a replay counts again.
func Of(e Event, decay []int64) int64 {
	return fresh(e) * decay[min(max(e.AgeDays, 0), len(decay)-1)] / One
}

func fresh(e Event) int64 {
	switch e.Kind {
	case Like, Save:
		return 2 * One
	case Unlike:
		return -2 * One
	case Play:
	default:
		return 0
	}
	switch {
	case Skip(e) && (e.MsPlayed == nil || *e.MsPlayed < EarlyMs):
		return -One / 2
	case e.MsPlayed != nil && e.TrackMs != nil && *e.TrackMs > 0:
		heard := min(max(*e.MsPlayed, 0), *e.TrackMs)
		return int64(float64(One) * (float64(heard) / float64(*e.TrackMs)))
	}
	return One
}

// Decay returns the factor of each age in whole days, fixed point, One at age 0, halved every halfLife > 0 days, up to
// the first age whose factor is 0; older events have that one too.
func Decay(halfLife float64) []int64 {
	var table []int64
	for age := 0; ; age++ {
		f := int64(math.Round(float64(One) * math.Exp2(-float64(age)/halfLife)))
		table = append(table, f)
		if f == 0 {
			return table
		}
	}
}

// Cap returns what w counts, a part of all one listener would add to a cell, when the listener may add most > 0 in all: w
// while all ≤ most, else w · most / all, so that the parts keep their proportions. 0 ≤ w ≤ all; most ≤ 0 is no bound.
func Cap(w, all, most int64) int64 {
	if most <= 0 || all <= most {
		return w
	}
	return int64(float64(w) * (float64(most) / float64(all)))
}
