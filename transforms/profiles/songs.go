package profiles

import (
	"context"
	"fmt"
	"sync"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
)

// songTags are the columns of table songs that profiles need.
type songTags struct {
	SongID string   `parquet:"song_id,plain"`
	Moods  []string `parquet:"moods,list" parquet-element:"element,dict"`
}

// songTable holds ids and moods by song index; a song without mood has the mood Unknown.
type songTable struct {
	ids    []string
	names  []string // moods by number
	number map[string]int32
	start  []int64 // [songs+1]
	moods  []int32
}

func newSongTable() *songTable {
	return &songTable{number: map[string]int32{}, start: []int64{0}}
}

func (t *songTable) add(s songTags) {
	t.ids = append(t.ids, s.SongID)
	from := len(t.moods)
	for _, m := range s.Moods {
		if m != "" {
			t.addMood(from, m)
		}
	}
	if len(t.moods) == from {
		t.addMood(from, schemas.Unknown)
	}
	t.start = append(t.start, int64(len(t.moods)))
}

func (t *songTable) addMood(from int, mood string) {
	n, ok := t.number[mood]
	if !ok {
		n = int32(len(t.names))
		t.number[mood], t.names = n, append(t.names, mood)
	}
	for _, m := range t.moods[from:] {
		if m == n {
			return
		}
	}
	t.moods = append(t.moods, n)
}

// moodsOf returns the moods of a song, each once.
func (t *songTable) moodsOf(song int32) ([]int32, error) {
	if song < 0 || int(song) >= len(t.ids) {
		return nil, fmt.Errorf("find song %d: table songs has %d rows", song, len(t.ids))
	}
	return t.moods[t.start[song]:t.start[song+1]], nil
}

var songCache memo.Last[*songTable]

// readSongs returns ids and moods of all songs, read once a process.
func readSongs(ctx context.Context, s lake.Store, refs []lake.FileRef) (*songTable, error) {
	return songCache.Of(s.URL()+fmt.Sprint(refs), func() (*songTable, error) {
		t := newSongTable()
		for _, ref := range refs {
			for tags, err := range parquetio.Read[songTags](ctx, s, ref) {
				if err != nil {
					return nil, err
				}
				t.add(tags)
			}
		}
		return t, nil
	})
}

// vectorTable is the mapped array of song vectors; without one every song lacks a vector.
type vectorTable struct {
	array *npy.Array[float32]
	data  []float32
	dim   int
}

// opening lets one item fetch a remote array while the others wait for its local copy.
var opening sync.Mutex

// openVectors maps the vectors of all songs; refs holds none or one file.
func openVectors(ctx context.Context, s lake.Store, refs []lake.FileRef, songs int) (*vectorTable, error) {
	if len(refs) == 0 {
		return &vectorTable{}, nil
	}
	opening.Lock()
	defer opening.Unlock()
	a, err := npy.OpenShape[float32](ctx, s, refs[0], songs, -1)
	if err != nil {
		return nil, err
	}
	return &vectorTable{array: a, data: a.Data, dim: a.Shape[1]}, nil
}

func (v *vectorTable) close() {
	if v.array != nil {
		v.array.Close() // read-only: nothing is lost
	}
}
