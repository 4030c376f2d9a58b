package world

import "math/rand/v2"

// habit is the hour that a listener mostly starts to listen at, and the device then; nil is none.
type habit struct{ at, on int }

// habitShare is the part of sessions that keep to it, within an hour.
const habitShare = 0.75

// newHabit returns the habit of listener i; nil in worlds where all share their hours.
func newHabit(p Params, i int) *habit {
	if !p.OwnHours {
		return nil
	}
	r := stream(p.Seed, "habit", i)
	at := startHours.draw(r)
	return &habit{at, pick(r, deviceAt(at))}
}

// hour draws a local hour of a session.
func (h *habit) hour(r *rand.Rand) int {
	if h == nil || r.Float64() >= habitShare {
		return startHours.draw(r)
	}
	return (h.at + 23 + r.IntN(3)) % 24
}

// device draws the device of a session.
func (h *habit) device(r *rand.Rand, hour int) int {
	if h != nil && (hour-h.at+25)%24 <= 2 {
		return h.on
	}
	return pick(r, deviceAt(hour))
}
