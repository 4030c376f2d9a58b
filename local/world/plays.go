package world

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"segue/schemas"
)

// startHours weighs the local hours sessions start at.
var startHours = newWheel([]float64{2, 1, 1, 1, 1, 2, 5, 9, 9, 6, 5, 5, 6, 5, 5, 6, 8, 10, 10, 9, 9, 8, 6, 4})

var devices = []string{"phone", "desktop", "speaker", "tv", "car"}

// deviceAt weighs devices by local hour: desktops in office hours, speakers in the evening.
func deviceAt(hour int) []float64 {
	switch {
	case hour >= 9 && hour < 17:
		return []float64{4, 5, 1, .2, .6}
	case hour >= 17 && hour < 23:
		return []float64{4, 1, 4, 1.5, .8}
	default:
		return []float64{6, .5, 1.5, .3, 1.5}
	}
}

// plays returns the plays file, by time, then listener.
func plays(p Params, c *catalogue, who *people) []schemas.Play {
	var out []schemas.Play
	for i := range who.all {
		l := &player{listener: &who.all[i], c: c, r: stream(p.Seed, "plays", i), p: p}
		for day := range p.Days {
			date := p.Start.AddDate(0, 0, day)
			hours := make([]int, poisson(l.r, l.sessions))
			for h := range hours {
				hours[h] = startHours.draw(l.r)
			}
			slices.Sort(hours)
			for _, hour := range hours {
				l.session(date, hour)
			}
		}
		out = append(out, l.keep(p)...)
	}
	slices.SortFunc(out, func(a, b schemas.Play) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.UserID, b.UserID), cmp.Compare(a.EventID, b.EventID))
	})
	return out
}

// player is a listener while playing.
type player struct {
	*listener
	c    *catalogue
	r    *rand.Rand
	p    Params
	busy time.Time // until then the listener plays
	done []schemas.Play
	past []int // songs heard
}

// session plays songs from a local hour of date on, unless the listener plays still.
func (l *player) session(date time.Time, hour int) {
	at := time.Date(date.Year(), date.Month(), date.Day(), hour, l.r.IntN(60), l.r.IntN(60), 0, l.zone)
	device := devices[pick(l.r, deviceAt(hour))]
	if at.Before(l.busy) {
		return
	}
	for n := 2 + poisson(l.r, 9); n > 0; n-- {
		played := l.play(l.choose(hour, device), at, device)
		at = at.Add(time.Duration(played)*time.Millisecond + time.Duration(1+l.r.IntN(20))*time.Second)
	}
	l.busy = at
}

// choose draws a song: from the listener's styles, from those heard before, or what everybody hears; moods by hour decide.
func (l *player) choose(hour int, device string) (song int) {
	for range 8 {
		x := l.r.Float64()
		switch {
		case x < 0.2 && len(l.past) > 0:
			song = l.past[l.r.IntN(len(l.past))]
		case x < 0.85:
			style := l.styles[l.r.IntN(len(l.styles))]
			song = l.c.styles[style][l.c.inStyle[style].draw(l.r)]
		default:
			song = l.c.all.draw(l.r)
		}
		s := l.c.songs[song]
		available := len(s.countries) == 0 || slices.Contains(s.countries, homes[l.home].country)
		if available && (l.p.NoContext || l.r.Float64() < moodWeight(s.mood, hour, device)) {
			break
		}
	}
	return song
}

// play adds the event, and sometimes a like, and returns the milliseconds played.
func (l *player) play(i int, at time.Time, device string) int64 {
	s := l.c.songs[i]
	skip := 0.4
	if slices.Contains(l.styles, s.style) {
		skip = 0.12
	}
	ms, skipped := s.ms, l.r.Float64() < skip
	if skipped {
		ms = int64(2000 + l.r.IntN(28_000))
	}
	e := schemas.Play{
		EventID: fmt.Sprintf("%s-%d", l.id, len(l.done)), UserID: l.id, SongID: s.id, StartedAt: at.UTC(), Kind: schemas.KindPlay,
		MsPlayed: &ms, TrackMs: &s.ms, Skipped: &skipped, Device: device, Country: homes[l.home].country,
	}
	if _, offset := at.Zone(); l.tellsZone {
		minutes := int32(offset / 60)
		e.UTCOffsetMinutes = &minutes
	}
	l.done = append(l.done, e)
	l.past = append(l.past, i)
	if !skipped && l.r.Float64() < l.likesShare {
		like := e
		like.EventID, like.Kind, like.MsPlayed, like.Skipped = e.EventID+"-like", schemas.KindLike, nil, nil
		l.done = append(l.done, like)
	}
	return ms
}

// keep returns the plays that start within the world's days, some broken on purpose.
func (l *player) keep(p Params) []schemas.Play {
	end := p.Start.AddDate(0, 0, p.Days)
	out := slices.DeleteFunc(l.done, func(e schemas.Play) bool { return e.StartedAt.Before(p.Start) || !e.StartedAt.Before(end) })
	if l.p.BadShare == 0 {
		return out
	}
	for i := range out {
		if l.r.Float64() < l.p.BadShare {
			damage(&out[i], l.r.IntN(4))
		}
	}
	return out
}

func damage(e *schemas.Play, how int) {
	switch how {
	case 0:
		e.SongID = ""
	case 1:
		minus := int64(-1)
		e.MsPlayed = &minus
	case 2:
		e.Kind = "hum"
	default:
		offset := int32(3000)
		e.UTCOffsetMinutes = &offset
	}
}
