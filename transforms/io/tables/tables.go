// Package tables writes the published tables of a run and reads whole ones: what every stage does the same way.
package tables

import (
	"context"

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

// Moods returns the moods of songs by id, in the order of the files; songs without one are not in it.
func Moods(ctx context.Context, s lake.Store, moods []lake.FileRef) (map[string][]string, error) {
	out := map[string][]string{}
	for _, ref := range moods {
		for row, err := range parquetio.Read[songMood](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			out[row.SongID] = append(out[row.SongID], row.Mood)
		}
	}
	return out, nil
}
