package profiles

import (
	"context"
	"fmt"
	"iter"

	"segue/schemas"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[profileFn, work.Collect[profiled], bucket, profiled, []profiled]()
}

// bucket is one work item: the listeners of one user bucket and their plays.
type bucket struct {
	Number    int
	Listeners lake.FileRef
	Plays     *lake.FileRef // nil = nobody played
}

// profiled is the finished file of one bucket.
type profiled struct {
	Table        lake.FileRef
	WithoutPlays int64
	WithTaste    int64
}

// profileFn makes the profiles of one bucket.
type profileFn struct {
	Params  Params
	Songs   []lake.FileRef
	Vectors []lake.FileRef // none, or the one array
}

// Do joins listeners and plays, both sorted by user_id, and returns the file of their profiles.
func (f profileFn) Do(ctx context.Context, env *work.Env, item bucket) ([]work.Keyed[profiled], error) {
	songs, err := readSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	vectors, err := openVectors(ctx, env.Lake, f.Vectors, len(songs.ids))
	if err != nil {
		return nil, err
	}
	defer vectors.close()
	b := builder{params: f.Params, decay: worth.Decay(f.Params.HalfLifeDays), songs: songs, vectors: vectors}
	plays, stop := iter.Pull2(readPlays(ctx, env.Lake, item.Plays))
	defer stop()
	rows, err := b.profiles(parquetio.Read[schemas.Listener](ctx, env.Lake, item.Listeners), plays)
	if err != nil {
		return nil, fmt.Errorf("profile listeners of %s: %w", item.Listeners.Key, err)
	}
	out := profiled{}
	for _, r := range rows {
		if r.Plays == 0 {
			out.WithoutPlays++
		}
		if len(r.Taste) > 0 {
			out.WithTaste++
		}
	}
	number := fmt.Sprintf("%05d", item.Number)
	if out.Table, err = writeTable(ctx, env, number, rows); err != nil {
		return nil, err
	}
	return []work.Keyed[profiled]{{Key: number, Value: out}}, nil
}

func readPlays(ctx context.Context, s lake.Store, ref *lake.FileRef) iter.Seq2[schemas.CleanPlay, error] {
	if ref == nil {
		return func(func(schemas.CleanPlay, error) bool) {}
	}
	return parquetio.Read[schemas.CleanPlay](ctx, s, *ref)
}

// builder makes rows.
type builder struct {
	params  Params
	decay   []int64
	songs   *songTable
	vectors *vectorTable
}

// profiles returns a row for every listener; next yields the plays sorted by listener.
func (b *builder) profiles(listeners iter.Seq2[schemas.Listener, error], next func() (schemas.CleanPlay, error, bool)) ([]schemas.UserProfile, error) {
	var rows []schemas.UserProfile
	var h history
	play, err, more := next()
	for l, lerr := range listeners {
		if lerr != nil {
			return nil, lerr
		}
		h.reset()
		for more && err == nil && play.UserID == l.UserID {
			if err := h.add(play, b.songs); err != nil {
				return nil, err
			}
			play, err, more = next()
		}
		rows = append(rows, b.row(l, &h))
	}
	if err != nil {
		return nil, err
	}
	if more {
		return nil, fmt.Errorf("find listener %s of a play: not among the %d listeners of the bucket, or not in order", play.UserID, len(rows))
	}
	return rows, nil
}
