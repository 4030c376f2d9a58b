package listens

import (
	"context"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[bookFn, work.Collect[book], file, book, []book]()
}

// bookFn condenses one file of plays.
type bookFn struct {
	Songs []lake.FileRef
}

// columns of clean_plays that listens need, by the constants below.
var columns = []string{"user_id", "song", "started_at", "kind", "ms_played", "track_ms", "skipped", "device", "local_min", "country", "place"}

const (
	userID = iota
	song
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

// Do returns the file's listens under its number.
func (f bookFn) Do(ctx context.Context, env *work.Env, item file) ([]work.Keyed[book], error) {
	ids, err := readIDs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	b, out := listenio.NewBook(), book{}
	c := make([]parquetio.Values, len(columns))
	for g, err := range parquetio.Groups(ctx, env.Lake, item.Plays) {
		for i := 0; i < len(columns) && err == nil; i++ {
			err = g.Load(ctx, columns[i], &c[i])
		}
		if err != nil {
			return nil, err
		}
		for row := range g.Rows() {
			e := event(c, row)
			b.Add(e)
			if e.Play && e.Cell.Hour == listenio.UnknownHour {
				out.UnknownTime++
			}
		}
		out.Events += int64(g.Rows())
	}
	out.Days = b.Days()
	number := fmt.Sprintf("%05d", item.Number)
	if out.Listens, err = b.Write(ctx, env.Lake, env.File("books", number, ".parquet"), ids); err != nil {
		return nil, err
	}
	return []work.Keyed[book]{{Key: number, Value: out}}, nil
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
		UserID: c[userID].Text(row), At: time.UnixMicro(c[startedAt].Ints[row]).UTC(), Song: int32(c[song].Ints[row]),
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

var idCache memo.Last[[]string]

// readIDs returns the ids of all songs by index, read once a process.
func readIDs(ctx context.Context, s lake.Store, refs []lake.FileRef) ([]string, error) {
	return idCache.Of(s.URL()+fmt.Sprint(refs), func() ([]string, error) { return tables.SongIDs(ctx, s, refs) })
}
