package neighbours

import (
	"context"
	"fmt"
	"slices"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// songInfo is what blending needs of the songs, by song index.
type songInfo struct {
	ids   []string
	texts *parquetio.Vocabulary // of the ids
	tags  blend.Songs
}

// songRow is the part of table songs it is made of.
type songRow struct {
	SongID    string   `parquet:"song_id,plain"`
	ArtistIDs []string `parquet:"artist_ids,list" parquet-element:"element,dict"`
	VersionOf string   `parquet:"version_of,dict"`
}

// catalogue keeps the songs of the running stage.
var catalogue memo.Last[*songInfo]

// openSongs reads the songs of a table, once a process.
func openSongs(ctx context.Context, s lake.Store, files []lake.FileRef) (*songInfo, error) {
	return catalogue.Of(s.URL()+fmt.Sprint(files), func() (*songInfo, error) {
		var rows []songRow
		for _, f := range files {
			part, err := parquetio.ReadAll[songRow](ctx, s, f)
			if err != nil {
				return nil, err
			}
			rows = append(rows, part...)
		}
		return newSongInfo(rows), nil
	})
}

// newSongInfo numbers main artists by first appearance, and groups versions with what they are a version of; rows are
// ordered by song id.
func newSongInfo(rows []songRow) *songInfo {
	info := &songInfo{ids: make([]string, len(rows)), tags: make(blend.Songs, len(rows))}
	numbers := map[string]int32{}
	for i, row := range rows {
		info.ids[i] = row.SongID
		info.tags[i].Artist = -1
		if len(row.ArtistIDs) > 0 && row.ArtistIDs[0] != "" {
			info.tags[i].Artist = number(numbers, row.ArtistIDs[0])
		}
	}
	for i, group := range groups(rows, info.ids) {
		info.tags[i].Group = group
	}
	info.texts = parquetio.NewVocabulary(info.ids)
	info.ids = info.texts.Texts
	return info
}

// number returns the number of a name, the next free one when it is new.
func number(numbers map[string]int32, name string) int32 {
	n, ok := numbers[name]
	if !ok {
		n = int32(len(numbers))
		numbers[name] = n
	}
	return n
}

// groups returns the recording of each song: chains and circles of versions end in their lowest song; versions of a song
// that is not in the table are together.
func groups(rows []songRow, ids []string) []int32 {
	parent := make([]int32, len(rows))
	for i := range parent {
		parent[i] = int32(i)
	}
	root := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	absent := map[string]int32{}
	for i, row := range rows {
		if row.VersionOf == "" {
			continue
		}
		main, ok := slices.BinarySearch(ids, row.VersionOf)
		if !ok {
			if _, ok := absent[row.VersionOf]; !ok {
				absent[row.VersionOf] = int32(i)
			}
			main = int(absent[row.VersionOf])
		}
		a, b := root(int32(i)), root(int32(main))
		parent[max(a, b)] = min(a, b)
	}
	for i := range parent {
		parent[i] = root(int32(i))
	}
	return parent
}
