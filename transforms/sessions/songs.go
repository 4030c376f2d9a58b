package sessions

import (
	"context"
	"fmt"
	"strings"

	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/tables"
)

var songIDs memo.Last[[]string]

// openSongs returns the song ids by dense index, read once a process.
func openSongs(ctx context.Context, s lake.Store, files []lake.FileRef) ([]string, error) {
	var key strings.Builder
	key.WriteString(s.URL())
	for _, f := range files {
		fmt.Fprintf(&key, "#%s#%s", f.Key, f.ETag)
	}
	return songIDs.Of(key.String(), func() ([]string, error) { return tables.SongIDs(ctx, s, files) })
}
