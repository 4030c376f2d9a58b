package scoring

import (
	"math"
	"slices"

	"segue/transforms/algo/blend"
)

// Favourite is a song a listener likes, with a weight above 0.
type Favourite struct {
	Song   int32
	Weight float32
}

// Lists are the deep neighbour lists of all songs; nil = none.
type Lists blend.Lists

// Vectors are unit vectors by song index, [S × Dim]; a row of zeros is no vector.
type Vectors struct {
	Data []float32
	Dim  int
}

// Catalogue is what is known of every song, by song index.
type Catalogue struct {
	Artist     []int32   // first artist, -1 = unknown
	Album      []int32   // -1 = unknown
	Group      []int32   // the song that stands for all versions of the recording, itself when there are none
	Market     []int32   // number of the set of countries where it may be played, 0 = everywhere
	ClassStart []int32   // [S+1]
	Classes    []int32   // of each song: moods, or genres where there are none
	Sure       []float32 // how sure the classes of a song are, [0,1]
	Artists    int       // artists are numbered below
	Albums     int
	ClassCount int
	Markets    Markets
}

// Known returns the set of songs a listener knows: those given and, for each, the song that stands for its recording.
func (c *Catalogue) Known(songs []int32) []int32 {
	out := make([]int32, 0, 2*len(songs))
	for _, s := range songs {
		out = append(out, s, c.Group[s])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Chart is the most heard songs of somewhere, best first.
type Chart struct {
	Songs []int32
	Reach []float32 // log(1+listeners) over that of the most heard song, [0,1]
	last  float32   // log(1+listeners) of the least heard song
	most  float32   // of the most heard
	ahead float32   // how much more log(1+listeners) its songs have anywhere, on average
}

// NewChart returns the chart of songs with their listeners, in the given order.
func NewChart(songs []int32, listeners []int64) *Chart {
	c := &Chart{Songs: songs, Reach: make([]float32, len(songs))}
	for i := range songs {
		n := float32(math.Log1p(float64(max(listeners[i], 0))))
		if c.Reach[i] = n; i == 0 || n < c.last {
			c.last = n
		}
		c.most = max(c.most, n)
	}
	for i := range c.Reach {
		if c.most > 0 {
			c.Reach[i] /= c.most
		}
	}
	return c
}

// Beside tells the chart the log(1+listeners) that its songs have anywhere, ever: what is heard beside them can then be guessed.
func (c *Chart) Beside(logs []float32) {
	var sum float64
	for i, j := range c.Songs {
		sum += float64(logs[j]) - float64(c.Reach[i]*c.most)
	}
	if len(c.Songs) > 0 {
		c.ahead = float32(sum / float64(len(c.Songs)))
	}
}

// Cell is a context: what is heard in one region, weekpart, day part and device.
type Cell struct {
	Name  string    // region/weekpart/day_part/device asked for
	Level string    // the coarsest cell whose figures stand in for it, itself when it has its own
	Chart *Chart    // nil = none
	Fit   []float32 // by class: lift/(1+lift), the lift being its share here over that anywhere; one half = unknown; nil = all unknown
}

// Persona is a segment of listeners: what its members like.
type Persona struct {
	Songs  []int32   // best first
	Scores []float32 // falling, (0,1]
	Centre []float32 // unit length; empty = none
}

// Model is what all listeners share; read-only and safe for concurrent use.
type Model struct {
	Catalogue Catalogue
	Lists     Lists
	Vectors   Vectors
	World     *Chart    // world chart; nil = no plays
	Popular   []int32   // every song with plays or playlists, most popular first
	LogCount  []float32 // log(1+listeners) by song, of playlists where nobody played anything
	MaxLog    float32   // the largest of LogCount
	Inverted  Inverted  // songs by nearness to each other
	NewSongs  [][]int32 // by artist: songs without neighbours, newest first; nil = none known
	Settings  Settings

	maps   Calibration
	packed packed // without facts, each scratch packs its own
}

// Calibrated returns the model with a night's maps.
func (m Model) Calibrated(c Calibration) *Model {
	m.maps = c
	return &m
}

// songs returns at most depth songs of a chart; a nil chart is empty.
func (c *Chart) songs(depth int) []int32 {
	if c == nil {
		return nil
	}
	return c.Songs[:min(depth, len(c.Songs))]
}
