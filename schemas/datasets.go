package schemas

import "reflect"

// Table describes one published table.
type Table struct {
	Name    string       // folder under runs/<run>/tables/ and name in the manifest
	Version int          // raised when a column changes meaning or type
	Row     reflect.Type // the struct of one row
	Key     []string     // columns that are unique together
	Order   []string     // columns each file is sorted by, ascending; the files of a table follow one another in key-disjoint or bucketed order
	Doc     string       // one sentence for the data dictionary
}

// Names of the published tables.
const (
	TableSongs               = "songs"
	TableSongVectors         = "song_vectors"
	TableSongNeighbours      = "song_neighbours"
	TablePreferencesByHour   = "preferences_by_hour"
	TableDevicePreferences   = "device_preferences"
	TableSongMoods           = "song_moods"
	TableCharts              = "charts"
	TablePopularByGenre      = "popular_by_genre"
	TablePopularByContext    = "popular_by_context"
	TablePersonas            = "personas"
	TableUserProfiles        = "user_profiles"
	TableUserRecommendations = "user_recommendations"
	TableSessions            = "sessions"
	TableCandidates          = "candidates" // only when asked for
	TableCoverage            = "coverage"
	TableListQuality         = "list_quality"
	TableEvaluation          = "evaluation"
	TableRejected            = "rejected"
	TableGate                = "gate"
)

// Tables lists every published table in the order of the stages that make them.
func Tables() []Table {
	return []Table{
		{TableRejected, 1, reflect.TypeFor[Rejected](), []string{"source", "position", "reason"}, []string{"source", "position", "reason"}, "Input records that were not used, each with the reason and where it stood."},
		{TableSongs, 1, reflect.TypeFor[SongRow](), []string{"song_id"}, []string{"song_id"}, "Every song of playlists, plays or metadata, with its counts."},
		{TableSessions, 1, reflect.TypeFor[Session](), []string{"user_id", "started_at"}, []string{"user_id", "started_at"}, "Listening sessions: plays of one listener without a gap over 30 minutes."},
		{TableSongVectors, 1, reflect.TypeFor[SongVector](), []string{"song_id"}, []string{"song_id"}, "Song embeddings of unit length, trained from playlists."},
		{TableSongNeighbours, 1, reflect.TypeFor[SongNeighbour](), []string{"song_id", "rank"}, []string{"song_id", "rank"}, "The most similar songs of every song, with the parts of the score."},
		{TableSongMoods, 1, reflect.TypeFor[SongMood](), []string{"song_id", "mood"}, []string{"song_id", "mood"}, "Moods of songs, with where each comes from and how sure it is."},
		{TablePreferencesByHour, 1, reflect.TypeFor[PreferenceByHour](), []string{"region", "weekpart", "hour", "device", "kind", "value"}, []string{"region", "weekpart", "hour", "device", "kind", "value"}, "Which moods are played when and on what, by the listener's local hour."},
		{TableDevicePreferences, 1, reflect.TypeFor[DevicePreference](), []string{"dimension", "name", "kind", "value"}, []string{"dimension", "name", "kind", "value"}, "What listeners hear more on a device or at a place than they do overall."},
		{TableCharts, 1, reflect.TypeFor[Chart](), []string{"region", "window_days", "rank"}, []string{"region", "window_days", "rank"}, "The most heard songs by country and in the world, by distinct listeners."},
		{TablePopularByGenre, 1, reflect.TypeFor[PopularByGenre](), []string{"region", "genre", "rank"}, []string{"region", "genre", "rank"}, "The most heard songs of a genre by country and in the world."},
		{TablePopularByContext, 1, reflect.TypeFor[PopularByContext](), []string{"region", "day_part", "device", "place", "rank"}, []string{"region", "day_part", "device", "place", "rank"}, "The most heard songs of a region, day part, device and place."},
		{TablePersonas, 1, reflect.TypeFor[Persona](), []string{"persona"}, []string{"persona"}, "Segments of listeners: what sets them apart, and who joined and left since last night."},
		{TableUserProfiles, 1, reflect.TypeFor[UserProfile](), []string{"user_id"}, []string{"user_id"}, "What a listener likes, where, when and on which device."},
		{TableUserRecommendations, 1, reflect.TypeFor[Recommendation](), []string{"user_id", "list", "rank"}, []string{"user_id", "list", "rank"}, "Recommended songs of every listener, with the terms of their score and reasons."},
		{TableCandidates, 1, reflect.TypeFor[Candidate](), []string{"user_id", "song_id"}, []string{"user_id", "song_id"}, "What could have entered a listener's general list, with its terms; only when recommend.candidates is set."},
		{TableCoverage, 1, reflect.TypeFor[Coverage](), []string{"dimension", "group", "tier", "reason"}, []string{"dimension", "group", "tier", "reason"}, "How many listeners got which tier of list, and why: of all, by country and by length of history."},
		{TableListQuality, 1, reflect.TypeFor[ListQuality](), []string{"metric"}, []string{"metric"}, "How the general lists of a night spread over songs and artists, beside last night's."},
		{TableEvaluation, 1, reflect.TypeFor[Evaluation](), []string{"metric", "stratum", "method"}, []string{"metric", "stratum", "method"}, "How well the published neighbours find held-out songs, beside baselines."},
		{TableGate, 1, reflect.TypeFor[GateRule](), []string{"rule", "subject"}, []string{"rule", "subject"}, "The rules a night was judged by: figures, bounds, and what to do where one does not hold."},
	}
}

