package profiles

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/taste"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[sampleFn, work.Collect[lake.FileRef], bucket, lake.FileRef, []lake.FileRef]()
}

// sampleSize is about how many listeners personas are learnt from, drawn by hash; all when there are fewer.
const sampleSize = 10_000

// warmPlays is the least plays of a listener that personas are learnt from.
const warmPlays = 25

// bucket is one work item: the listeners of one user bucket and their listens.
type bucket struct {
	Number    int
	Listeners lake.FileRef
	Listens   []lake.FileRef // none = nobody played
}

// Inputs are the files that all items share.
type Inputs struct {
	Songs   []lake.FileRef
	Moods   []lake.FileRef // table song_moods; none = every mood is unknown
	Vectors []lake.FileRef // none, or the one array
	Hours   localtime.DayHours
}

// sampled is one warm listener that personas are learnt from.
type sampled struct {
	UserID   string    `parquet:"user_id,plain"`
	Region   string    `parquet:"region,dict"`
	Device   string    `parquet:"device,dict"`
	Features []float32 `parquet:"features,list" parquet-element:"element,plain"`  // taste, then day parts
	MoodKeys []int32   `parquet:"mood_keys,list" parquet-element:"element,plain"` // places in a mix
	Moods    []int64   `parquet:"moods,list" parquet-element:"element,plain"`
	GenreKey []int32   `parquet:"genre_keys,list" parquet-element:"element,plain"`
	Genres   []int64   `parquet:"genres,list" parquet-element:"element,plain"`
	Hours    []int64   `parquet:"hours,list" parquet-element:"element,plain"` // [24] plays
}

// sampleFn condenses the sampled warm listeners of one bucket.
type sampleFn struct {
	Inputs Inputs
	Params Params
	OneIn  uint64 // listeners are drawn by hash: one in so many
}

// Do returns the file of the sampled listeners, by user_id.
func (f sampleFn) Do(ctx context.Context, env *work.Env, item bucket) ([]work.Keyed[lake.FileRef], error) {
	b, err := openBuilder(ctx, env.Lake, f.Inputs, f.Params)
	if err != nil {
		return nil, err
	}
	defer b.vectors.close()
	var rows []sampled
	drawn := func(user string) bool { return schemas.Hash64(env.Seed, "persona", user)%f.OneIn == 0 }
	if err := b.each(ctx, env.Lake, item, drawn, func(l listenerRow) error {
		if v := b.taste(); b.h.plays >= warmPlays && v != nil {
			rows = append(rows, b.sample(l, v))
		}
		return nil
	}); err != nil {
		return nil, err
	}
	number := fmt.Sprintf("%05d", item.Number)
	ref, err := parquetio.WriteAll(ctx, env.Lake, env.File("sample", number, ".parquet"), parquetio.Meta{RunID: env.Run, Table: "profiles_sample", SchemaVersion: 1}, rows)
	return []work.Keyed[lake.FileRef]{{Key: number, Value: ref}}, err
}

// listenerRow is what is read of clean_listeners.
type listenerRow struct {
	UserID  string   `parquet:"user_id,plain"`
	Country string   `parquet:"country,dict"`
	Genres  []string `parquet:"genres,list" parquet-element:"element,dict"`
}

// builder condenses listeners one after the other.
type builder struct {
	params  Params
	songs   *songTable
	vectors *vectorTable
	reader  *listenio.Reader
	h       *history

	cutter   taste.Cutter
	mean     taste.Mean
	ranking  taste.Ranking
	long     []taste.Weight // of songs, with either memory; this and what follows is used again
	recent   []taste.Weight
	byArtist []taste.Weight // of artists
	artistAt []int32        // place in byArtist + 1 by artist; 0 = none
	near     []float32      // features
	found    []uint64       // of shares
}

func openBuilder(ctx context.Context, s lake.Store, in Inputs, p Params) (*builder, error) {
	songs, err := readSongs(ctx, s, in)
	if err != nil {
		return nil, err
	}
	vectors, err := openVectors(ctx, s, in.Vectors, len(songs.ids))
	if err != nil {
		return nil, err
	}
	return &builder{
		params: p, songs: songs, vectors: vectors, reader: listenio.NewReader(songs.ids), h: newHistory(songs, p.HalfLifeDays, in.Hours),
		artistAt: make([]int32, len(songs.artists)),
	}, nil
}

// each joins listeners and listens, both sorted by user_id, and calls use for the wanted listeners with their history in b.h.
func (b *builder) each(ctx context.Context, s lake.Store, item bucket, wanted func(user string) bool, use func(listenerRow) error) error {
	next, stop := iter.Pull2(b.reader.Some(ctx, s, item.Listens, wanted))
	defer stop()
	at, err, more := next()
	for l, lerr := range parquetio.Read[listenerRow](ctx, s, item.Listeners) {
		if lerr != nil {
			return lerr
		}
		if err != nil {
			return err
		}
		var did *listenio.Listener
		if more && at.UserID == l.UserID {
			did = at
		}
		if wanted(l.UserID) {
			b.h.take(did, b.reader.Cells())
			if err := use(l); err != nil {
				return err
			}
		}
		if did != nil {
			at, err, more = next()
		}
	}
	if err == nil && more {
		err = fmt.Errorf("find listener %s of listens: not among those of %s, or not in order", at.UserID, item.Listeners.Key)
	}
	return err
}

// taste returns the vector of the listener's long memory, nil without one.
func (b *builder) taste() []float32 {
	if b.vectors.dim == 0 {
		return nil
	}
	return b.mean.Vector(b.h.weights(&b.long, false), b.vectors.data, b.vectors.dim)
}

// dayPartScale is the length of a listener's day parts beside the taste vector of length 1.
const dayPartScale = 0.5

// features appends what personas are told apart by: the taste, and square roots of the shares of day parts.
func (b *builder) features(to, v []float32) []float32 {
	to = append(to, v...)
	var known int64
	for part := range schemas.DayParts {
		known += b.h.parts[part]
	}
	for part := range schemas.DayParts {
		share := float64(b.h.parts[part]) / float64(max(known, 1))
		to = append(to, float32(dayPartScale*math.Sqrt(share)))
	}
	return to
}

func (b *builder) sample(l listenerRow, v []float32) sampled {
	out := sampled{UserID: l.UserID, Region: b.region(l), Device: b.mainDevice(), Features: b.features(nil, v), Hours: slices.Clone(b.h.hours[:])}
	out.MoodKeys, out.Moods = b.h.moods.pairs()
	out.GenreKey, out.Genres = b.h.genres.pairs()
	return out
}

// pairs returns the places of a mix that are not 0, ascending, and their values.
func (m *mix) pairs() ([]int32, []int64) {
	keys := slices.Clone(m.used)
	slices.Sort(keys)
	values := make([]int64, len(keys))
	for i, k := range keys {
		values[i] = m.plays[k]
	}
	return keys, values
}
