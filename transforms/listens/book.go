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

// play is what listens need of a play.
type play struct {
	UserID    string    `parquet:"user_id,dict"`
	Song      int32     `parquet:"song,plain"`
	StartedAt time.Time `parquet:"started_at,timestamp(microsecond)"`
	Kind      string    `parquet:"kind,dict"`
	MsPlayed  *int64    `parquet:"ms_played,optional,plain"`
	TrackMs   *int64    `parquet:"track_ms,optional,plain"`
	Skipped   *bool     `parquet:"skipped,optional"`
	Device    string    `parquet:"device,dict"`
	LocalMin  *int32    `parquet:"local_min,optional,plain"`
	Country   string    `parquet:"country,dict"`
	Place     string    `parquet:"place,dict"`
}

// Do returns the file's listens under its number.
func (f bookFn) Do(ctx context.Context, env *work.Env, item file) ([]work.Keyed[book], error) {
	ids, err := readIDs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	b, out := listenio.NewBook(), book{}
	for p, err := range parquetio.Read[play](ctx, env.Lake, item.Plays) {
		if err != nil {
			return nil, err
		}
		e := event(p)
		b.Add(e)
		out.Events++
		if e.Play && e.Cell.Hour == listenio.UnknownHour {
			out.UnknownTime++
		}
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
func event(p play) listenio.Event {
	what := worth.Event{Kind: kinds[p.Kind], MsPlayed: p.MsPlayed, TrackMs: p.TrackMs, Skipped: p.Skipped}
	e := listenio.Event{
		UserID: p.UserID, At: p.StartedAt, Song: p.Song, Play: what.Kind == worth.Play, Skipped: worth.Skip(what), Weight: worth.Of(what, fresh),
		Cell: listenio.Cell{Region: p.Country, Hour: listenio.UnknownHour, Device: p.Device, Place: p.Place},
	}
	switch what.Kind {
	case worth.Like:
		e.Verdict = 1
	case worth.Unlike:
		e.Verdict = -1
	}
	if hour, weekend, known := localtime.Of(p.StartedAt, p.LocalMin); known {
		e.Cell.Hour, e.Cell.Weekpart = int32(hour), schemas.Weekday
		if weekend {
			e.Cell.Weekpart = schemas.Weekend
		}
	}
	return e
}

var idCache memo.Last[[]string]

// readIDs returns the ids of all songs by index, read once a process.
func readIDs(ctx context.Context, s lake.Store, refs []lake.FileRef) ([]string, error) {
	return idCache.Of(s.URL()+fmt.Sprint(refs), func() ([]string, error) { return tables.SongIDs(ctx, s, refs) })
}
