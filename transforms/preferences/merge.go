package preferences

import (
	"context"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/within"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[countFn, sumFn, listenio.Group, partial, part]()
}

// keyPlaces is the key of the merge of device_preferences; the others are kinds.
const keyPlaces = "places"

// partial is what one item has for one key; its fates stand with keyPlaces only.
type partial struct {
	Segment segment
	Fates   fates
}

// countFn counts the listens of user buckets.
type countFn struct {
	Params Params
	Night  int32 // UTC days since 1970
	Songs  songFiles
}

// Do returns one value a kind and one of places.
func (f countFn) Do(ctx context.Context, env *work.Env, item listenio.Group) ([]work.Keyed[partial], error) {
	songs, err := readSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	c := newCounter(f.Params, f.Night, songs)
	for _, ref := range item.Buckets {
		if err := c.read(ctx, env.Lake, []lake.FileRef{ref}); err != nil {
			return nil, err
		}
	}
	c.finish()
	hours, err := writeHours(ctx, env, item.Name(), c)
	if err != nil {
		return nil, err
	}
	var out []work.Keyed[partial]
	for k, seg := range hours {
		out = append(out, work.Keyed[partial]{Key: kinds[k], Value: partial{Segment: seg}})
	}
	places, err := writePlaces(ctx, env, item.Name(), c.where)
	return append(out, work.Keyed[partial]{Key: keyPlaces, Value: partial{places, c.fates}}), err
}

// read counts the listeners of the files of one bucket.
func (c *counter) read(ctx context.Context, s lake.Store, bucket []lake.FileRef) error {
	for l, err := range c.reader.Listeners(ctx, s, bucket) {
		if err != nil {
			return err
		}
		c.add(l)
	}
	return nil
}

// part is one finished file with the counters of its making.
type part struct {
	Table    string
	Kind     string // of classes; "" of places
	File     lake.FileRef
	Fates    fates
	Rows     int64
	Withheld int64 // rows without counts
	Strength []float64
}

// sumFn sums the segments of one key and writes its rows.
type sumFn struct {
	Params Params
	Songs  songFiles
}

// Merge returns the file of a kind, or of places.
func (f sumFn) Merge(ctx context.Context, env *work.Env, key string, partials []partial) (part, error) {
	songs, err := readSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return part{}, err
	}
	if key == keyPlaces {
		return f.places(ctx, env, songs, partials)
	}
	m := newMerge(f.Params, songs, int32(slices.Index(kinds, key)))
	for _, p := range partials {
		if err := readSegment(ctx, env.Scratch, p.Segment, func(names []cell, key cells.Key, v []int64) { m.add(names[key.Cell()], key.Member(), sumsOf(v)) }); err != nil {
			return part{}, err
		}
	}
	rows := m.rows()
	out := part{Table: schemas.TablePreferencesByHour, Kind: key, Rows: int64(len(rows)), Strength: m.strength}
	for _, r := range rows {
		if r.Plays == nil {
			out.Withheld++
		}
	}
	out.File, err = tables.Write(ctx, env, out.Table, key, rows)
	return out, err
}

func (f sumFn) places(ctx context.Context, env *work.Env, songs *songTable, partials []partial) (part, error) {
	out, sums := part{Table: schemas.TableDevicePreferences}, map[situation]*cells.Table[within.Sums]{}
	for _, p := range partials {
		out.Fates = out.Fates.Plus(p.Fates)
		err := readSegment(ctx, env.Scratch, p.Segment, func(names []situation, key cells.Key, v []int64) {
			name := names[key.Cell()]
			if sums[name] == nil {
				sums[name] = &cells.Table[within.Sums]{}
			}
			sums[name].Add(cells.KeyOf(0, key.Member()), withinOf(v))
		})
		if err != nil {
			return out, err
		}
	}
	rows := situationRows(f.Params, songs, sums)
	var err error
	out.Rows = int64(len(rows))
	out.File, err = tables.Write(ctx, env, out.Table, "all", rows)
	return out, err
}
