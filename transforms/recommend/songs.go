package recommend

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/algo/scoring"
	"segue/transforms/algo/version"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// songRow is what is read of table songs.
type songRow struct {
	SongID      string   `parquet:"song_id,plain"`
	ArtistIDs   []string `parquet:"artist_ids,list" parquet-element:"element,dict"`
	Album       string   `parquet:"album,dict"`
	Genres      []string `parquet:"genres,list" parquet-element:"element,dict"`
	Moods       []string `parquet:"moods,list" parquet-element:"element,dict"`
	ReleaseDate string   `parquet:"release_date,dict"`
	Countries   []string `parquet:"countries,list" parquet-element:"element,dict"`
	VersionOf   string   `parquet:"version_of,dict"`
	Playlists   int64    `parquet:"playlists,plain"`
	Listeners   int64    `parquet:"listeners,plain"`
}

// Class systems whose fit counts in a context: moods, and genres for songs without a mood.
const (
	kindMood  = "mood"
	kindGenre = "genre"
)

// classNumbers numbers the classes of songs.
type classNumbers map[[2]string]int32

func (c classNumbers) number(kind, value string) int32 {
	n, ok := c[[2]string{kind, value}]
	if !ok {
		n = int32(len(c))
		c[[2]string{kind, value}] = n
	}
	return n
}

// tags are classes of songs: those of song i, and how sure they are.
type tags struct {
	classes [][]int32
	sure    []float32
}

// catalogue is table songs while it is read.
type catalogue struct {
	m         *model
	versions  []string
	released  []string
	playlists []int64
	listeners []int64
	tags      tags
	albums    map[[2]string]int32
}

// readSongs fills the catalogue and the order of popularity: listeners falling, playlists falling, song id.
func (m *model) readSongs(ctx context.Context, s lake.Store, files map[string][]lake.FileRef) error {
	c := &catalogue{m: m, albums: map[[2]string]int32{}}
	for _, ref := range files[schemas.TableSongs] {
		for row, err := range parquetio.Ahead(parquetio.Read[songRow](ctx, s, ref)) {
			if err != nil {
				return err
			}
			c.add(row)
		}
	}
	m.texts = parquetio.NewVocabulary(m.ids)
	m.ids = m.texts.Texts
	if !slices.IsSorted(m.ids) {
		return fmt.Errorf("read table %s: song ids are not ascending over its files", schemas.TableSongs)
	}
	m.names = newNames(m.ids)
	if err := c.readMoods(ctx, s, files[schemas.TableSongMoods]); err != nil {
		return err
	}
	cat := &m.scoring.Catalogue
	cat.ClassStart = append(cat.ClassStart, 0)
	for _, classes := range c.tags.classes {
		cat.Classes = append(cat.Classes, classes...)
		cat.ClassStart = append(cat.ClassStart, int32(len(cat.Classes)))
	}
	cat.Sure = c.tags.sure
	cat.Group = version.Main(m.ids, c.versions)
	cat.Artists, cat.Albums = len(m.artists), len(c.albums)
	c.rank()
	m.released = c.released
	return nil
}

func (c *catalogue) add(row songRow) {
	m, cat := c.m, &c.m.scoring.Catalogue
	artist, album := int32(-1), int32(-1)
	if len(row.ArtistIDs) > 0 && row.ArtistIDs[0] != "" {
		artist = number(m.artists, row.ArtistIDs[0])
		if row.Album != "" {
			album = number(c.albums, [2]string{row.ArtistIDs[0], row.Album})
		}
	}
	m.ids = append(m.ids, row.SongID)
	cat.Artist, cat.Album = append(cat.Artist, artist), append(cat.Album, album)
	cat.Market = append(cat.Market, cat.Markets.Number(row.Countries))
	kind, values := kindMood, row.Moods
	if len(values) == 0 {
		kind, values = kindGenre, row.Genres
	}
	var classes []int32
	for _, v := range values {
		if n := m.classes.number(kind, v); !slices.Contains(classes, n) {
			classes = append(classes, n)
		}
	}
	c.tags.classes, c.tags.sure = append(c.tags.classes, classes), append(c.tags.sure, 1)
	c.versions, c.released = append(c.versions, row.VersionOf), append(c.released, row.ReleaseDate)
	c.playlists, c.listeners = append(c.playlists, row.Playlists), append(c.listeners, row.Listeners)
}

