package clean

import (
	"cmp"
	"context"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/zone"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[playsFn, work.Collect[playsOut], playsItem, playsOut, []playsOut]()
}

// playsItem is one user bucket of one landing folder.
type playsItem struct {
	dayItem
	Facts []lake.FileRef // none or one
	End   time.Time      // plays that start at or after belong to later nights; zero = there are none
}

// playsOut is what became of it.
type playsOut struct {
	Plays    lake.FileRef // CleanPlay by (user_id, started_at, event_id)
	Rejected *lake.FileRef
	Tally    tally
}

// playsFn turns the segments of one user bucket and folder into clean plays. It is kept: what other data add is in the facts.
type playsFn struct{ Limits limits }

// Version returns 2: clean plays are all it makes.
func (playsFn) Version() int { return 2 }

// Do writes the plays. Of those with one event id the earliest stays, unless an earlier day has it; then bursts are taken out.
func (f playsFn) Do(ctx context.Context, env *work.Env, item playsItem) ([]work.Keyed[playsOut], error) {
	rows, err := readRows[placed[schemas.Play]](ctx, env.Lake, item.Segments)
	if err != nil {
		return nil, err
	}
	e, err := openEncoder(ctx, env.Lake, item.Facts)
	if err != nil {
		return nil, err
	}
	var out playsOut
	kept, lost := f.choose(rows, item.End, e.repeated, &out.Tally)
	if out.Rejected, err = writeRejected(ctx, env, plays, item.name(), lost); err != nil {
		return nil, err
	}
	meta := segmentMeta()
	meta.RowGroupRows = tableRows
	if out.Plays, err = parquetio.WriteAll(ctx, env.Lake, env.File("plays-clean", item.name(), ".parquet"), meta, e.encode(kept)); err != nil {
		return nil, err
	}
	return []work.Keyed[playsOut]{{Key: item.name(), Value: out}}, nil
}

// choose returns the plays of the night by (user, start, event) and the rejected rows.
func (f playsFn) choose(rows []placed[schemas.Play], end time.Time, repeated map[int64]bool, t *tally) (kept []*placed[schemas.Play], lost []schemas.Rejected) {
	t.In = int64(len(rows))
	kept = make([]*placed[schemas.Play], 0, len(rows)) // rows are wide
	for i := range rows {
		switch p := &rows[i]; {
		case !end.IsZero() && !p.Row.StartedAt.Before(end):
			t.Later++
		case len(repeated) > 0 && repeated[eventHash(p.Row.UserID, p.Row.EventID)]:
			lost = append(lost, rejection(*p, schemas.ReasonDuplicateEvent))
		default:
			kept = append(kept, p)
		}
	}
	kept, again := uniquePlays(kept)
	kept, bursts := f.Limits.quarantine(kept)
	lost = slices.Concat(lost, again, bursts)
	for _, r := range lost {
		t.reject(r.Reason, 1)
	}
	t.Out = int64(len(kept))
	return kept, lost
}

// eventHash names an event of a listener.
func eventHash(user, event string) int64 { return int64(schemas.Hash64(0, user, event)) }

// uniqueListeners returns the listeners by id, each once, and the rows that repeat one.
func uniqueListeners(rows []placed[schemas.Listener]) ([]schemas.Listener, []schemas.Rejected) {
	rows = sorted(rows, func(a, b *placed[schemas.Listener]) int {
		return cmp.Or(cmp.Compare(a.Row.UserID, b.Row.UserID), byPlace(a, b))
	})
	kept, lost := unique(rows, func(a, b *schemas.Listener) bool { return a.UserID == b.UserID }, schemas.ReasonDuplicateID)
	out := make([]schemas.Listener, len(kept))
	for i := range kept {
		out[i] = kept[i].Row
	}
	return out, lost
}

// uniquePlays returns the plays by (user, start, event), each event of a listener once, the earliest, and the rows that repeat one.
func uniquePlays(rows []*placed[schemas.Play]) (kept []*placed[schemas.Play], lost []schemas.Rejected) {
	kept = make([]*placed[schemas.Play], 0, len(rows))
	events := map[string]struct{}{}
	for _, group := range byListener(rows) {
		slices.SortFunc(group, func(a, b *placed[schemas.Play]) int {
			if c := a.Row.StartedAt.Compare(b.Row.StartedAt); c != 0 {
				return c
			}
			return cmp.Or(cmp.Compare(a.Row.EventID, b.Row.EventID), byPlace(a, b))
		})
		clear(events)
		for _, p := range group {
			if _, again := events[p.Row.EventID]; again {
				lost = append(lost, rejection(*p, schemas.ReasonDuplicateEvent))
				continue
			}
			kept = append(kept, p)
			if len(group) > 1 {
				events[p.Row.EventID] = struct{}{}
			}
		}
	}
	return kept, lost
}

