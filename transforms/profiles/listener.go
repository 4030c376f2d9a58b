package profiles

import (
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/worth"
)

// event is what the weight of a song needs of one event.
type event struct {
	song int32
	at   time.Time
	what worth.Event
}

// moodKey is a mood in a day part of a listener.
type moodKey struct {
	dayPart int // index in schemas.DayParts
	mood    int32
}

// history condenses the events of one listener; events come in time order.
type history struct {
	events    []event
	plays     int64
	skips     int64
	played    map[int32]bool // songs
	liked     map[int32]bool // songs whose last like or unlike is a like
	countries map[string]int64
	devices   map[string]int64
	dayParts  [5]int64
	moods     map[moodKey]int64
	first     *time.Time
	last      *time.Time
}

// reset empties the history for the next listener.
func (h *history) reset() {
	*h = history{
		events: h.events[:0], played: map[int32]bool{}, liked: map[int32]bool{},
		countries: map[string]int64{}, devices: map[string]int64{}, moods: map[moodKey]int64{},
	}
}

// add takes the next event.
func (h *history) add(p schemas.CleanPlay, songs *songTable) error {
	moods, err := songs.moodsOf(p.Song)
	if err != nil {
		return err
	}
	e := event{p.Song, p.StartedAt, worth.Event{Kind: kinds[p.Kind], MsPlayed: p.MsPlayed, TrackMs: p.TrackMs, Skipped: p.Skipped}}
	h.events = append(h.events, e)
	if p.Country != "" {
		h.countries[p.Country]++
	}
	switch e.what.Kind {
	case worth.Like:
		h.liked[p.Song] = true
	case worth.Unlike:
		delete(h.liked, p.Song)
	case worth.Play:
		h.addPlay(p, e, moods)
	}
	return nil
}

var kinds = map[string]worth.Kind{
	schemas.KindPlay: worth.Play, schemas.KindLike: worth.Like, schemas.KindUnlike: worth.Unlike, schemas.KindSave: worth.Save,
}

func (h *history) addPlay(p schemas.CleanPlay, e event, moods []int32) {
	h.plays++
	h.played[p.Song] = true
	if worth.Skip(e.what) {
		h.skips++
	}
	at := p.StartedAt
	if h.first == nil {
		h.first = &at
	}
	h.last = &at
	if p.Device != "" {
		h.devices[p.Device]++
	}
	hour, _, known := localtime.Of(at, p.LocalMin)
	if !known {
		return
	}
	part := dayPartIndex(hour)
	h.dayParts[part]++
	for _, m := range moods {
		h.moods[moodKey{part, m}]++
	}
}

func dayPartIndex(hour int) int {
	name := schemas.DayPart(hour)
	for i, part := range schemas.DayParts {
		if part == name {
			return i
		}
	}
	panic("profiles: day part " + name + " is not among schemas.DayParts")
}
