package preferences

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// Kinds of classes.
const (
	KindMood  = "mood"
	KindGenre = "genre"
	KindTempo = "tempo"
)

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
	Genres []string `parquet:"genres,list" parquet-element:"element,dict"`
	Moods  []string `parquet:"moods,list" parquet-element:"element,dict"`
	Tempo  *float32 `parquet:"tempo,optional,plain"` // beats a minute
}

// songClasses holds the classes of every song: at least one of each kind, Unknown where a song has none.
type songClasses struct {
	names  []class
	number map[class]int32
	start  []int64 // [songs+1]
	ids    []int32 // numbers of names
}

// of returns the classes of a song by song index.
func (c *songClasses) of(song int32) ([]int32, error) {
	if song < 0 || int(song) >= len(c.start)-1 {
		return nil, fmt.Errorf("find classes of song %d: table songs has %d rows", song, len(c.start)-1)
	}
	return c.ids[c.start[song]:c.start[song+1]], nil
}

func newSongClasses() *songClasses {
	return &songClasses{number: map[class]int32{}, start: []int64{0}}
}

// add appends the next song.
func (c *songClasses) add(s songTags) {
	from := len(c.ids)
	c.addKind(from, KindMood, s.Moods)
	c.addKind(from, KindGenre, s.Genres)
	c.addKind(from, KindTempo, []string{TempoBand(s.Tempo)})
	c.start = append(c.start, int64(len(c.ids)))
}

func (c *songClasses) addKind(from int, kind string, values []string) {
	before := len(c.ids)
	for _, v := range values {
		if v != "" {
			c.addOnce(from, class{kind, v})
		}
	}
	if len(c.ids) == before {
		c.addOnce(from, class{kind, schemas.Unknown})
	}
}

func (c *songClasses) addOnce(from int, k class) {
	n, ok := c.number[k]
	if !ok {
		n = int32(len(c.names))
		c.number[k], c.names = n, append(c.names, k)
	}
	for _, id := range c.ids[from:] {
		if id == n {
			return
		}
	}
	c.ids = append(c.ids, n)
}

var classCache memo.Last[*songClasses]

// readClasses returns the classes of all songs, read once a process: 4 bytes a class, 8 a song.
func readClasses(ctx context.Context, s lake.Store, songs []lake.FileRef) (*songClasses, error) {
	return classCache.Of(s.URL()+fmt.Sprint(songs), func() (*songClasses, error) {
		c := newSongClasses()
		for _, ref := range songs {
			for tags, err := range parquetio.Read[songTags](ctx, s, ref) {
				if err != nil {
					return nil, err
				}
				c.add(tags)
			}
		}
		return c, nil
	})
}
