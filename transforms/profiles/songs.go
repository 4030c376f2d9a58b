package profiles

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"segue/schemas"
	"segue/transforms/algo/cells"
	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
)

// songTags are the columns of table songs that profiles need.
type songTags struct {
	SongID    string   `parquet:"song_id,plain"`
	ArtistIDs []string `parquet:"artist_ids,list" parquet-element:"element,dict"`
	Genres    []string `parquet:"genres,list" parquet-element:"element,dict"`
}

// classTable numbers the classes of songs of one system; a song without a class has the class Unknown.
type classTable struct {
	index  cells.Index[string]
	names  []string // by number, when finished
	byName []string // ascending, when finished
	rank   []int32  // of each class by name, when finished
	start  []int32  // [songs+1]
	of     []int32  // classes of each song, each once
}

func (t *classTable) add(names []string) {
	if t.start == nil {
		t.start = []int32{0}
	}
	from := len(t.of)
	for _, n := range names {
		if n != "" {
			t.addClass(from, n)
		}
	}
	if len(t.of) == from {
		t.addClass(from, schemas.Unknown)
	}
	t.start = append(t.start, int32(len(t.of)))
}

func (t *classTable) addClass(from int, name string) {
	n := t.index.Of(name)
	if !slices.Contains(t.of[from:], n) {
		t.of = append(t.of, n)
	}
}

// finish names and ranks the classes.
func (t *classTable) finish() {
	t.names = t.index.Values()
	t.rank = ranks(t.names)
	t.byName = slices.Sorted(slices.Values(t.names))
}

// ranks returns the place of each name in their order.
func ranks(names []string) []int32 {
	order := make([]int32, len(names))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(names[a], names[b]) })
	out := make([]int32, len(names))
	for place, i := range order {
		out[i] = int32(place)
	}
	return out
}

func (t *classTable) classes(song int32) []int32 { return t.of[t.start[song]:t.start[song+1]] }

// songTable holds what profiles need of songs, by song index.
type songTable struct {
	ids     []string
	artist  []int32 // number of the first artist; -1 = unknown
	artists []string
	byName  []int32 // of each artist the place by name
	moods   classTable
	genres  classTable
}

var songCache memo.Last[*songTable]

// readSongs returns the tags of all songs, read once a process.
func readSongs(ctx context.Context, s lake.Store, in Inputs) (*songTable, error) {
	return songCache.Of(s.URL()+fmt.Sprint(in.Songs, in.Moods), func() (*songTable, error) {
		moods, err := tables.ReadMoods(ctx, s, in.Moods)
		if err != nil {
			return nil, err
		}
		t, artists := &songTable{}, cells.Index[string]{}
		for _, ref := range in.Songs {
			for tags, err := range parquetio.Ahead(parquetio.Read[songTags](ctx, s, ref)) {
				if err != nil {
					return nil, err
				}
				t.ids = append(t.ids, tags.SongID)
				t.moods.add(moods.Of(tags.SongID))
				t.genres.add(tags.Genres)
				t.artist = append(t.artist, firstArtist(tags.ArtistIDs, &artists))
			}
		}
		t.moods.finish()
		t.genres.finish()
		t.artists = artists.Values()
		t.byName = ranks(t.artists)
		return t, nil
	})
}

func firstArtist(ids []string, artists *cells.Index[string]) int32 {
	if len(ids) == 0 || ids[0] == "" {
		return -1
	}
	return artists.Of(ids[0])
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
