package preferences

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
)

// Kinds of classes, in the order of the table.
const (
	KindGenre = "genre"
	KindMood  = "mood"
	KindTempo = "tempo"
)

var kinds = []string{KindGenre, KindMood, KindTempo}

// TempoBand returns the band of a tempo in beats a minute: slow below 90, moderate below 120, fast below 150, very_fast
// from there; Unknown for nil and for what is no tempo.
func TempoBand(bpm *float32) string {
	switch {
	case bpm == nil || !(*bpm > 0) || *bpm > 1000:
		return schemas.Unknown
	case *bpm < 90:
		return "slow"
	case *bpm < 120:
		return "moderate"
	case *bpm < 150:
		return "fast"
	}
	return "very_fast"
}

// songTags are the columns of table songs that classes come from.
type songTags struct {
	SongID string   `parquet:"song_id,plain"`
	Genres []string `parquet:"genres,list" parquet-element:"element,dict"`
	Tempo  *float32 `parquet:"tempo,optional,plain"` // beats a minute
}

// class is one class of a class system.
type class struct {
	Kind  string
	Value string
}

func compareClasses(a, b class) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
}

// songTable holds ids and classes of all songs by index. Every song has at least one class of each kind, Unknown where
// it has none.
type songTable struct {
	ids   []string
	names []class  // by (kind, value) when finished: a class is its place in the table
	kind  []int32  // of each class, index of kinds
	first [4]int32 // where the classes of each kind begin, and their number
	start []int64  // [songs+1]
	class []int32  // of the songs one after the other
}

// of returns the classes of a song, each once.
func (t *songTable) of(song int32) []int32 { return t.class[t.start[song]:t.start[song+1]] }

// builder makes a songTable song by song.
type builder struct {
	t      *songTable
	number map[class]int32
}

func newBuilder() *builder {
	return &builder{&songTable{start: []int64{0}}, map[class]int32{}}
}

// add appends the next song.
func (b *builder) add(s songTags, moods []string) {
	t, from := b.t, len(b.t.class)
	b.addKind(from, KindMood, moods)
	b.addKind(from, KindGenre, s.Genres)
	b.addKind(from, KindTempo, []string{TempoBand(s.Tempo)})
	t.ids, t.start = append(t.ids, s.SongID), append(t.start, int64(len(t.class)))
}

func (b *builder) addKind(from int, kind string, values []string) {
	before := len(b.t.class)
	for _, v := range values {
		if v != "" {
			b.addOnce(from, class{kind, v})
		}
	}
	if len(b.t.class) == before {
		b.addOnce(from, class{kind, schemas.Unknown})
	}
}

func (b *builder) addOnce(from int, k class) {
	n, ok := b.number[k]
	if !ok {
		n = int32(len(b.t.names))
		b.number[k], b.t.names = n, append(b.t.names, k)
	}
	if !slices.Contains(b.t.class[from:], n) {
		b.t.class = append(b.t.class, n)
	}
}

// finish numbers the classes in the order of the table.
func (b *builder) finish() *songTable {
	t := b.t
	order := make([]int32, len(t.names))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return compareClasses(t.names[x], t.names[y]) })
	place, names := make([]int32, len(order)), make([]class, len(order))
	for i, n := range order {
		place[n], names[i] = int32(i), t.names[n]
		k := int32(slices.Index(kinds, names[i].Kind))
		t.kind = append(t.kind, k)
		t.first[k+1] = int32(i + 1)
	}
	for k := range kinds {
		t.first[k+1] = max(t.first[k+1], t.first[k])
	}
	for i, n := range t.class {
		t.class[i] = place[n]
	}
	t.names = names
	return t
}

var songCache memo.Last[*songTable]

// songFiles are the tables that classes come from.
type songFiles struct {
	Songs []lake.FileRef
	Moods []lake.FileRef
}

// readSongs returns ids and classes of all songs, read once a process: 4 bytes a class, 24 a song and its id.
func readSongs(ctx context.Context, s lake.Store, files songFiles) (*songTable, error) {
	return songCache.Of(s.URL()+fmt.Sprint(files), func() (*songTable, error) {
		moods, err := tables.ReadMoods(ctx, s, files.Moods)
		if err != nil {
			return nil, err
		}
		b := newBuilder()
		for _, ref := range files.Songs {
			for tags, err := range parquetio.Ahead(parquetio.Read[songTags](ctx, s, ref)) {
				if err != nil {
					return nil, err
				}
				b.add(tags, moods.Of(tags.SongID))
			}
		}
		return b.finish(), nil
	})
}
