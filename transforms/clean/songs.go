package clean

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[songsFn, work.Collect[bucketOut], bucketItem, bucketOut, []bucketOut]()
}

// songsFn deduplicates the metadata of one song bucket and unites its ids with those of playlists and plays.
type songsFn struct{}

// Do writes the metadata and the ids of a bucket, both by song_id; of repeated songs the first in the input stays.
func (songsFn) Do(ctx context.Context, env *work.Env, b bucketItem) ([]work.Keyed[bucketOut], error) {
	rows, err := readRows[placed[schemas.Song]](ctx, env.Lake, b.Segments)
	if err != nil {
		return nil, err
	}
	in := int64(len(rows))
	slices.SortFunc(rows, func(x, y placed[schemas.Song]) int {
		return cmp.Or(cmp.Compare(x.Row.SongID, y.Row.SongID), byPlace(x, y))
	})
	rows, lost := unique(rows, func(x, y *schemas.Song) bool { return x.SongID == y.SongID }, schemas.ReasonDuplicateID)
	out := bucketOut{Tally: tally{In: in, Out: int64(len(rows))}}
	out.Tally.reject(schemas.ReasonDuplicateID, int64(len(lost)))
	if out.Rejected, err = writeRejected(ctx, env, songs, b.name(), lost); err != nil {
		return nil, err
	}
	metadata := make([]schemas.Song, len(rows))
	durations := map[string]*int64{}
	for i := range rows {
		metadata[i] = rows[i].Row
		durations[metadata[i].SongID] = metadata[i].DurationMs
	}
	out.File, err = parquetio.WriteAll(ctx, env.Lake, env.File("metadata", b.name(), ".parquet"), workMeta(env, "clean_metadata", "song_id"), metadata)
	if err != nil {
		return nil, err
	}
	if out.Other, err = writeIDs(ctx, env, b, durations); err != nil {
		return nil, err
	}
	return one(b, out), nil
}

// writeIDs writes the ids of the metadata, with their durations, and those of b.Others, each once and in order.
func writeIDs(ctx context.Context, env *work.Env, b bucketItem, durations map[string]*int64) (lake.FileRef, error) {
	for _, r := range b.Others {
		for row, err := range parquetio.Read[indexRow](ctx, env.Lake, r) {
			if err != nil {
				return lake.FileRef{}, fmt.Errorf("read song ids: %w", err)
			}
			if _, ok := durations[row.SongID]; !ok {
				durations[row.SongID] = nil
			}
		}
	}
	ids := make([]indexRow, 0, len(durations))
	for id, ms := range durations {
		ids = append(ids, indexRow{id, ms})
	}
	slices.SortFunc(ids, func(x, y indexRow) int { return cmp.Compare(x.SongID, y.SongID) })
	return parquetio.WriteAll(ctx, env.Lake, env.File("ids", b.name(), ".parquet"), workMeta(env, "clean_ids", "song_id"), ids)
}
