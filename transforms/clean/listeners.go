package clean

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"segue/schemas"
	"segue/transforms/algo/zone"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[joinFn, work.Collect[joined], joinItem, joined, []joined]()
	work.Register[listenersFn, work.Collect[bucketOut], listenersItem, bucketOut, []bucketOut]()
}

// joinItem is one user bucket: its days beside the snapshot of listeners and the songs.
type joinItem struct {
	Bucket    int
	Days      []dayHead
	Listeners []lake.FileRef
	Index     lake.FileRef
}

// joined is what the days of a bucket need of other days, listeners and songs.
type joined struct {
	Known    lake.FileRef // Listener of the snapshot by user_id
	Days     []dayFacts
	Users    tally
	Rejected *lake.FileRef `json:",omitempty"` // listeners that repeat one
}

// dayFacts are what one day needs.
type dayFacts struct {
	Facts *lake.FileRef `json:",omitempty"` // factRow; nil = nothing
	Later bool          // it has plays of later nights
}

// joinFn finds them. Of an event that several folders have, the first folder's stays.
type joinFn struct {
	End time.Time // plays that start at or after belong to later nights
}

// Do writes the listeners of the snapshot, of repeated ones the first in the input, and the facts of each day.
func (f joinFn) Do(ctx context.Context, env *work.Env, item joinItem) ([]work.Keyed[joined], error) {
	x, err := openIndex(ctx, env.Lake, item.Index)
	if err != nil {
		return nil, err
	}
	rows, err := readRows[placed[schemas.Listener]](ctx, env.Lake, item.Listeners)
	if err != nil {
		return nil, err
	}
	var out joined
	known, lost := uniqueListeners(rows)
	out.Users = tally{In: int64(len(rows)), Out: int64(len(known))}
	out.Users.reject(schemas.ReasonDuplicateID, int64(len(lost)))
	name := fmt.Sprintf("%04d", item.Bucket)
	if out.Rejected, err = writeRejected(ctx, env, users, name, lost); err != nil {
		return nil, err
	}
	if out.Known, err = parquetio.WriteAll(ctx, env.Lake, env.File("listeners-known", name, ".parquet"), segmentMeta(), known); err != nil {
		return nil, err
	}
	a := answers{encoder{known: known}, x, f.End.UnixMicro(), map[int64]struct{}{}}
	if out.Days, err = a.write(ctx, env, name, item.Days); err != nil {
		return nil, err
	}
	return []work.Keyed[joined]{{Key: name, Value: out}}, nil
}

// factsAtOnce is how many files of facts a bucket writes at a time: they are small, and wait for the store.
const factsAtOnce = 8

// answers gives days their facts, one day after the other.
type answers struct {
	encoder
	x   *index
	end int64 // of the night, Unix microseconds
	met map[int64]struct{}
}

// write writes the facts of days.
func (a *answers) write(ctx context.Context, env *work.Env, bucket string, days []dayHead) ([]dayFacts, error) {
	out := make([]dayFacts, len(days))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(factsAtOnce)
	for i, d := range days {
		facts, later, err := a.of(ctx, env.Lake, d)
		if err != nil {
			return nil, cmp.Or(g.Wait(), err) // what was being written may be the cause
		}
		out[i].Later = later
		if len(facts) == 0 {
			continue
		}
		g.Go(func() error {
			ref, err := parquetio.WriteAll(ctx, env.Lake, env.File("facts", bucket+"-"+d.Day, ".parquet"), segmentMeta(), facts)
			out[i].Facts = &ref
			return err
		})
	}
	return out, g.Wait()
}

// of returns the facts of one day in the order of its head.
func (a *answers) of(ctx context.Context, s lake.Store, d dayHead) (facts []factRow, later bool, err error) {
	c := make([]parquetio.Values, 4)
	var last *int64
	for g, err := range parquetio.Groups(ctx, s, d.Head) {
		if err == nil {
			err = g.LoadAll(ctx, []string{"event", "ahead", "user_id", "song_id"}, c)
		}
		if err != nil {
			return nil, false, err
		}
		for row := range g.Rows() {
			event, user, song := c[0].Ints[row], c[2].Text(row), c[3].Text(row)
			switch {
			case user != "":
				facts = a.listenerFact(facts, user)
			case song != "":
				if facts, err = a.songFact(facts, song); err != nil {
					return nil, false, err
				}
			case c[1].Ints[row] >= a.end:
				later = true
			case last == nil || event != *last:
				before := len(a.met)
				a.met[event], last = struct{}{}, &event
				if len(a.met) == before {
					facts = append(facts, factRow{Repeated: event})
				}
			}
		}
	}
	return facts, later, nil
}

func (a *answers) listenerFact(facts []factRow, user string) []factRow {
	if l := a.listener(user); l.TimeZone != "" || l.Country != "" {
		facts = append(facts, factRow{UserID: l.UserID, TimeZone: l.TimeZone, Country: l.Country})
	}
	return facts
}

func (a *answers) songFact(facts []factRow, id string) ([]factRow, error) {
	song, err := a.x.song(id)
	if err != nil {
		return nil, err
	}
	if ms := a.x.durations[song]; ms > 0 {
		facts = append(facts, factRow{SongID: id, DurationMs: ms})
	}
	return facts, nil
}

// listenersItem is one user bucket with its clean plays of each day.
type listenersItem struct {
	Bucket int
	Plays  []lake.FileRef // CleanPlay by listener
	Known  lake.FileRef
	Index  lake.FileRef
}

// listenersFn unites the listeners of a bucket and counts its songs.
type listenersFn struct{}

// Do writes the listeners of the snapshot and of the plays by user_id, each once, zones that do not exist as unknown; and of each
// song the plays and the listeners who played it. Cost: 4 bytes a play, 16 a song of the index.
func (listenersFn) Do(ctx context.Context, env *work.Env, item listenersItem) ([]work.Keyed[bucketOut], error) {
	x, err := openIndex(ctx, env.Lake, item.Index)
	if err != nil {
		return nil, err
	}
	all, err := readRows[schemas.Listener](ctx, env.Lake, []lake.FileRef{item.Known})
	if err != nil {
		return nil, err
	}
	h := heard{index: x, numbers: map[string]int32{}}
	if err := h.read(ctx, env.Lake, item.Plays); err != nil {
		return nil, err
	}
	for user := range h.numbers {
		all = append(all, schemas.Listener{UserID: user})
	}
	b := bucketItem{Bucket: item.Bucket}
	var out bucketOut
	if out.Other, err = parquetio.WriteAll(ctx, env.Lake, env.File("listeners-clean", b.name(), ".parquet"), workMeta(env, schemas.WorkListeners, "user_id"), united(all)); err != nil {
		return nil, err
	}
	if out.Counts, err = writeCounts(ctx, env, "plays-counts", b, h.counts()); err != nil {
		return nil, err
	}
	return one(b, out), nil
}

// united returns the listeners by user_id, of repeated ones the first.
func united(all []schemas.Listener) []schemas.Listener {
	slices.SortStableFunc(all, func(a, b schemas.Listener) int { return cmp.Compare(a.UserID, b.UserID) })
	all = slices.CompactFunc(all, func(a, b schemas.Listener) bool { return a.UserID == b.UserID })
	zones := zone.NewFinder()
	for i := range all {
		if !zones.Known(all[i].TimeZone) {
			all[i].TimeZone = ""
		}
	}
	return all
}
