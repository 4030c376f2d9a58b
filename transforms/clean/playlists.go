package clean

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[playlistsFn, work.Collect[bucketOut], bucketItem, bucketOut, []bucketOut]()
}

// playlistsFn turns the segments of one playlist bucket into clean playlists.
type playlistsFn struct{ HoldOut int }

// Do writes the playlists of a bucket by playlist_id and counts their songs. Of repeated ids the one modified last stays,
// unknown before known; then the first in the input.
func (f playlistsFn) Do(ctx context.Context, env *work.Env, b bucketItem) ([]work.Keyed[bucketOut], error) {
	x, err := openIndex(ctx, env.Lake, b.Index)
	if err != nil {
		return nil, err
	}
	rows, err := readRows[placed[schemas.Playlist]](ctx, env.Lake, b.Segments)
	if err != nil {
		return nil, err
	}
	in := int64(len(rows))
	slices.SortFunc(rows, func(p, q placed[schemas.Playlist]) int {
		return cmp.Or(cmp.Compare(p.Row.PlaylistID, q.Row.PlaylistID), latestFirst(p.Row.ModifiedAt, q.Row.ModifiedAt), byPlace(p, q))
	})
	rows, lost := unique(rows, func(p, q *schemas.Playlist) bool { return p.PlaylistID == q.PlaylistID }, schemas.ReasonDuplicateID)
	out := bucketOut{Tally: tally{In: in, Out: int64(len(rows))}}
	out.Tally.reject(schemas.ReasonDuplicateID, int64(len(lost)))
	if out.Rejected, err = writeRejected(ctx, env, playlists, b.name(), lost); err != nil {
		return nil, err
	}
	clean, counts, err := f.encode(x, rows)
	if err != nil {
		return nil, err
	}
	out.File, err = parquetio.WriteAll(ctx, env.Lake, env.File("playlists-clean", b.name(), ".parquet"), workMeta(env, schemas.WorkPlaylists, "playlist_id"), clean)
	if err != nil {
		return nil, err
	}
	if out.Counts, err = writeCounts(ctx, env, "playlists-counts", b, counts); err != nil {
		return nil, err
	}
	return one(b, out), nil
}

// encode maps songs to dense indices, each once in playlist order, and counts the playlists of each.
func (f playlistsFn) encode(x *index, rows []placed[schemas.Playlist]) ([]schemas.CleanPlaylist, map[int32]*countRow, error) {
	clean, counts := make([]schemas.CleanPlaylist, len(rows)), map[int32]*countRow{}
	for i := range rows {
		p := &rows[i].Row
		c := schemas.CleanPlaylist{PlaylistID: p.PlaylistID, Name: p.Name, HeldOut: schemas.HeldOut(p.PlaylistID, f.HoldOut), Songs: make([]int32, 0, len(p.Songs))}
		seen := make(map[int32]struct{}, len(p.Songs))
		for _, id := range p.Songs {
			song, err := x.song(id)
			if err != nil {
				return nil, nil, fmt.Errorf("encode playlist %s: %w", p.PlaylistID, err)
			}
			if _, ok := seen[song]; ok {
				continue
			}
			seen[song] = struct{}{}
			c.Songs = append(c.Songs, song)
			countOf(counts, song).Playlists++
		}
		p.Songs = nil
		clean[i] = c
	}
	return clean, counts, nil
}

func countOf(counts map[int32]*countRow, song int32) *countRow {
	c := counts[song]
	if c == nil {
		c = &countRow{Song: song}
		counts[song] = c
	}
	return c
}

// writeCounts writes counts by song; nil when there are none.
func writeCounts(ctx context.Context, env *work.Env, folder string, b bucketItem, counts map[int32]*countRow) (*lake.FileRef, error) {
	if len(counts) == 0 {
		return nil, nil
	}
	rows := make([]countRow, 0, len(counts))
	for _, song := range slices.Sorted(maps.Keys(counts)) {
		rows = append(rows, *counts[song])
	}
	r, err := parquetio.WriteAll(ctx, env.Lake, env.File(folder, b.name(), ".parquet"), workMeta(env, "clean_counts", "song"), rows)
	if err != nil {
		return nil, err
	}
	return &r, nil
}

func latestFirst(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return b.Compare(*a)
}
