package moods

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/mood"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[titlesFn, work.Collect[titled], titlesItem, titled, []titled]()
}

// titlesItem is one file of playlists.
type titlesItem struct {
	Number int
	Lists  lake.FileRef
}

// titled is what the titles of one file say.
type titled struct {
	Counts    lake.FileRef // countRow by song, then mood
	Playlists int64
}

// countRow counts the playlists of one mood that hold a song.
type countRow struct {
	Song  int32  `parquet:"song,plain"`
	Mood  string `parquet:"mood,dict"`
	Lists int64  `parquet:"lists,plain"`
}

// titlesFn counts songs by the moods of their playlists' titles.
type titlesFn struct{}

// Do returns the counts of one file.
func (titlesFn) Do(ctx context.Context, env *work.Env, item titlesItem) ([]work.Keyed[titled], error) {
	type key struct {
		song int32
		mood string
	}
	var out titled
	counts := map[key]int64{}
	for list, err := range parquetio.Read[schemas.CleanPlaylist](ctx, env.Lake, item.Lists) {
		if err != nil {
			return nil, err
		}
		moods := mood.Title(list.Name)
		if list.HeldOut || len(moods) == 0 {
			continue
		}
		out.Playlists++
		for _, s := range list.Songs {
			for _, m := range moods {
				counts[key{s, m}]++
			}
		}
	}
	rows := make([]countRow, 0, len(counts))
	for k, n := range counts {
		rows = append(rows, countRow{k.song, k.mood, n})
	}
	slices.SortFunc(rows, func(a, b countRow) int { return cmp.Or(cmp.Compare(a.Song, b.Song), cmp.Compare(a.Mood, b.Mood)) })
	var err error
	name := fmt.Sprintf("%05d", item.Number)
	meta := parquetio.Meta{RunID: env.Run, Table: "moods_titles", SchemaVersion: 1, SortedBy: []string{"song", "mood"}}
	out.Counts, err = parquetio.WriteAll(ctx, env.Lake, env.File("titles", name, ".parquet"), meta, rows)
	return []work.Keyed[titled]{{Key: name, Value: out}}, err
}
