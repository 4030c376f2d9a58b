package world

import (
	"cmp"
	"context"
	"errors"
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

// event is a play, or a like, of the world before it is written as a row.
type event struct {
	at       int64 // Unix ms
	listener int32
	number   int32 // among the listener's plays and likes
	song     int32
	ms       int32 // played
	offset   int16 // of local time, minutes
	device   int8
	skipped  bool
	like     bool // of the play with the number before
	damage   int8 // 0 = none, else how it is broken
}

// writePlays writes the plays file, by time, then listener.
func writePlays(ctx context.Context, dir string, p Params, c *catalogue, who *people) error {
	days, err := eventsByDay(ctx, p, c, who)
	if err != nil {
		return err
	}
	f, err := create[schemas.Play](p.file(dir, "plays"))
	if err != nil {
		return err
	}
	for d, day := range days {
		rows := func(from, to int) []schemas.Play { return playRows(c, who, day[from:to]) }
		if err := inBlocks(ctx, len(day), rows, f.add); err != nil {
			return errors.Join(err, f.close())
		}
		days[d] = nil
	}
	return f.close()
}

// eventsByDay returns the events of each UTC day, by time, then listener.
func eventsByDay(ctx context.Context, p Params, c *catalogue, who *people) ([][]event, error) {
	days := make([][]event, p.Days)
	block := func(from, to int) []event {
		var out []event
		for i := from; i < to; i++ {
			out = append(out, listen(p, c, who, i)...)
		}
		return out
	}
	deal := func(block []event) error {
		for _, e := range block {
			day := (e.at - p.Start.UnixMilli()) / msADay
			days[day] = append(days[day], e)
		}
		return nil
	}
	if err := inBlocks(ctx, p.Users, block, deal); err != nil {
		return nil, err
	}
	for _, day := range days {
		slices.SortFunc(day, func(a, b event) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.listener, b.listener), cmp.Compare(a.number, b.number))
		})
	}
	return days, nil
}

const msADay = 24 * 60 * 60 * 1000

// listen returns the events of one listener that start within the world's days, by time.
func listen(p Params, c *catalogue, who *people, i int) []event {
	l := &player{listener: &who.all[i], number: int32(i), c: c, r: stream(p.Seed, "plays", i), p: p, own: newHabit(p, i)}
	for day := range p.Days {
		date := p.Start.AddDate(0, 0, day)
		hours := make([]int, poisson(l.r, l.sessions))
		for h := range hours {
			hours[h] = l.own.hour(l.r)
		}
		slices.Sort(hours)
		for _, hour := range hours {
			l.session(date, hour)
		}
	}
	return l.keep()
}

// player is a listener while playing.
type player struct {
	*listener
	number int32
	c      *catalogue
	r      *rand.Rand
	p      Params
	own    *habit    // nil = none
	busy   time.Time // until then the listener plays
	done   []event
	past   []int // songs heard
}

// session plays songs from a local hour of date on, unless the listener plays still.
func (l *player) session(date time.Time, hour int) {
	at := time.Date(date.Year(), date.Month(), date.Day(), hour, l.r.IntN(60), l.r.IntN(60), 0, l.zone)
	device := l.own.device(l.r, hour)
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
func (l *player) choose(hour, device int) (song int) {
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
		s := &l.c.songs[song]
		available := len(s.countries) == 0 || slices.Contains(s.countries, homes[l.home].country)
		if available && (l.p.NoContext || l.r.Float64() < moodWeight(s.mood, hour, devices[device])) {
			break
		}
	}
	return song
}

// play adds the event, and sometimes a like, and returns the milliseconds played.
func (l *player) play(i int, at time.Time, device int) int64 {
	s := &l.c.songs[i]
	skip := 0.4
	if slices.Contains(l.styles, s.style) {
		skip = 0.12
	}
	ms, skipped := s.ms, l.r.Float64() < skip
	if skipped {
		ms = int64(2000 + l.r.IntN(28_000))
	}
	_, offset := at.Zone()
	e := event{
		at: at.UnixMilli(), listener: l.number, number: int32(len(l.done)), song: int32(i), ms: int32(ms), offset: int16(offset / 60),
		device: int8(device), skipped: skipped,
	}
	l.done = append(l.done, e)
	l.past = append(l.past, i)
	if !skipped && l.r.Float64() < l.likesShare {
		e.like, e.number = true, e.number+1
		l.done = append(l.done, e)
	}
	return ms
}

// keep returns the events that start within the world's days, some broken on purpose.
func (l *player) keep() []event {
	start, end := l.p.Start.UnixMilli(), l.p.Start.AddDate(0, 0, l.p.Days).UnixMilli()
	out := slices.DeleteFunc(l.done, func(e event) bool { return e.at < start || e.at >= end })
	if l.p.BadShare == 0 {
		return out
	}
	for i := range out {
		if l.r.Float64() < l.p.BadShare {
			out[i].damage = int8(1 + l.r.IntN(4))
		}
	}
	return out
}

func playRows(c *catalogue, who *people, events []event) []schemas.Play {
	out := make([]schemas.Play, len(events))
	for i, e := range events {
		l, s := &who.all[e.listener], &c.songs[e.song]
		row := schemas.Play{
			EventID: fmt.Sprintf("%s-%d", l.id, e.number), UserID: l.id, SongID: s.id, StartedAt: time.UnixMilli(e.at).UTC(), Kind: schemas.KindPlay,
			TrackMs: &s.ms, Device: devices[e.device], Country: homes[l.home].country,
		}
		if e.like {
			row.EventID, row.Kind = fmt.Sprintf("%s-%d-like", l.id, e.number-1), schemas.KindLike
		} else {
			ms, skipped := int64(e.ms), e.skipped
			row.MsPlayed, row.Skipped = &ms, &skipped
		}
		if l.tellsZone {
			minutes := int32(e.offset)
			row.UTCOffsetMinutes = &minutes
		}
		damage(&row, e.damage)
		out[i] = row
	}
	return out
}

// damage breaks a row in one of four ways; 0 leaves it whole.
func damage(e *schemas.Play, how int8) {
	switch how {
	case 1:
		e.SongID = ""
	case 2:
		minus := int64(-1)
		e.MsPlayed = &minus
	case 3:
		e.Kind = "hum"
	case 4:
		offset := int32(3000)
		e.UTCOffsetMinutes = &offset
	}
}
