package clean

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[headFn, work.Collect[dayHead], dayItem, dayHead, []dayHead]()
}

// dayItem is one user bucket of one landing folder of plays.
type dayItem struct {
	Bucket   int
	Day      string // date of the folder
	Segments []lake.FileRef
}

func (d dayItem) name() string { return fmt.Sprintf("%04d-%s", d.Bucket, d.Day) }

// MemoryBytes returns what the rows of the item need decoded, about.
func (d dayItem) MemoryBytes() int64 { return 16 * sizeOf(d.Segments) }

// dayHead is what a day has for the others: its events, and what it asks of listeners and songs.
type dayHead struct {
	Day  string
	Head lake.FileRef // headRow
}

// headFn reads the head of one bucket and folder. It is kept.
type headFn struct{}

// Version returns 1.
func (headFn) Version() int { return 1 }

// headColumns are the columns of segments that heads need, by the constants below.
var headColumns = []string{"row.user_id", "row.song_id", "row.event_id", "row.started_at", "row.track_ms", "row.utc_offset_minutes", "row.country"}

const (
	headUser = iota
	headSong
	headEvent
	headStart
	headTrack
	headOffset
	headCountry
)

// Do writes the head: events by hash, once a start after the day, listeners and songs by id, each once.
func (headFn) Do(ctx context.Context, env *work.Env, item dayItem) ([]work.Keyed[dayHead], error) {
	h := dayHeads{end: math.MinInt64, users: map[string]struct{}{}, songs: map[string]struct{}{}}
	if day, err := time.Parse(time.DateOnly, item.Day); err == nil {
		h.end = day.Add(24 * time.Hour).UnixMicro()
	}
	c := make([]parquetio.Values, len(headColumns))
	for _, ref := range item.Segments {
		for g, err := range parquetio.Groups(ctx, env.Lake, ref) {
			if err == nil {
				err = g.LoadAll(ctx, headColumns, c)
			}
			if err != nil {
				return nil, err
			}
			for row := range g.Rows() {
				h.add(c, row)
			}
		}
	}
	head, err := parquetio.WriteAll(ctx, env.Lake, env.File("heads", item.name(), ".parquet"), segmentMeta(), h.rows())
	return []work.Keyed[dayHead]{{Key: item.name(), Value: dayHead{item.Day, head}}}, err
}

// event is the hash of an event, and its start where that is after the day.
type event struct{ hash, ahead int64 }

// dayHeads gathers the head of a day.
type dayHeads struct {
	end          int64 // of the day, Unix microseconds
	events       []event
	users, songs map[string]struct{}
}

func (h *dayHeads) add(c []parquetio.Values, row int) {
	user, ahead := c[headUser].Text(row), int64(0)
	if start := c[headStart].Ints[row]; start >= h.end {
		ahead = start
	}
	h.events = append(h.events, event{eventHash(user, c[headEvent].Text(row)), ahead})
	if !c[headOffset].Has(row) || c[headCountry].Text(row) == "" {
		h.users[user] = struct{}{}
	}
	if c[headTrack].Ints[row] == 0 {
		h.songs[c[headSong].Text(row)] = struct{}{}
	}
}

// rows returns the head, sorted.
func (h *dayHeads) rows() []headRow {
	rows := make([]headRow, 0, len(h.events)+len(h.users)+len(h.songs))
	slices.SortFunc(h.events, func(a, b event) int {
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		return cmp.Compare(a.ahead, b.ahead)
	})
	for _, e := range slices.Compact(h.events) {
		rows = append(rows, headRow{Event: e.hash, Ahead: e.ahead})
	}
	for _, id := range slices.Sorted(maps.Keys(h.users)) {
		rows = append(rows, headRow{UserID: id})
	}
	for _, id := range slices.Sorted(maps.Keys(h.songs)) {
		rows = append(rows, headRow{SongID: id})
	}
	return rows
}

// foldersOf returns the dates of the folders of plays, in order; the one of no folder when there are no plays.
func foldersOf(files []lake.FileRef) []string {
	days := map[string]struct{}{}
	for _, f := range files {
		days[dateOf(f.Key)] = struct{}{}
	}
	if len(days) == 0 {
		return []string{""}
	}
	return slices.Sorted(maps.Keys(days))
}

// plays runs the second phases of plays and listeners, hands on the plays and returns the listeners by bucket.
func (n *night) plays(days []string, events, listeners cut, index lake.FileRef, f playsFn) []bucketOut {
	var items []dayItem
	for b, segments := range events.days {
		for _, day := range days {
			items = append(items, dayItem{b, day, segments[day]})
		}
	}
	heads := phase(n, "heads", items, headFn{})
	if n.err != nil {
		return nil
	}
	end := n.sc.Date().Add(24 * time.Hour)
	joins := make([]joinItem, len(events.days))
	for b := range joins {
		joins[b] = joinItem{b, heads[b*len(days) : (b+1)*len(days)], listeners.rows[b], index}
	}
	joined := phase(n, "join", joins, joinFn{end})
	if n.err != nil {
		return nil
	}
	cleaned := phase(n, plays, playItems(items, joined, end), f)
	if n.err != nil {
		return nil
	}
	last := make([]listenersItem, len(joined))
	for b, j := range joined {
		n.note(users, j.Users, j.Rejected)
		last[b] = listenersItem{Bucket: b, Known: j.Known, Index: index}
		for _, out := range cleaned[b*len(days) : (b+1)*len(days)] {
			n.note(plays, out.Tally, out.Rejected)
			n.sc.Output(schemas.WorkPlays, out.Plays)
			last[b].Plays = append(last[b].Plays, out.Plays)
		}
	}
	return phase(n, "listeners", last, listenersFn{})
}

// playItems gives each day its facts, and the end of the night where it has plays of later ones.
func playItems(days []dayItem, joined []joined, end time.Time) []playsItem {
	items := make([]playsItem, 0, len(days))
	for _, j := range joined {
		for _, d := range j.Days {
			item := playsItem{dayItem: days[len(items)], Facts: files(d.Facts)}
			if d.Later {
				item.End = end
			}
			items = append(items, item)
		}
	}
	return items
}
