package schemas

// SongMood is one row of table song_moods: a mood of a song. Songs of unknown mood have no row.
type SongMood struct {
	SongID     string  `parquet:"song_id,plain"`
	Mood       string  `parquet:"mood,dict"`        // as tagged, or one of the lexicon
	MoodSource string  `parquet:"mood_source,dict"` // tag: as given; title: from titles of playlists; neighbours: from the song's neighbours
	Confidence float32 `parquet:"confidence,plain"` // about the chance that it is right, (0,1]; 1 for tags
}

// PreferenceByHour is one row of table preferences_by_hour: a cell of region × weekpart × hour × device and one class.
// A dimension summed over holds All, the region World, the hour nil.
//
// Counts are nil where fewer listeners than the stage's minimum stand behind them, or where they would give away such a
// count by subtraction. Estimates are there in every row.
type PreferenceByHour struct {
	Region        string   `parquet:"region,dict"`
	Weekpart      string   `parquet:"weekpart,dict"`                 // weekday, weekend or all
	Hour          *int32   `parquet:"hour,optional,plain"`           // local hour 0–23; nil = all hours, also unknown ones
	Device        string   `parquet:"device,dict"`                   // class of devices; unknown when not given, all = summed over
	Kind          string   `parquet:"kind,dict"`                     // class system: mood, genre, tempo
	Value         string   `parquet:"value,dict"`                    // the class; unknown for songs without one
	Plays         *int64   `parquet:"plays,optional,plain"`          // a play of a song with two moods counts for both
	Listeners     *int64   `parquet:"listeners,optional,plain"`      // distinct
	WeightedPlays *float64 `parquet:"weighted_plays,optional,plain"` // plays by completion and age, capped a listener and day
	EffectiveN    *float64 `parquet:"effective_n,optional,plain"`    // listeners of the whole cell that count: (Σw)²/Σw²
	Skips         *int64   `parquet:"skips,optional,plain"`
	Share         *float64 `parquet:"share,optional,plain"` // observed: weighted plays over the cell's weighted class plays, [0,1]; nil also without weight
	ShrunkShare   float64  `parquet:"shrunk_share,plain"`   // estimate: observed share and the parent cell's, as far as listeners support each
	Low           float64  `parquet:"low,plain"`            // lower end of the 90 % credible interval of the share
	High          float64  `parquet:"high,plain"`           // upper end of that interval
	Lift          float64  `parquet:"lift,plain"`           // shrunk_share over that of all plays: 1 = as anywhere
	Level         string   `parquet:"level,dict"`           // dimensions of the cell whose plays carried the estimate, joined by _; world for none
	Supported     bool     `parquet:"supported"`            // enough listeners in the cell: the estimate is its own
}

// DevicePreference is one row of table device_preferences: how much more a class is heard on a device, or at a place,
// than by the same listeners overall. Listeners known in one situation only tell nothing and are left out.
type DevicePreference struct {
	Dimension string   `parquet:"dimension,dict"`           // device or place
	Name      string   `parquet:"name,dict"`                // the device or place
	Kind      string   `parquet:"kind,dict"`                // class system: mood, genre, tempo
	Value     string   `parquet:"value,dict"`               // the class; unknown for songs without one
	Listeners *int64   `parquet:"listeners,optional,plain"` // distinct, of those compared, who heard the class anywhere; nil = too few, as all below
	Plays     *int64   `parquet:"plays,optional,plain"`     // of the class there, by them
	Share     *float64 `parquet:"share,optional,plain"`     // of the class there: mean over compared listeners, each weighing at most 1
	OwnShare  *float64 `parquet:"own_share,optional,plain"` // of the class in the overall mix of the same listeners, weighed the same
	Lift      *float64 `parquet:"lift,optional,plain"`      // share over own_share: 1 = as they hear everywhere
	Low       *float64 `parquet:"low,optional,plain"`       // lower end of the 90 % interval of the lift
	High      *float64 `parquet:"high,optional,plain"`      // upper end of that interval
	Supported bool     `parquet:"supported"`                // enough listeners
}
