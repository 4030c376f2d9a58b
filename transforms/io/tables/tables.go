// Package tables writes the published tables of a run and reads whole ones: what every stage does the same way.
package tables

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// Write writes rows as one file of a published table; item tells the files of a table apart.
// Errors: the store's; rows out of the table's order.
func Write[T any](ctx context.Context, env *work.Env, name, item string, rows []T) (lake.FileRef, error) {
	table, _ := schemas.FindTable(name)
	return parquetio.WriteAll(ctx, env.Lake, env.TableFile(name, item), parquetio.MetaFor(table, env.Run), rows)
}

// Read returns the rows of all files, in order. Memory: all of them; for small tables.
func Read[T any](ctx context.Context, s lake.Store, files []lake.FileRef) (rows []T, err error) {
	for _, ref := range files {
		part, err := parquetio.ReadAll[T](ctx, s, ref)
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

// songID is the column of table songs that names a song.
type songID struct {
	SongID string `parquet:"song_id,plain"`
}

// SongIDs returns the ids of table songs by dense song index, which is ascending by id.
func SongIDs(ctx context.Context, s lake.Store, songs []lake.FileRef) (ids []string, err error) {
	for _, ref := range songs {
		for row, err := range parquetio.Read[songID](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			ids = append(ids, row.SongID)
		}
	}
	return ids, nil
}

// songMood is the columns of table song_moods that name a song's mood.
type songMood struct {
	SongID string `parquet:"song_id,plain"`
	Mood   string `parquet:"mood,dict"`
}

// Moods are the moods of songs, to be asked for song by song in the order of their ids.
type Moods struct {
	songs, moods []string // of each row
	at           int      // first row that may be of the next song
}

// ReadMoods reads table song_moods. Errors: the store's; songs out of order. Memory: 32 bytes a row and the ids.
func ReadMoods(ctx context.Context, s lake.Store, files []lake.FileRef) (*Moods, error) {
	m := &Moods{}
	for _, ref := range files {
		for row, err := range parquetio.Ahead(parquetio.Read[songMood](ctx, s, ref)) {
			if err != nil {
				return nil, err
			}
			if n := len(m.songs); n > 0 && row.SongID < m.songs[n-1] {
				return nil, fmt.Errorf("read table %s: song %q stands behind %q", schemas.TableSongMoods, row.SongID, m.songs[n-1])
			}
			m.songs, m.moods = append(m.songs, row.SongID), append(m.moods, row.Mood)
		}
	}
	return m, nil
}

// Of returns the moods of a song in the order of the table, none without one; id is that of the call before, or above it.
func (m *Moods) Of(id string) []string {
	for m.at < len(m.songs) && m.songs[m.at] < id {
		m.at++
	}
	to := m.at
	for to < len(m.songs) && m.songs[to] == id {
		to++
	}
	return m.moods[m.at:to:to]
}
