package scoring

import "slices"

// Favourite is a song a listener likes, with a weight above 0.
type Favourite struct {
	Song   int32
	Weight float32
}

// Lists are the deep neighbour lists of all songs, by song index.
type Lists struct {
	Start  []int64 // [S+1]
	Songs  []int32
	Scores []float32
}

// Vectors are unit vectors by song index, [S × Dim]; a row of zeros is no vector.
type Vectors struct {
	Data []float32
	Dim  int
}

// Catalogue is what is known of every song, by song index.
type Catalogue struct {
	Artist    []int32    // first artist, -1 = unknown
	Group     []int32    // the song that stands for all versions of the recording, itself when there are none
	Countries [][]string // where it may be played; empty = everywhere
	Classes   [][]int32  // moods, or genres where there are none
}

// Known returns the set of songs a listener knows: those given and, for each, the song that stands for its recording.
func (c Catalogue) Known(songs []int32) []int32 {
	out := make([]int32, 0, 2*len(songs))
	for _, s := range songs {
		out = append(out, s, c.Group[s])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Chart is the most heard songs of a region, best first.
type Chart struct {
	Songs []int32
	heard map[int32]int64
	most  int64
	least int64
}

// NewChart returns the chart of songs with their listeners, in the given order.
func NewChart(songs []int32, listeners []int64) *Chart {
	c := &Chart{Songs: songs, heard: make(map[int32]int64, len(songs))}
	for i, s := range songs {
		c.heard[s] = listeners[i]
		c.most = max(c.most, listeners[i])
		if i == 0 || listeners[i] < c.least {
			c.least = listeners[i]
		}
	}
	return c
}

// Has reports whether a song is in the chart; a nil chart is empty.
func (c *Chart) Has(song int32) bool {
	if c == nil {
		return false
	}
	_, ok := c.heard[song]
	return ok
}

func (c *Chart) songs() []int32 {
	if c == nil {
		return nil
	}
	return c.Songs
}

// Cell is a context: what is heard in one region, day part and device.
type Cell struct {
	Name  string // region/day_part/device
	Chart *Chart
	Lift  map[int32]float64 // by class: share in the cell over share anywhere; missing = unknown
}

// Listener is what one list is made for. Song sets are ascending.
type Listener struct {
	Favourites      []Favourite // weight falling
	Taste           []float32   // unit length; empty = none
	Region          string      // home country; "" = unknown
	Regional        *Chart      // of the home country; nil = none
	Cell            *Cell       // nil = context unknown
	Known           []int32     // songs played, liked or saved and, for each, the song of its Group: see Catalogue.Known
	Disliked        []int32     // songs unliked or mostly skipped
	DislikedArtists []int32
}

// Settings are what a list is bound to.
type Settings struct {
	Length      int // rows of a list
	ArtistCap   int // rows of one artist
	KeepKnown   bool
	PoolDepth   int     // songs taken of each context or chart
	ArtistStep  float32 // discount of an artist's second row, twice that of the third …
	SongPush    float32 // discount of a disliked song
	ArtistPush  float32 // discount of a song by a disliked artist
	Weights     Weights
	Calibration Calibration
}

// Model is what all listeners share; read-only and safe for concurrent use.
type Model struct {
	Catalogue Catalogue
	Lists     Lists
	Vectors   Vectors
	World     *Chart  // world chart; nil = no plays
	Popular   []int32 // every song with plays or playlists, most popular first
	Count     []int64 // listeners by song, or playlists where nobody played anything
	MaxCount  int64
	Settings  Settings
}

func contains(set []int32, x int32) bool {
	_, ok := slices.BinarySearch(set, x)
	return ok
}
