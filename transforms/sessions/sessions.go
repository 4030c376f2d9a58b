// Package sessions cuts the clean plays of every listener into listening sessions: table sessions.
//
//	sessions.go  Params, Stage and its one phase
//
// Counters: sessions/plays_in (events of kind play), sessions/rows, sessions/short (sessions below min_songs, left out).
// Likes and saves neither start nor prolong a session. The rule of what belongs together stands in algo/sessions.
package sessions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[cutFn, work.Collect[cutOut], bucketItem, cutOut, []cutOut]()
}

// Params are the settings of stage sessions.
type Params struct {
	GapMinutes int `json:"gap_minutes"` // longest silence within a session, minutes; more joins more plays; default 30
	MinSongs   int `json:"min_songs"`   // plays of the shortest session in the table; more leaves single plays out; default 1
}

// Default returns the parameters that need no thought.
func Default() Params { return Params{GapMinutes: 30, MinSongs: 1} }

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if p.GapMinutes < 1 || p.GapMinutes > 24*60 {
		errs = append(errs, fmt.Errorf("gap_minutes is %d: want 1 to 1440", p.GapMinutes))
	}
	if p.MinSongs < 1 {
		errs = append(errs, fmt.Errorf("min_songs is %d: want at least 1", p.MinSongs))
	}
	return errors.Join(errs...)
}

// Stage returns the stage with these parameters.
//
// Plan:  one item a user bucket.
// Do:    plays in order → sessions → one file of the table, by (user_id, started_at).
// Merge: none; the files of the table follow the buckets.
// Without plays the table is one empty file a bucket.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name: "sessions", Reads: []string{schemas.WorkPlays, schemas.WorkListeners}, Writes: []string{schemas.TableSessions}, Params: p,
		Run: func(_ context.Context, sc *work.Context) error { return run(sc, p) },
	}
}

func run(sc *work.Context, p Params) error {
	plays, err := sc.Buckets(schemas.WorkPlays, schemas.WorkListeners)
	if err != nil {
		return err
	}
	items := make([]bucketItem, len(plays))
	for b, refs := range plays {
		items[b] = bucketItem{b, refs}
	}
	results, err := work.Run(sc, "cut", items, cutFn{p}, work.Collect[cutOut]{})
	if err != nil {
		return err
	}
	for _, r := range results {
		for _, out := range r {
			sc.Output(schemas.TableSessions, out.File)
			sc.Count("sessions/plays_in", out.Plays)
			sc.Count("sessions/rows", out.File.Rows)
			sc.Count("sessions/short", out.Short)
		}
	}
	return nil
}

// bucketItem is one user bucket.
type bucketItem struct {
	Bucket int
	Plays  []lake.FileRef // CleanPlay by (user_id, started_at, event_id)
}

// cutOut is what became of a bucket.
type cutOut struct {
	File  lake.FileRef
	Plays int64
	Short int64
}

// cutFn cuts the plays of one bucket.
type cutFn struct{ Params Params }

// Do writes one file of table sessions. Cost: one pass; the plays of one listener in memory.
func (f cutFn) Do(ctx context.Context, env *work.Env, b bucketItem) ([]work.Keyed[cutOut], error) {
	table, _ := schemas.FindTable(schemas.TableSessions)
	name := fmt.Sprintf("%04d", b.Bucket)
	w, err := parquetio.NewWriter[schemas.Session](ctx, env.Lake, env.TableFile(schemas.TableSessions, name), parquetio.MetaFor(table, env.Run))
	if err != nil {
		return nil, err
	}
	c := cutter{f: f.Params, write: w.Write}
	for play, err := range parquetio.Merge(ctx, env.Lake, b.Plays, compare) {
		if err == nil {
			err = c.take(&play)
		}
		if err != nil {
			w.Abort()
			return nil, fmt.Errorf("cut plays of bucket %d: %w", b.Bucket, err)
		}
	}
	if err := c.flush(); err != nil {
		w.Abort()
		return nil, err
	}
	file, err := w.Close()
	if err != nil {
		return nil, err
	}
	return []work.Keyed[cutOut]{{Key: name, Value: cutOut{file, c.plays, c.short}}}, nil
}

// played is what is read of clean_plays.
type played struct {
	UserID    string    `parquet:"user_id,dict"`
	SongID    string    `parquet:"song_id,dict"`
	EventID   string    `parquet:"event_id,plain"`
	StartedAt time.Time `parquet:"started_at,timestamp(microsecond)"`
	Kind      string    `parquet:"kind,dict"`
	MsPlayed  *int64    `parquet:"ms_played,optional,plain"`
	Skipped   *bool     `parquet:"skipped,optional"`
	Device    string    `parquet:"device,dict"`
}

// compare orders plays as schemas.ComparePlays does.
func compare(a, b *played) int {
	if c := cmp.Compare(a.UserID, b.UserID); c != 0 {
		return c
	}
	return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.EventID, b.EventID))
}

// cutter gathers the plays of one listener after the other.
type cutter struct {
	f     Params
	write func([]schemas.Session) error

	user         string
	acc          sessions.Acc
	plays, short int64
}

func (c *cutter) take(p *played) error {
	if p.Kind != schemas.KindPlay {
		return nil
	}
	if p.UserID != c.user {
		if err := c.flush(); err != nil {
			return err
		}
		c.user, c.acc = p.UserID, sessions.Acc{Gap: time.Duration(c.f.GapMinutes) * time.Minute}
	}
	c.plays++
	play := sessions.Play{At: p.StartedAt.UnixMicro(), ID: p.EventID, Song: p.SongID, PlayedMs: sessions.Unknown, Device: p.Device}
	if p.MsPlayed != nil {
		play.PlayedMs = *p.MsPlayed
	}
	play.Skipped = p.Skipped != nil && *p.Skipped
	c.acc.Add(play)
	return nil
}

// flush writes the sessions of the listener at hand.
func (c *cutter) flush() error {
	all := c.acc.All()
	rows := make([]schemas.Session, 0, len(all))
	for i := range all {
		if len(all[i].Plays) < c.f.MinSongs {
			c.short++
			continue
		}
		rows = append(rows, row(c.user, &all[i]))
	}
	return c.write(rows)
}

func row(user string, s *sessions.Session) schemas.Session {
	out := schemas.Session{
		UserID: user, StartedAt: time.UnixMicro(s.StartedAt()).UTC(), EndedAt: time.UnixMicro(s.EndedAt()).UTC(),
		Plays: int64(len(s.Plays)), Skips: s.Skips(), MsPlayed: s.PlayedMs(), Device: s.Plays[0].Device, Songs: make([]string, len(s.Plays)),
	}
	if out.Device == schemas.Unknown {
		out.Device = ""
	}
	for i, p := range s.Plays {
		out.Songs[i] = p.Song
	}
	return out
}
