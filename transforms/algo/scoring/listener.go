package scoring

// Listener is what lists are made for. Song sets are ascending.
type Listener struct {
	Draw            uint64      // decides exploration; differs from listener to listener and from night to night
	Plays           int64       // of all time: how much their own taste counts
	Favourites      []Favourite // weight falling
	Vectors         []float32   // unit vectors one after the other: taste clusters and recent taste; empty = none
	Artists         []int32     // liked most, best first
	Persona         *Persona    // nil = none
	Region          string      // home country; "" = unknown
	Regional        *Chart      // of the home country; nil = none
	Trending        []int32     // songs on the rise at home, or in the world where home has none
	Genres          []GenreCharts
	Places          []*Chart     // what is heard at the listener's places
	Mix             []Context    // of the general list, shares add up to 1; empty = context unknown
	Distinct        float32      // [0,1] how far Mix is the listener's own: as far as not, it says of every song the same
	Main            []Main       // contexts with a list of their own
	Own             [][]ClassFit // by day part: the listener's own preferences there
	Known           []int32      // songs played, liked or saved and, for each, the song of its Group: see Catalogue.Known
	Disliked        []int32      // songs unliked or mostly skipped
	DislikedArtists []int32
	Recent          []Recent // songs played lately
	Inactive        bool     // long without plays: gets the ladder below personal
	Stored          []Stored // candidates that were found before, to be weighed anew; nil = they are sought
}

// Stored is a candidate of a general list as table candidates has it.
type Stored struct {
	Song              int32
	Sources           uint16
	Evidence          float32
	Taste, Popularity float32 // calibrated
}

// GenreCharts are the charts of one genre that a listener likes; nil = none.
type GenreCharts struct{ Home, World *Chart }

// Context is a cell and how much of the listening is there.
type Context struct {
	Cell    *Cell
	DayPart int // index into Listener.Own
	Share   float32
}

// Main is a context with a list of its own.
type Main struct {
	Name string // day_part:device
	Mix  []Context
}

// ClassFit is how well a class fits a day part of a listener: lift/(1+lift), the lift being its share then over that at any time.
type ClassFit struct {
	Class int32
	Fit   float32
}

// Recent is a song played some days ago.
type Recent struct {
	Song int32
	Days float32 // since the last play, from 0
}

// Modes of Settings.
const (
	Discovery = iota // songs the listener knows are left out
	Familiar         // known songs come first, new ones fill the list
	Mixed            // both
)

// Settings are what a list is bound to.
type Settings struct {
	Length        int // rows of the general list
	ContextLength int // rows of a context's list
	ArtistCap     int // rows of one artist
	AlbumCap      int // rows of one album
	Mode          int
	Neighbours    int     // quota of songs by neighbour evidence
	Vectors       int     // quota of songs by nearness to taste vectors; where neighbours fill no list, what they leave of theirs comes on top
	PoolDepth     int     // quota of each other pool
	Explore       float32 // share of a list that is drawn by lot among its remaining candidates
	FreshFloor    float32 // least share of songs new to the listener, as far as there are any
	ArtistStep    float32 // discount of an artist's second row, twice that of the third …
	AlbumStep     float32 // the same of an album
	SongPush      float32 // discount of a disliked song
	ArtistPush    float32 // discount of a song by a disliked artist
	CoolDown      float32 // discount of a song played today, half that after CoolDownDays
	CoolDownDays  float32
	FamiliarLift  float32 // what known songs gain in a familiar list
	CosineShare   float32 // what a cosine of 1 to the nearest taste vector would add to the raw taste term, were cosines not cut
	HabitKappa    float32 // plays at which the listener's own hours, and preferences by hour, count as much as those of others
	Kappa         float32 // plays at which the listener's own taste counts as much as the persona's
	Personal      Weights // with a history without end
	Persona       Weights // with none
}

// trust returns n/(n+κ): how much the history counts.
func (s *Settings) trust(plays int64) float32 { return part(plays, s.Kappa) }

// Habit returns how much the listener's own hours and preferences by hour count: n/(n+κ) with a larger κ, for plays come in
// sessions of one hour.
func (s *Settings) Habit(plays int64) float32 { return part(plays, s.HabitKappa) }

func part(plays int64, kappa float32) float32 {
	n := float64(max(plays, 0))
	return float32(n / (n + float64(kappa)))
}
