package clean

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/zone"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[playsFn, work.Collect[bucketOut], bucketItem, bucketOut, []bucketOut]()
}

// playsFn turns the segments of one user bucket into clean plays and listeners.
type playsFn struct {
	End    time.Time // plays that start at or after belong to later nights
	Limits limits
}

// Do writes the plays of a bucket by (user_id, started_at, event_id) and its listeners by user_id: those of the snapshot
// and those who only played. Of plays with one event id the earliest stays, of repeated listeners the first in the input;
// then bursts are taken out.
func (f playsFn) Do(ctx context.Context, env *work.Env, b bucketItem) ([]work.Keyed[bucketOut], error) {
	x, err := openIndex(ctx, env.Lake, b.Index)
	if err != nil {
		return nil, err
	}
	listenerRows, err := readRows[placed[schemas.Listener]](ctx, env.Lake, b.Others)
	if err != nil {
		return nil, err
	}
	playRows, err := readRows[placed[schemas.Play]](ctx, env.Lake, b.Segments)
	if err != nil {
		return nil, err
	}
	var out bucketOut
	known, lostListeners := uniqueListeners(listenerRows)
	out.Others = tally{In: int64(len(listenerRows)), Out: int64(len(known))}
	out.Others.reject(schemas.ReasonDuplicateID, int64(len(lostListeners)))
	kept, lost := f.choose(playRows, &out.Tally)
	if out.Rejected, err = writeRejected(ctx, env, plays, b, append(lost, lostListeners...)); err != nil {
		return nil, err
	}
	e := encoder{x: x, zones: zone.NewFinder(), known: known, counts: map[int32]*countRow{}}
	clean, err := e.encode(kept)
	if err != nil {
		return nil, err
	}
	return e.write(ctx, env, b, clean, out)
}

// choose returns the plays of the night by (user, start, event) and the rejected rows.
func (f playsFn) choose(rows []placed[schemas.Play], t *tally) (kept []placed[schemas.Play], lost []schemas.Rejected) {
	t.In = int64(len(rows))
	kept = slices.DeleteFunc(rows, func(p placed[schemas.Play]) bool { return !p.Row.StartedAt.Before(f.End) })
	t.Later = t.In - int64(len(kept))
	kept, lost = uniquePlays(kept)
	kept, bursts := f.Limits.quarantine(kept)
	lost = append(lost, bursts...)
	for _, r := range lost {
		t.reject(r.Reason, 1)
	}
	t.Out = int64(len(kept))
	return kept, lost
}

// uniqueListeners returns the listeners by id, each once, and the rows that repeat one.
func uniqueListeners(rows []placed[schemas.Listener]) ([]schemas.Listener, []schemas.Rejected) {
	slices.SortFunc(rows, func(a, b placed[schemas.Listener]) int {
		return cmp.Or(cmp.Compare(a.Row.UserID, b.Row.UserID), byPlace(a, b))
	})
	kept, lost := unique(rows, func(a, b *schemas.Listener) bool { return a.UserID == b.UserID }, schemas.ReasonDuplicateID)
	out := make([]schemas.Listener, len(kept))
	for i := range kept {
		out[i] = kept[i].Row
	}
	return out, lost
}

// uniquePlays returns the plays by (user, start, event), each event of a listener once, and the rows that repeat one.
func uniquePlays(rows []placed[schemas.Play]) ([]placed[schemas.Play], []schemas.Rejected) {
	slices.SortFunc(rows, func(a, b placed[schemas.Play]) int {
		return cmp.Or(cmp.Compare(a.Row.UserID, b.Row.UserID), cmp.Compare(a.Row.EventID, b.Row.EventID), a.Row.StartedAt.Compare(b.Row.StartedAt), byPlace(a, b))
	})
	kept, lost := unique(rows, func(a, b *schemas.Play) bool { return a.UserID == b.UserID && a.EventID == b.EventID }, schemas.ReasonDuplicateEvent)
	slices.SortFunc(kept, func(a, b placed[schemas.Play]) int {
		return cmp.Or(cmp.Compare(a.Row.UserID, b.Row.UserID), a.Row.StartedAt.Compare(b.Row.StartedAt), cmp.Compare(a.Row.EventID, b.Row.EventID))
	})
	return kept, lost
}