func number[K comparable](numbers map[K]int32, key K) int32 {
	n, ok := numbers[key]
	if !ok {
		n = int32(len(numbers))
		numbers[key] = n
	}
	return n
}

// readMoods puts the moods of table song_moods, with their confidence, in place of what table songs tells.
func (c *catalogue) readMoods(ctx context.Context, s lake.Store, refs []lake.FileRef) error {
	last := int32(-1)
	for _, ref := range refs {
		for row, err := range parquetio.Ahead(parquetio.Read[schemas.SongMood](ctx, s, ref)) {
			if err != nil {
				return err
			}
			song, ok := c.m.index(row.SongID)
			if !ok {
				continue
			}
			if song != last {
				c.tags.classes[song], c.tags.sure[song], last = nil, 0, song
			}
			c.tags.classes[song] = append(c.tags.classes[song], c.m.classes.number(kindMood, row.Mood))
			c.tags.sure[song] = max(c.tags.sure[song], min(row.Confidence, 1))
		}
	}
	return nil
}

// rank sets the popularity of songs: by listeners, by playlists where nobody played anything.
func (c *catalogue) rank() {
	m := &c.m.scoring
	for i := range c.m.ids {
		if c.listeners[i] > 0 || c.playlists[i] > 0 {
			m.Popular = append(m.Popular, int32(i))
		}
	}
	slices.SortFunc(m.Popular, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.listeners[b], c.listeners[a]), cmp.Compare(c.playlists[b], c.playlists[a]), cmp.Compare(a, b))
	})
	counts := c.listeners
	if len(m.Popular) > 0 && counts[m.Popular[0]] == 0 {
		counts = c.playlists
	}
	m.LogCount = make([]float32, len(counts))
	for i, n := range counts {
		m.LogCount[i] = float32(math.Log1p(float64(n)))
		m.MaxLog = max(m.MaxLog, m.LogCount[i])
	}
}

// newSongsAnArtist is how many songs without neighbours an artist lends to those who like it.
const newSongsAnArtist = 5

// listNew lists, by artist, the songs without neighbours: nobody is led to them by other songs. Newest first, ties by id.
func (m *model) listNew() {
	if m.scoring.Lists == nil {
		return
	}
	lists := blend.Lists(m.scoring.Lists)
	m.scoring.NewSongs = make([][]int32, len(m.artists))
	for i, artist := range m.scoring.Catalogue.Artist {
		if near, _ := lists.Of(int32(i)); artist >= 0 && len(near) == 0 {
			m.scoring.NewSongs[artist] = append(m.scoring.NewSongs[artist], int32(i))
		}
	}
	for a, songs := range m.scoring.NewSongs {
		slices.SortStableFunc(songs, func(x, y int32) int { return cmp.Compare(m.released[y], m.released[x]) })
		m.scoring.NewSongs[a] = songs[:min(newSongsAnArtist, len(songs))]
	}
}

// index returns the song index of an id.
func (m *model) index(id string) (int32, bool) { return m.names.find(id) }

// favourites returns the listed songs that the night knows, of weight above 0.
func (m *model) favourites(seeds []schemas.Seed) []scoring.Favourite {
	out := make([]scoring.Favourite, 0, len(seeds))
	for _, f := range seeds {
		if song, ok := m.index(f.SongID); ok && f.Weight > 0 {
			out = append(out, scoring.Favourite{Song: song, Weight: f.Weight})
		}
	}
	return out
}
