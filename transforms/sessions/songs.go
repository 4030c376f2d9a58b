package sessions

import (
	"context"
	"fmt"
	"strings"

	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// songID is the one column read of table songs.
type songID struct {
	SongID string `parquet:"song_id,plain"`
}

var songIDs memo.Last[[]string]

// openSongs returns the song ids by dense index, read once a process.
func openSongs(ctx context.Context, s lake.Store, files []lake.FileRef) ([]string, error) {
	var key strings.Builder
	key.WriteString(s.URL())
	for _, f := range files {
		fmt.Fprintf(&key, "#%s#%s", f.Key, f.ETag)
	}
	return songIDs.Of(key.String(), func() ([]string, error) {
		var ids []string
		for _, f := range files {
			for row, err := range parquetio.Read[songID](ctx, s, f) {
				if err != nil {
					return nil, fmt.Errorf("read song ids: %w", err)
				}
				ids = append(ids, row.SongID)
			}
		}
		return ids, nil
	})
}
