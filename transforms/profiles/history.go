package profiles

import (
	"slices"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/taste"
	"segue/transforms/algo/worth"
	"segue/transforms/io/listenio"
)

// Memories in days.
const (
	recentHalfLife  = 7
	contextHalfLife = 14
	contextDays     = 28
)

// unknownPart is the number of the day part of plays without local time, after schemas.DayParts.
const unknownPart = 5

// did is what a listener did with one song.
type did struct {
	long, recent int64 // weight with either half-life, fixed point
	played, seen bool
	verdict      int8
}

// mix is decayed plays by day part and class, fixed point.
type mix struct {
	classes int
	plays   []int64 // [6 × classes]
	used    []int32 // which are not 0, in the order they came
	total   [unknownPart + 1]int64
}

func (m *mix) add(part int, class int32, weight int64) {
	at := int32(part*m.classes) + class
	if m.plays[at] == 0 && weight != 0 {
		m.used = append(m.used, at)
	}
	m.plays[at] += weight
	m.total[part] += weight
}

func (m *mix) reset(classes int) {
	if m.classes != classes || m.plays == nil {
		m.classes, m.plays = classes, make([]int64, (unknownPart+1)*classes)
	}
	for _, at := range m.used {
		m.plays[at] = 0
	}
	m.used, m.total = m.used[:0], [unknownPart + 1]int64{}
}

// context is where a listener listens: dimensions of schemas.ContextShare.
type contextKey struct{ weekpart, dayPart, device string }

// history is what one listener did, condensed; it is used again for the next one.
type history struct {
	songs    *songTable
	memory   memory
	partOf   [24]int // day part by local hour
	did      []did   // by song
	touched  []int32
	moods    mix
	genres   mix
	plays    int64
	skips    int64
	days     int64
	parts    [unknownPart + 1]int64
	hours    [24]int64
	devices  tally[string]
	places   tally[string]
	regions  tally[string] // days with events
	contexts tally[contextKey]
	facts    []facts // by number of the reader's cell
	uses     []use   // the same
	used     []int32 // cells with a use
	last     *listenio.Listener
}

// use is what a listener did in one cell.
type use struct {
	plays   int64
	context int64 // plays of the last contextDays, decayed, fixed point
}

// facts are where what is done in a cell counts; -1 = nowhere.
type facts struct {
	device, place, region, context, hour int32
	part                                 int
}

// memory is the decays by age.
type memory struct{ long, recent, context []int64 }

func newHistory(songs *songTable, halfLife float64, hours localtime.DayHours) *history {
	h := &history{
		songs: songs, did: make([]did, len(songs.ids)),
		memory: memory{worth.Decay(halfLife), worth.Decay(recentHalfLife), worth.Decay(contextHalfLife)},
	}
	for hour := range h.partOf {
		h.partOf[hour] = hours.Part(hour)
	}
	return h
}

func faded(weight int64, decay []int64, age int) int64 {
	return weight * decay[min(age, len(decay)-1)] / worth.One
}

// take condenses a listener; nil has no history. Weights decay from the day of the last event: decaying from the night would
// scale all weights of a listener alike, and lose those who have not played for long.
func (h *history) take(l *listenio.Listener, cells []listenio.Cell) {
	h.reset()
	for n := len(h.facts); n < len(cells); n++ {
		h.meet(cells[n])
	}
	if h.last = l; l == nil || len(l.Days) == 0 {
		return
	}
	last := l.Days[len(l.Days)-1].Day
	for i := range l.Days {
		day := &l.Days[i]
		before, region := h.plays, int32(-1)
		for _, x := range day.Listens {
			h.song(x, int(last-day.Day))
			if x.Plays > 0 {
				h.play(x, int(last-day.Day))
			}
			if r := h.facts[x.Cell].region; r != region && r >= 0 && (region < 0 || h.regions.name(r) > h.regions.name(region)) {
				region = r
			}
		}
		if h.plays > before {
			h.days++
		}
		if region >= 0 {
			h.regions.add(region, 1)
		}
	}
	slices.Sort(h.touched)
	for _, n := range h.used {
		h.situate(&h.facts[n], h.uses[n])
		h.uses[n] = use{}
	}
	h.used = h.used[:0]
}

// meet notes where what is done in a cell counts.
func (h *history) meet(c listenio.Cell) {
	f := facts{device: -1, place: -1, region: -1, context: -1, hour: c.Hour, part: unknownPart}
	if c.Device != "" {
		f.device = h.devices.number(c.Device)
	}
	if c.Place != "" {
		f.place = h.places.number(c.Place)
	}
	if c.Region != "" {
		f.region = h.regions.number(c.Region)
	}
	if c.Hour != listenio.UnknownHour {
		f.part = h.partOf[c.Hour]
		f.context = h.contexts.number(contextKey{c.Weekpart, schemas.DayParts[f.part], c.Device})
	}
	h.facts, h.uses = append(h.facts, f), append(h.uses, use{})
}

// situate adds what was done in one cell to devices, places, hours and contexts.
func (h *history) situate(f *facts, u use) {
	if f.device >= 0 {
		h.devices.add(f.device, u.plays)
	}
	if f.place >= 0 {
		h.places.add(f.place, u.plays)
	}
	if f.context >= 0 {
		h.hours[f.hour] += u.plays
		h.contexts.add(f.context, u.context)
	}
	h.parts[f.part] += u.plays
}

func (h *history) reset() {
	for _, s := range h.touched {
		h.did[s] = did{}
	}
	h.touched = h.touched[:0]
	h.moods.reset(len(h.songs.moods.names))
	h.genres.reset(len(h.songs.genres.names))
	h.plays, h.skips, h.days, h.parts, h.hours = 0, 0, 0, [unknownPart + 1]int64{}, [24]int64{}
	h.devices.reset()
	h.places.reset()
	h.regions.reset()
	h.contexts.reset()
}

func (h *history) song(x listenio.Listen, age int) {
	d := &h.did[x.Song]
	if !d.seen {
		d.seen, h.touched = true, append(h.touched, x.Song)
	}
	d.long += faded(x.Weight, h.memory.long, age)
	d.recent += faded(x.Weight, h.memory.recent, age)
	if x.Plays > 0 {
		d.played = true
	}
	if x.Verdict != 0 {
		d.verdict = x.Verdict
	}
}

func (h *history) play(x listenio.Listen, age int) {
	n := int64(x.Plays)
	h.plays, h.skips = h.plays+n, h.skips+int64(x.Skips)
	u, part := &h.uses[x.Cell], h.facts[x.Cell].part
	if u.plays == 0 {
		h.used = append(h.used, x.Cell)
	}
	u.plays += n
	if part != unknownPart && age < contextDays {
		u.context += faded(n*worth.One, h.memory.context, age)
	}
	weight := faded(n*worth.One, h.memory.long, age)
	for _, m := range h.songs.moods.classes(x.Song) {
		h.moods.add(part, m, weight)
	}
	for _, g := range h.songs.genres.classes(x.Song) {
		h.genres.add(part, g, weight)
	}
}

// weights returns the weight of every song, by song, with a long or a short memory, in the memory of buffer.
func (h *history) weights(buffer *[]taste.Weight, recent bool) []taste.Weight {
	out := (*buffer)[:0]
	for _, s := range h.touched {
		w := taste.Weight{Song: s, Weight: h.did[s].long}
		if recent {
			w.Weight = h.did[s].recent
		}
		out = append(out, w)
	}
	*buffer = out
	return out
}
