package charts

import (
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/algo/version"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// songRow are the columns of table songs that charts need.
type songRow struct {
	SongID    string   `parquet:"song_id,plain"`
	Genres    []string `parquet:"genres,list" parquet-element:"element,dict"`
	VersionOf string   `parquet:"version_of,dict"`
}

// songTable is what is known of songs, by index.
type songTable struct {
	ids    []string
	main   []int32   // the song that stands for all versions of the recording
	genres [][]int32 // numbers of names, each once
	names  []string
}

var songCache memo.Last[*songTable]

// readSongs reads table songs once a process.
func readSongs(ctx context.Context, s lake.Store, refs []lake.FileRef) (*songTable, error) {
	return songCache.Of(s.URL()+fmt.Sprint(refs), func() (*songTable, error) {
		t, numbers := &songTable{}, map[string]int32{"": -1, schemas.Unknown: -1}
		var versions []string
		for _, ref := range refs {
			for row, err := range parquetio.Read[songRow](ctx, s, ref) {
				if err != nil {
					return nil, err
				}
				t.ids = append(t.ids, row.SongID)
				t.genres = append(t.genres, t.known(row.Genres, numbers))
				versions = append(versions, row.VersionOf)
			}
		}
		t.main = version.Main(t.ids, versions)
		return t, nil
	})
}

// known returns the numbers of the genres that say something, each once.
func (t *songTable) known(genres []string, numbers map[string]int32) []int32 {
	var out []int32
	for _, g := range genres {
		n, ok := numbers[g]
		if !ok {
			n = int32(len(t.names))
			numbers[g], t.names = n, append(t.names, g)
		}
		if n >= 0 && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
