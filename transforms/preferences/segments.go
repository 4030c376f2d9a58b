package preferences

import (
	"context"
	"fmt"

	"segue/transforms/algo/cells"
	"segue/transforms/algo/within"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// Columns of segments, int64 each.
const (
	hourWidth  = 8 // key, listeners, plays, skips, weight, half, squares high and low
	placeWidth = 8 // key and the fields of within.Sums
)

// segment is the sums of one item for one key of the merge.
type segment struct {
	Names lake.FileRef // cells or situations by number
	Sums  lake.FileRef // .npy int64 [n × 8], by key of cells
}

// writeHours returns the sums by cell and class, one segment a kind.
func writeHours(ctx context.Context, env *work.Env, item string, c *counter) ([]segment, error) {
	meta := parquetio.Meta{RunID: env.Run, Table: "preferences_cells", SchemaVersion: 1}
	names, err := parquetio.WriteAll(ctx, env.Scratch, env.File("cells", item, ".parquet"), meta, c.index.Values())
	if err != nil {
		return nil, err
	}
	rows, classes := make([][]int64, len(kinds)), int32(len(c.songs.names))
	for _, r := range c.sums.Rows() {
		k, v := r.Key.Member()-classes, r.Value
		if k < 0 {
			k = c.songs.kind[r.Key.Member()]
		}
		rows[k] = append(rows[k], int64(r.Key), v.Listeners, v.Plays, v.Skips, v.Weight, v.Half, int64(v.Squares.High), int64(v.Squares.Low))
	}
	out := make([]segment, len(kinds))
	for k, data := range rows {
		ref, err := npy.Write(ctx, env.Scratch, env.File("hours", item+"-"+kinds[k], ".npy"), data, len(data)/hourWidth, hourWidth)
		if err != nil {
			return nil, err
		}
		out[k] = segment{names, ref}
	}
	return out, nil
}

// writePlaces returns the comparisons by situation and class.
func writePlaces(ctx context.Context, env *work.Env, item string, s *situations) (segment, error) {
	meta := parquetio.Meta{RunID: env.Run, Table: "preferences_situations", SchemaVersion: 1}
	names, err := parquetio.WriteAll(ctx, env.Scratch, env.File("situations", item, ".parquet"), meta, s.index.Values())
	if err != nil {
		return segment{}, err
	}
	data := make([]int64, 0, placeWidth*s.sums.Len())
	for _, r := range s.sums.Rows() {
		v := r.Value
		data = append(data, int64(r.Key), v.Listeners, v.Plays, v.Here, v.Own, v.HereHere, v.HereOwn, v.OwnOwn)
	}
	ref, err := npy.Write(ctx, env.Scratch, env.File("places", item, ".npy"), data, len(data)/placeWidth, placeWidth)
	return segment{names, ref}, err
}

// readSegment calls add for every row of a segment: the name of its cell or situation, its member, and its figures.
func readSegment[N any](ctx context.Context, s lake.Store, seg segment, add func(names []N, key cells.Key, v []int64)) error {
	names, err := parquetio.ReadAll[N](ctx, s, seg.Names)
	if err != nil {
		return err
	}
	var arrays npy.Arrays
	defer arrays.Close()
	sums := npy.LoadTable[int64](ctx, &arrays, s, seg.Sums)
	if err := arrays.Err(); err != nil {
		return err
	}
	for at := sums.Data; len(at) >= hourWidth; at = at[hourWidth:] {
		key := cells.Key(at[0])
		if int(key.Cell()) >= len(names) {
			return fmt.Errorf("read %s: key %d has no name among %d", seg.Sums.Key, key, len(names))
		}
		add(names, key, at[1:hourWidth])
	}
	return nil
}

func sumsOf(v []int64) cells.Sums {
	return cells.Sums{Listeners: v[0], Plays: v[1], Skips: v[2], Weight: v[3], Half: v[4], Squares: cells.Wide{High: uint64(v[5]), Low: uint64(v[6])}}
}

func withinOf(v []int64) within.Sums {
	return within.Sums{Listeners: v[0], Plays: v[1], Here: v[2], Own: v[3], HereHere: v[4], HereOwn: v[5], OwnOwn: v[6]}
}
