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
	rows = sorted(rows, func(x, y *placed[schemas.Song]) int {
		return cmp.Or(cmp.Compare(x.Row.SongID, y.Row.SongID), byPlace(x, y))
	})
	rows, lost := unique(rows, func(x, y *schemas.Song) bool { return x.SongID == y.SongID }, schemas.ReasonDuplicateID)
	out := bucketOut{Tally: tally{In: in, Out: int64(len(rows))}}
	out.Tally.reject(schemas.ReasonDuplicateID, int64(len(lost)))
	if out.Rejected, err = writeRejected(ctx, env, songs, b.name(), lost); err != nil {
		return nil, err
	}
	metadata := make([]schemas.Song, len(rows))
	for i := range rows {
		metadata[i] = rows[i].Row
	}
	out.File, err = parquetio.WriteAll(ctx, env.Lake, env.File("metadata", b.name(), ".parquet"), workMeta(env, "clean_metadata", "song_id"), metadata)
	if err != nil {
		return nil, err
	}
	if out.Other, err = writeIDs(ctx, env, b, metadata); err != nil {
		return nil, err
	}
	return one(b, out), nil
}

// writeIDs writes the ids of the metadata, which comes by id, with their durations, and those of b.Others, each once and in order.
func writeIDs(ctx context.Context, env *work.Env, b bucketItem, metadata []schemas.Song) (lake.FileRef, error) {
	others, err := readRows[indexRow](ctx, env.Lake, b.Others)
	if err != nil {
		return lake.FileRef{}, fmt.Errorf("read song ids: %w", err)
	}
	ids := make([]string, len(others))
	for i, row := range others {
		ids[i] = row.SongID
	}
	slices.Sort(ids)
	rows := make([]indexRow, 0, len(metadata))
	for _, song := range metadata {
		for ; len(ids) > 0 && ids[0] <= song.SongID; ids = ids[1:] {
			rows = appendID(rows, ids[0], song.SongID)
		}
		rows = append(rows, indexRow{song.SongID, song.DurationMs})
	}
	for _, id := range ids {
		rows = appendID(rows, id, "")
	}
	return parquetio.WriteAll(ctx, env.Lake, env.File("ids", b.name(), ".parquet"), workMeta(env, "clean_ids", "song_id"), rows)
}

// appendID appends an id unless it is the last one or has metadata, which follows.
func appendID(to []indexRow, id, known string) []indexRow {
	if n := len(to); id == known || n > 0 && to[n-1].SongID == id {
		return to
	}
	return append(to, indexRow{SongID: id})
}