// byListener returns the rows of each listener, listeners in order.
func byListener(rows []*placed[schemas.Play]) [][]*placed[schemas.Play] {
	codes, of, users := map[string]int32{}, make([]int32, len(rows)), []string(nil)
	var counts []int
	for i, p := range rows {
		user := p.Row.UserID
		code, ok := codes[user]
		if !ok {
			code = int32(len(users))
			codes[user], users, counts = code, append(users, user), append(counts, 0)
		}
		of[i] = code
		counts[code]++
	}
	all, groups := make([]*placed[schemas.Play], 0, len(rows)), make([][]*placed[schemas.Play], len(users))
	slices.Sort(users)
	ordered := make([][]*placed[schemas.Play], len(users))
	for rank, user := range users {
		code := codes[user]
		from := len(all)
		all = all[:from+counts[code]]
		groups[code] = all[from:from]
		ordered[rank] = all[from:]
	}
	for i, code := range of {
		groups[code] = append(groups[code], rows[i])
	}
	return ordered
}

// encoder turns plays into rows of later stages.
type encoder struct {
	zones     *zone.Finder
	known     []schemas.Listener // of whom plays need something, by user_id
	durations map[string]int64   // milliseconds of songs whose plays do not say it
	repeated  map[int64]bool     // events that an earlier day has
}

// openEncoder reads the facts of a day.
func openEncoder(ctx context.Context, s lake.Store, facts []lake.FileRef) (*encoder, error) {
	e := &encoder{zones: zone.NewFinder(), durations: map[string]int64{}, repeated: map[int64]bool{}}
	rows, err := readRows[factRow](ctx, s, facts)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		switch {
		case r.UserID != "":
			e.known = append(e.known, schemas.Listener{UserID: r.UserID, TimeZone: r.TimeZone, Country: r.Country})
		case r.SongID != "":
			e.durations[r.SongID] = r.DurationMs
		default:
			e.repeated[r.Repeated] = true
		}
	}
	return e, nil
}

func (e *encoder) encode(rows []*placed[schemas.Play]) []schemas.CleanPlay {
	clean := make([]schemas.CleanPlay, len(rows))
	var l schemas.Listener
	for i := range rows {
		p := &rows[i].Row
		if i == 0 || p.UserID != l.UserID {
			l = e.listener(p.UserID)
		}
		clean[i] = e.play(p, &l)
	}
	return clean
}

// listener returns the snapshot's listener of that id, or one of whom nothing is known.
func (e *encoder) listener(user string) schemas.Listener {
	i, ok := slices.BinarySearchFunc(e.known, user, func(l schemas.Listener, id string) int { return cmp.Compare(l.UserID, id) })
	if !ok {
		return schemas.Listener{UserID: user}
	}
	return e.known[i]
}

func (e *encoder) play(p *schemas.Play, l *schemas.Listener) schemas.CleanPlay {
	c := schemas.CleanPlay{
		UserID: p.UserID, SongID: p.SongID, EventID: p.EventID, StartedAt: p.StartedAt, Kind: p.Kind, MsPlayed: p.MsPlayed, TrackMs: p.TrackMs,
		Skipped: p.Skipped, Device: p.Device, Country: cmp.Or(p.Country, l.Country), Place: p.Place, Context: p.Context,
	}
	if ms := e.durations[p.SongID]; (c.TrackMs == nil || *c.TrackMs == 0) && ms > 0 {
		c.TrackMs = &ms
	}
	if m, ok := e.localMin(p, l, c.Country); ok {
		c.LocalMin = &m
	}
	return c
}

// localMin finds the listener's clock from the best source there is: the play's offset, its zone, the listener's zone, the
// country where that has one time.
func (e *encoder) localMin(p *schemas.Play, l *schemas.Listener, country string) (int32, bool) {
	if p.UTCOffsetMinutes != nil {
		return *p.UTCOffsetMinutes, true
	}
	if m, ok := e.zones.InZone(p.TimeZone, p.StartedAt); ok {
		return m, true
	}
	if m, ok := e.zones.InZone(l.TimeZone, p.StartedAt); ok {
		return m, true
	}
	return e.zones.InCountry(country, p.StartedAt)
}
