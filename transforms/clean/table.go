package clean

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[tableFn, work.Collect[lake.FileRef], tableItem, lake.FileRef, []lake.FileRef]()
}

// tableItem names everything table songs is made of.
type tableItem struct {
	Index    lake.FileRef
	Metadata []lake.FileRef // each by song_id
	Counts   []lake.FileRef
}

// tableFn writes table songs: one row a song of the index, in its order.
type tableFn struct{}

// Do writes the table as one file. Cost: 24 bytes a song of counts, one row of metadata a bucket.
func (tableFn) Do(ctx context.Context, env *work.Env, item tableItem) ([]work.Keyed[lake.FileRef], error) {
	x, err := openIndex(ctx, env.Lake, item.Index)
	if err != nil {
		return nil, err
	}
	counts, err := sumCounts(ctx, env.Lake, item.Counts, len(x.durations))
	if err != nil {
		return nil, err
	}
	w, err := parquetio.NewWriter[schemas.SongRow](ctx, env.Lake, env.TableFile(schemas.TableSongs, "0000"), tableMeta(env, schemas.TableSongs))
	if err != nil {
		return nil, err
	}
	out := batcher[schemas.SongRow]{w: w}
	defer out.abort()
	metadata := parquetio.Merge(ctx, env.Lake, item.Metadata, func(a, b *schemas.Song) int { return cmp.Compare(a.SongID, b.SongID) })
	songs := join(parquetio.Read[indexRow](ctx, env.Lake, item.Index), metadata)
	for row, err := range parquetio.Ahead(songRows(songs, x, counts)) {
		if err != nil {
			return nil, fmt.Errorf("join songs: %w", err)
		}
		if err := out.write(row); err != nil {
			return nil, err
		}
	}
	r, err := out.close()
	if err != nil {
		return nil, err
	}
	return []work.Keyed[lake.FileRef]{{Key: "songs", Value: r}}, nil
}

// join yields the metadata of every id, or the id alone where there is none; both come by song_id.
func join(ids iter.Seq2[indexRow, error], metadata iter.Seq2[schemas.Song, error]) iter.Seq2[schemas.Song, error] {
	return func(yield func(schemas.Song, error) bool) {
		next, stop := iter.Pull2(metadata)
		defer stop()
		song, err, more := next()
		for id, errID := range ids {
			if err = cmp.Or(errID, err); err != nil {
				yield(schemas.Song{}, err)
				return
			}
			row := schemas.Song{SongID: id.SongID}
			if more && song.SongID == id.SongID {
				row = song
				song, err, more = next()
			}
			if !yield(row, nil) {
				return
			}
		}
		if err == nil && more {
			err = fmt.Errorf("song %q has metadata but no index", song.SongID)
		}
		if err != nil {
			yield(schemas.Song{}, err)
		}
	}
}

// songRows yields the rows of all songs, which come in the order of the index.
func songRows(songs iter.Seq2[schemas.Song, error], x *index, counts []countRow) iter.Seq2[schemas.SongRow, error] {
	return func(yield func(schemas.SongRow, error) bool) {
		at := 0
		for song, err := range songs {
			if err != nil {
				yield(schemas.SongRow{}, err)
				return
			}
			if !yield(songRow(&song, x, &counts[at]), nil) {
				return
			}
			at++
		}
	}
}

// songRow returns the row of a song; a main version that is no other song of the index is none.
func songRow(s *schemas.Song, x *index, c *countRow) schemas.SongRow {
	main := s.VersionOf
	if main != "" {
		if _, ok := x.dense[main]; !ok || main == s.SongID {
			main = ""
		}
	}
	return schemas.SongRow{
		SongID: s.SongID, Title: s.Title, Artists: s.Artists, ArtistIDs: s.ArtistIDs, Album: s.Album, Genres: s.Genres, Moods: s.Moods,
		Tempo: s.Tempo, DurationMs: s.DurationMs, ReleaseDate: s.ReleaseDate, Countries: s.Countries, ArtistCountry: s.ArtistCountry,
		VersionOf: main, Playlists: c.Playlists, Plays: c.Plays, Listeners: c.Listeners,
	}
}

// sumCounts adds the counts of all buckets, by song. Listeners add up because a listener is in one bucket.
func sumCounts(ctx context.Context, s lake.Store, refs []lake.FileRef, songs int) ([]countRow, error) {
	sum := make([]countRow, songs)
	for _, r := range refs {
		for row, err := range parquetio.Read[countRow](ctx, s, r) {
			if err != nil {
				return nil, fmt.Errorf("read counts: %w", err)
			}
			c := &sum[row.Song]
			c.Playlists, c.Plays, c.Listeners = c.Playlists+row.Playlists, c.Plays+row.Plays, c.Listeners+row.Listeners
		}
	}
	return sum, nil
}