// FindTable returns the published table of that name.
func FindTable(name string) (Table, bool) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

// Names of working data that stages hand to one another within a run (runs/<run>/work/…).
//
// The dense song index of a run is the row number in table songs, all files in order: song ids ascending.
// A matrix column is a song of at least one training playlist; columns are ordered by training playlists falling, then song index.
// Listeners are cut into user buckets by Bucket(user_id, n); file i of every bucketed dataset but
// clean_plays is bucket i.
const (
	WorkPlaylists      = "clean_playlists"  // Parquet of CleanPlaylist, sorted by playlist_id within a file
	WorkPlays          = "clean_plays"      // Parquet of CleanPlay, one file a user bucket and landing folder, bucket after bucket
	WorkListens        = "listens"          // Parquet of transforms/io/listenio, one file a user bucket: each listener's songs by day and cell
	WorkListeners      = "clean_listeners"  // Parquet of Listener, one file a user bucket, sorted by user_id: users snapshot and plays together
	WorkMatrixColumns  = "matrix_columns"   // .npy int32 [V]: the song index of each column
	WorkMatrixRowStart = "matrix_row_start" // .npy int64 [P+1]: CSR row pointers of training playlists
	WorkMatrixRowItems = "matrix_row_items" // .npy int32 [E]: columns of each row, ascending, each once
	WorkMatrixColStart = "matrix_col_start" // .npy int64 [V+1]: CSC column pointers; their differences are the counts n
	WorkMatrixColItems = "matrix_col_items" // .npy int32 [E]: rows of each column, ascending
	WorkVectors        = "vectors"          // .npy float32 [S × d] by song index; zero rows where a song has no vector
	WorkOutVectors     = "out_vectors"      // .npy float32 [S × d] by song index: second vectors, of methods whose score is vectors[i]·out_vectors[j]; else no file
	WorkNeighbourLists = "neighbour_lists"  // transforms/io/neighbourio, one file a block of 8,192 songs: blended lists by score falling, ties by song; deeper than the published ones
	WorkListsMadeOf    = "lists_made_of"    // JSON: what the lists of listeners were made of, by name, and the favourites of personas: for why-not
)

// Landing folders under the lake's root; each holds date=YYYY-MM-DD folders.
const (
	LandingPlaylists = "landing/playlists"
	LandingSongs     = "landing/songs"
	LandingUsers     = "landing/users"
	LandingPlays     = "landing/plays"
	LandingRejected  = "landing/rejected"
)

// Previous returns the name under which a stage reads a table of last night: the release that counted for the greatest
// date before the night's when the night was planned.
func Previous(table string) string { return "previous/" + table }

// WeekBefore returns the name under which a stage reads a table of the release that counted for the greatest date at least
// seven days before the night's.
func WeekBefore(table string) string { return "week_before/" + table }

// DayParts are the five parts of a local day, in order, with their first hours 6, 11, 17, 21 and 0.
var DayParts = []string{"morning", "day", "evening", "night", "late_night"}

// DayPart returns the part of the day of a local hour in [0,23].
func DayPart(hour int) string {
	switch {
	case hour < 6:
		return DayParts[4]
	case hour < 11:
		return DayParts[0]
	case hour < 17:
		return DayParts[1]
	case hour < 21:
		return DayParts[2]
	default:
		return DayParts[3]
	}
}
