package matrix

import (
	"context"
	"sort"

	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// songID is the id column of table songs.
type songID struct {
	SongID string `parquet:"song_id,plain"`
}

// songIDs holds the ids of table songs, ascending, one after the other: id i ends at ends[i].
type songIDs struct {
	text []byte
	ends []int
}

// songIDs reads the ids of table songs: the place of an id is its song index.
func (f listsFn) songIDs(ctx context.Context, env *work.Env) (*songIDs, error) {
	ids := &songIDs{ends: make([]int, 0, rows(f.SongFiles))}
	for _, file := range f.SongFiles {
		for row, err := range parquetio.Read[songID](ctx, env.Lake, file) {
			if err != nil {
				return nil, err
			}
			ids.text = append(ids.text, row.SongID...)
			ids.ends = append(ids.ends, len(ids.text))
		}
	}
	return ids, nil
}

func (s *songIDs) at(i int) []byte {
	if i == 0 {
		return s.text[:s.ends[0]]
	}
	return s.text[s.ends[i-1]:s.ends[i]]
}

// find returns the place of an id.
func (s *songIDs) find(id string) (int, bool) {
	i := sort.Search(len(s.ends), func(i int) bool { return string(s.at(i)) >= id })
	return i, i < len(s.ends) && string(s.at(i)) == id
}