// encoder turns the plays of one bucket into rows of later stages.
type encoder struct {
	x         *index
	zones     *zone.Finder
	known     []schemas.Listener // snapshot by user_id
	listeners []schemas.Listener // of the plays, by user_id
	counts    map[int32]*countRow
}

func (e *encoder) encode(rows []placed[schemas.Play]) ([]schemas.CleanPlay, error) {
	clean := make([]schemas.CleanPlay, 0, len(rows))
	for from := 0; from < len(rows); {
		to, user := from, rows[from].Row.UserID
		heard := map[int32]struct{}{}
		l := e.listener(user)
		for ; to < len(rows) && rows[to].Row.UserID == user; to++ {
			p := &rows[to].Row
			song, err := e.x.song(p.SongID)
			if err != nil {
				return nil, fmt.Errorf("encode play %s: %w", p.EventID, err)
			}
			clean = append(clean, e.play(p, &l, song))
			e.count(p.Kind, song, heard)
		}
		e.listeners = append(e.listeners, l)
		from = to
	}
	return clean, nil
}

// listener returns the snapshot's listener of that id, or one of whom nothing is known.
func (e *encoder) listener(user string) schemas.Listener {
	i, ok := slices.BinarySearchFunc(e.known, user, func(l schemas.Listener, id string) int { return cmp.Compare(l.UserID, id) })
	if !ok {
		return schemas.Listener{UserID: user}
	}
	return e.known[i]
}

// count counts events of kind play, and each listener of a song once.
func (e *encoder) count(kind string, song int32, heard map[int32]struct{}) {
	if kind != schemas.KindPlay {
		return
	}
	c := countOf(e.counts, song)
	c.Plays++
	if _, ok := heard[song]; !ok {
		heard[song] = struct{}{}
		c.Listeners++
	}
}

func (e *encoder) play(p *schemas.Play, l *schemas.Listener, song int32) schemas.CleanPlay {
	c := schemas.CleanPlay{
		UserID: p.UserID, Song: song, EventID: p.EventID, StartedAt: p.StartedAt, Kind: p.Kind, MsPlayed: p.MsPlayed, TrackMs: p.TrackMs,
		Skipped: p.Skipped, Device: p.Device, Country: cmp.Or(p.Country, l.Country), Place: p.Place, Context: p.Context,
	}
	if ms := e.x.durations[song]; (c.TrackMs == nil || *c.TrackMs == 0) && ms > 0 {
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

// all returns the listeners of the snapshot and of the plays, by user_id, each once; zones that do not exist become unknown.
func (e *encoder) all() []schemas.Listener {
	all := append(slices.Clone(e.known), e.listeners...)
	slices.SortStableFunc(all, func(a, b schemas.Listener) int { return cmp.Compare(a.UserID, b.UserID) })
	all = slices.CompactFunc(all, func(a, b schemas.Listener) bool { return a.UserID == b.UserID })
	for i := range all {
		if !e.zones.Known(all[i].TimeZone) {
			all[i].TimeZone = ""
		}
	}
	return all
}

func (e *encoder) write(ctx context.Context, env *work.Env, b bucketItem, clean []schemas.CleanPlay, out bucketOut) ([]work.Keyed[bucketOut], error) {
	var err error
	meta := workMeta(env, schemas.WorkPlays, "user_id", "started_at", "event_id")
	if out.File, err = parquetio.WriteAll(ctx, env.Lake, env.File("plays-clean", b.name(), ".parquet"), meta, clean); err != nil {
		return nil, err
	}
	meta = workMeta(env, schemas.WorkListeners, "user_id")
	if out.Other, err = parquetio.WriteAll(ctx, env.Lake, env.File("listeners-clean", b.name(), ".parquet"), meta, e.all()); err != nil {
		return nil, err
	}
	if out.Counts, err = writeCounts(ctx, env, "plays-counts", b, e.counts); err != nil {
		return nil, err
	}
	return one(b, out), nil
}
