package clean

import (
	"cmp"
	"context"
	"fmt"
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
// unknown before known; then the first in the input. Cost: 8 bytes a song of the index, 4 an entry.
func (f playlistsFn) Do(ctx context.Context, env *work.Env, b bucketItem) ([]work.Keyed[bucketOut], error) {
	rows, err := densePlaylists(ctx, env.Lake, b)
	if err != nil {
		return nil, err
	}
	in := int64(len(rows))
	rows = sorted(rows, func(p, q *placed[numberedPlaylist]) int {
		return cmp.Or(cmp.Compare(p.Row.PlaylistID, q.Row.PlaylistID), latestFirst(p.Row.ModifiedAt, q.Row.ModifiedAt), byPlace(p, q))
	})
	rows, lost := firsts(rows, func(p, q *numberedPlaylist) bool { return p.PlaylistID == q.PlaylistID })
	out := bucketOut{Tally: tally{In: in, Out: int64(len(rows))}}
	out.Tally.reject(schemas.ReasonDuplicateID, int64(len(lost)))
	if out.Rejected, err = writeRepeated(ctx, env, b, lost); err != nil {
		return nil, err
	}
	clean, counts := f.encode(rows, int(b.Index.Rows))
	out.File, err = parquetio.WriteAll(ctx, env.Lake, env.File("playlists-clean", b.name(), ".parquet"), workMeta(env, schemas.WorkPlaylists, "playlist_id"), clean)
	if err != nil {
		return nil, err
	}
	if out.Counts, err = writeCounts(ctx, env, "playlists-counts", b, counts); err != nil {
		return nil, err
	}
	return one(b, out), nil
}

// densePlaylists reads the segments of a bucket, whose songs become dense indices.
func densePlaylists(ctx context.Context, s lake.Store, b bucketItem) ([]placed[numberedPlaylist], error) {
	var out []placed[numberedPlaylist]
	for i, segment := range b.Segments {
		var dense []int32
		for g, err := range parquetio.Groups(ctx, s, b.Others[i]) {
			var songs parquetio.Values
			if err == nil {
				err = g.Load(ctx, "song", &songs)
			}
			if err != nil {
				return nil, err
			}
			for _, song := range songs.Ints {
				dense = append(dense, int32(song))
			}
		}
		rows, err := readRows[placed[numberedPlaylist]](ctx, s, []lake.FileRef{segment})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			for j, number := range row.Row.Songs {
				if int(number) >= len(dense) {
					return nil, fmt.Errorf("read playlists of %s: song %d of %d", segment.Key, number, len(dense))
				}
				row.Row.Songs[j] = dense[number]
			}
		}
		out = append(out, rows...)
	}
	return out, nil
}

// writeRepeated writes the playlists of repeated ids as the input had them.
func writeRepeated(ctx context.Context, env *work.Env, b bucketItem, lost []placed[numberedPlaylist]) (*lake.FileRef, error) {
	if len(lost) == 0 {
		return nil, nil
	}
	index, err := readRows[indexRow](ctx, env.Lake, []lake.FileRef{b.Index})
	if err != nil {
		return nil, err
	}
	rows := make([]schemas.Rejected, len(lost))
	for i, p := range lost {
		songs := make([]string, len(p.Row.Songs))
		for j, song := range p.Row.Songs {
			songs[j] = index[song].SongID
		}
		rows[i] = rejection(placed[schemas.Playlist]{p.Row.playlist(songs), p.Source, p.Position}, schemas.ReasonDuplicateID)
	}
	return writeRejected(ctx, env, playlists, b.name(), rows)
}

// met is the last playlist that had a song, and how many did.
type met struct{ last, playlists int32 }

// encode keeps each song of a playlist once, in playlist order, and counts the playlists of each of so many songs.
func (f playlistsFn) encode(rows []placed[numberedPlaylist], songs int) ([]schemas.CleanPlaylist, []countRow) {
	clean, seen := make([]schemas.CleanPlaylist, len(rows)), make([]met, songs)
	for i := range rows {
		p := &rows[i].Row
		once := p.Songs[:0]
		for _, song := range p.Songs {
			if m := &seen[song]; m.last != int32(i+1) {
				m.last, m.playlists = int32(i+1), m.playlists+1
				once = append(once, song)
			}
		}
		clean[i] = schemas.CleanPlaylist{PlaylistID: p.PlaylistID, Name: p.Name, HeldOut: schemas.HeldOut(p.PlaylistID, f.HoldOut), Songs: once}
	}
	var counts []countRow
	for song, m := range seen {
		if m.playlists > 0 {
			counts = append(counts, countRow{Song: int32(song), Playlists: int64(m.playlists)})
		}
	}
	return clean, counts
}

// writeCounts writes counts, which come by song; nil when there are none.
func writeCounts(ctx context.Context, env *work.Env, folder string, b bucketItem, counts []countRow) (*lake.FileRef, error) {
	if len(counts) == 0 {
		return nil, nil
	}
	r, err := parquetio.WriteAll(ctx, env.Lake, env.File(folder, b.name(), ".parquet"), workMeta(env, "clean_counts", "song"), counts)
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
