package listens

import (
	"context"
	"maps"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[bookFn, work.Collect[book], file, book, []book]()
}

// bookFn condenses one file of plays. It is kept.
type bookFn struct{}

// Version returns 1.
func (bookFn) Version() int { return 1 }

// columns of clean_plays that listens need, by the constants below.
var columns = []string{"user_id", "song_id", "started_at", "kind", "ms_played", "track_ms", "skipped", "device", "local_min", "country", "place"}

const (
	userID = iota
	songID
	startedAt
	kind
	msPlayed
	trackMs
	skipped
	device
	localMin
	country
	place
)

// Do returns the file's listens under the hash of its content: where it stands among others may change from night to night.
func (bookFn) Do(ctx context.Context, env *work.Env, item file) ([]work.Keyed[book], error) {
	ids, index, err := songsOf(ctx, env.Lake, item.Plays)
	if err != nil {
		return nil, err
	}
	b, out := listenio.NewBook(), book{Of: item.Plays.SHA256}
	c := make([]parquetio.Values, len(columns))
	for g, err := range parquetio.Groups(ctx, env.Lake, item.Plays) {
		if err == nil {
			err = g.LoadAll(ctx, columns, c)
		}
		if err != nil {
			return nil, err
		}
		for row := range g.Rows() {
			e := event(c, row)
			e.Song = index[c[songID].Text(row)]
			b.Add(e)
			if e.Play && e.Cell.Hour == listenio.UnknownHour {
				out.UnknownTime++
			}
		}
		out.Events += int64(g.Rows())
	}
	if out.Listens, err = b.Write(ctx, env.Lake, env.File("books", "book", ".parquet"), ids); err != nil {
		return nil, err
	}
	return []work.Keyed[book]{{Key: out.Of, Value: out}}, nil
}

// songsOf returns the songs of a file of plays, ascending, and their places.
func songsOf(ctx context.Context, s lake.Store, ref lake.FileRef) (ids []string, index map[string]int32, err error) {
	index = map[string]int32{}
	var c parquetio.Values
	for g, err := range parquetio.Groups(ctx, s, ref) {
		if err == nil {
			err = g.Load(ctx, columns[songID], &c)
		}
		if err != nil {
			return nil, nil, err
		}
		for _, code := range c.Codes {
			index[c.Names[code]] = 0
		}
	}
	ids = slices.Sorted(maps.Keys(index))
	for i, id := range ids {
		index[id] = int32(i)
	}
	return ids, index, nil
}

var kinds = map[string]worth.Kind{
	schemas.KindPlay: worth.Play, schemas.KindLike: worth.Like, schemas.KindUnlike: worth.Unlike, schemas.KindSave: worth.Save,
}

// fresh is the decay of events on their own day.
var fresh = []int64{worth.One}

// event returns what a play is worth, and where and when it was heard.
func event(c []parquetio.Values, row int) listenio.Event {
	what := worth.Event{Kind: kinds[c[kind].Text(row)], MsPlayed: optional(&c[msPlayed], row), TrackMs: optional(&c[trackMs], row)}
	if c[skipped].Has(row) {
		yes := c[skipped].Ints[row] == 1
		what.Skipped = &yes
	}
	e := listenio.Event{
		UserID: c[userID].Text(row), At: time.UnixMicro(c[startedAt].Ints[row]).UTC(),
		Play: what.Kind == worth.Play, Skipped: worth.Skip(what), Weight: worth.Of(what, fresh),
		Cell: listenio.Cell{Region: c[country].Text(row), Hour: listenio.UnknownHour, Device: c[device].Text(row), Place: c[place].Text(row)},
	}
	switch what.Kind {
	case worth.Like:
		e.Verdict = 1
	case worth.Unlike:
		e.Verdict = -1
	}
	var offset *int32
	if c[localMin].Has(row) {
		minutes := int32(c[localMin].Ints[row])
		offset = &minutes
	}
	if hour, weekend, known := localtime.Of(e.At, offset); known {
		e.Cell.Hour, e.Cell.Weekpart = int32(hour), schemas.Weekday
		if weekend {
			e.Cell.Weekpart = schemas.Weekend
		}
	}
	return e
}

// optional returns the number of a row, nil where there is none.
func optional(c *parquetio.Values, row int) *int64 {
	if !c.Has(row) {
		return nil
	}
	return &c.Ints[row]
}
