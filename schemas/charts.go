package schemas

// Chart is one row of table charts. A listener has one vote a song and day, and versions of a recording count as one.
//
// A country with too few listeners in a window has the world's list, and a shorter list than 100 goes on with the world's
// songs: their figures are the world's, and level says so.
type Chart struct {
	Region          string   `parquet:"region,dict"`
	WindowDays      int32    `parquet:"window_days,plain"` // 1, 7 or 28, ending with the night's day
	Rank            int32    `parquet:"rank,plain"`        // from 1: songs of the region's own level first, by listeners falling, decayed plays falling, song_id
	SongID          string   `parquet:"song_id,dict"`      // the main version of the recording
	Level           string   `parquet:"level,dict"`        // region that the figures of the row are of: region itself, or world when it was backed off or filled up
	Listeners       int64    `parquet:"listeners,plain"`
	DecayedPlays    float64  `parquet:"decayed_plays,plain"`          // plays, one a listener and day, each halved per half-life of age in days
	ListenersBefore int64    `parquet:"listeners_before,plain"`       // distinct listeners in the window of the same length before
	Growth          *float64 `parquet:"growth,optional,plain"`        // listeners over listeners_before, minus 1; nil = none then
	GrowthLow       *float64 `parquet:"growth_low,optional,plain"`    // lower 99 % bound of how much the song's share of the region's listeners grew; nil = nobody listened in one of the windows
	Trending        bool     `parquet:"trending"`                     // growth_low is at least 0.2: more than chance, and more than one fan
	PreviousRank    *int32   `parquet:"previous_rank,optional,plain"` // rank in the same list of last night's release; nil = not in it, or no last night
}

// PopularByGenre is one row of table popular_by_genre: what is heard of a genre in a region over 28 days.
type PopularByGenre struct {
	Region       string  `parquet:"region,dict"`
	Genre        string  `parquet:"genre,dict"` // as in table songs
	Rank         int32   `parquet:"rank,plain"`
	SongID       string  `parquet:"song_id,dict"` // the main version of the recording
	Level        string  `parquet:"level,dict"`   // region that the figures of the row are of, as in charts
	Listeners    int64   `parquet:"listeners,plain"`
	DecayedPlays float64 `parquet:"decayed_plays,plain"` // plays, one a listener and day, each halved per half-life of age in days
}

// PopularByContext is one row of table popular_by_context: what is heard in a region, day part, device and place over 28 days.
//
// Contexts are (day part, device), (day part), (place) and all together. A context with too few listeners has no
// list: a reader takes the next coarser one. Lists shorter than 100 go on with the songs of the next coarser list.
type PopularByContext struct {
	Region       string  `parquet:"region,dict"`
	DayPart      string  `parquet:"day_part,dict"` // late_night, morning, day, evening or night; all = summed over
	Device       string  `parquet:"device,dict"`
	Place        string  `parquet:"place,dict"` // where it was heard as the input says; all = summed over
	Rank         int32   `parquet:"rank,plain"`
	SongID       string  `parquet:"song_id,dict"` // the main version of the recording
	Level        string  `parquet:"level,dict"`   // region/day_part/device/place that the figures of the row are of
	Listeners    int64   `parquet:"listeners,plain"`
	DecayedPlays float64 `parquet:"decayed_plays,plain"` // plays, one a listener and day, each halved per half-life of age in days
}
