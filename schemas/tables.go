package schemas

import "time"

// SongRow is one row of table songs: every song of playlists, plays or metadata.
type SongRow struct {
	SongID        string   `parquet:"song_id,plain"`
	Title         string   `parquet:"title,plain"`
	Artists       []string `parquet:"artists,list" parquet-element:"element,dict"`
	ArtistIDs     []string `parquet:"artist_ids,list" parquet-element:"element,dict"`
	Album         string   `parquet:"album,dict"`
	Genres        []string `parquet:"genres,list" parquet-element:"element,dict"`
	Moods         []string `parquet:"moods,list" parquet-element:"element,dict"`
	Tempo         *float32 `parquet:"tempo,optional,plain"`       // beats a minute
	DurationMs    *int64   `parquet:"duration_ms,optional,plain"` // milliseconds
	ReleaseDate   string   `parquet:"release_date,dict"`
	Countries     []string `parquet:"countries,list" parquet-element:"element,dict"`
	ArtistCountry string   `parquet:"artist_country,dict"`
	VersionOf     string   `parquet:"version_of,dict"` // song_id of the main version; "" = none
	Playlists     int64    `parquet:"playlists,plain"` // playlists that hold it
	Plays         int64    `parquet:"plays,plain"`     // events of kind play
	Listeners     int64    `parquet:"listeners,plain"` // distinct listeners who played it
}

// Sources of a SongVector.
const (
	VectorFit    = "fit"    // trained with the others
	VectorFolded = "folded" // projected into the trained space: too rare to be fitted
	VectorNone   = "none"   // in no playlist: no vector
)

// SongVector is one row of table song_vectors.
type SongVector struct {
	SongID    string    `parquet:"song_id,plain"`
	Vector    []float32 `parquet:"vector,list,uncompressed" parquet-element:"element,plain"` // unit length; empty when source is none
	Playlists int64     `parquet:"playlists,plain"`                                          // training playlists that hold it
	Plays     int64     `parquet:"plays,plain"`
	Source    string    `parquet:"source,dict"`         // VectorFit, VectorFolded or VectorNone
	Norm      *float32  `parquet:"norm,optional,plain"` // length before it became 1: how much of the song the space holds; nil = no vector
}

// SongNeighbour is one row of table song_neighbours: rank from 1, score falling, ties by neighbour_id.
type SongNeighbour struct {
	SongID      string  `parquet:"song_id,dict"`
	Rank        int32   `parquet:"rank,plain"`
	NeighbourID string  `parquet:"neighbour_id,dict"`
	Score       float32 `parquet:"score,plain"`      // blend of the two below plus the artist bonus
	CoocScore   float32 `parquet:"cooc_score,plain"` // co-occurrence, unscaled; 0 = not among its list
	EmbScore    float32 `parquet:"emb_score,plain"`  // n_j^g · cosine, of skip-grams n_j^g · exp(6 cosine of both roles), unscaled; 0 = not among its list
	SameArtist  bool    `parquet:"same_artist"`
}

// Values of dimensions that are summed over or unknown.
const (
	All     = "all"
	World   = "world"
	Unknown = "unknown"
	Weekday = "weekday"
	Weekend = "weekend"
)

// Tiers of user_recommendations, best first: the rung of the ladder that named a song.
const (
	TierPersonal    = "personal"     // the listener's own taste
	TierPersona     = "persona"      // favourites of the listener's persona
	TierContext     = "context"      // heard in the listener's contexts and places
	TierRegionGenre = "region_genre" // chart of a liked or picked genre at home
	TierGenre       = "genre"        // the same in the world
	TierRegion      = "region"       // chart of the home country
	TierWorld       = "world"
)

// ListGeneral is the list every listener has.
const ListGeneral = "general"

// ContextList returns the name of the list of a main context.
func ContextList(dayPart, device string) string { return dayPart + ":" + device }

// Slots of user_recommendations: how a row came to its rank.
const (
	SlotRanked      = "ranked"      // by its score
	SlotFresh       = "fresh"       // by its score among songs new to the listener, of which the list wanted more
	SlotExploration = "exploration" // drawn by lot among the remaining candidates: its score may be anything
)

// Reason is one favourite that led to a recommended song.
type Reason struct {
	SongID     string  `parquet:"song_id,dict"`
	Share      float32 `parquet:"share,plain,snappy"`      // of the evidence for the row
	Similarity float32 `parquet:"similarity,plain,snappy"` // score of the recommended song among the favourite's neighbours
}

// Adjustment is one named part of a row's adjustment.
type Adjustment struct {
	Name  string  `parquet:"name,dict"`
	Value float32 `parquet:"value,plain,snappy"` // added to the score; below 0 = a discount
}

// Recommendation is one row of table user_recommendations.
//
// score = float32(float64(w_taste)·taste + float64(w_context)·context + float64(w_popularity)·popularity + adjustment),
// left to right without fusing; terms lie in [0,1]; adjustment = float32 of the named ones, added in float64 in their order.
// Scores do not rise with rank among rows that are not drawn by lot. The run id is in the file's metadata.
type Recommendation struct {
	UserID       string       `parquet:"user_id,dict"`
	List         string       `parquet:"list,dict"` // ListGeneral, or day_part:device for a main context
	Rank         int32        `parquet:"rank,plain"`
	SongID       string       `parquet:"song_id,dict"`
	Score        float32      `parquet:"score,plain,snappy"`
	Taste        float32      `parquet:"taste,plain,snappy"`
	Context      float32      `parquet:"context,plain,snappy"`
	Popularity   float32      `parquet:"popularity,plain,snappy"`
	WTaste       float32      `parquet:"w_taste,plain"`
	WContext     float32      `parquet:"w_context,plain"`
	WPopularity  float32      `parquet:"w_popularity,plain"`
	Adjustment   float32      `parquet:"adjustment,plain"`
	Adjustments  []Adjustment `parquet:"adjustments,list"` // its parts by name, none of them 0
	Tier         string       `parquet:"tier,dict"`
	Slot         string       `parquet:"slot,dict"`                                   // SlotRanked, SlotFresh or SlotExploration
	Sources      []string     `parquet:"sources,list" parquet-element:"element,dict"` // candidate pools that named the song
	Seeds        []Reason     `parquet:"seeds,list"`                                  // up to 3 favourites that led here, largest share first
	ContextCell  string       `parquet:"context_cell,dict"`                           // region/weekpart/day_part/device of the largest share of the list's contexts; "" = context unknown
	ContextLevel string       `parquet:"context_level,dict"`                          // the cell whose figures stand in for it: itself, or a coarser one
}

// Candidate is one row of table candidates: a song that could have entered a listener's general list, with its terms. A new
// ranker can weigh them anew without another retrieval.
type Candidate struct {
	UserID     string   `parquet:"user_id,dict"`
	SongID     string   `parquet:"song_id,dict"`
	Taste      float32  `parquet:"taste,plain,snappy"`
	Context    float32  `parquet:"context,plain,snappy"`
	Popularity float32  `parquet:"popularity,plain,snappy"`
	Adjustment float32  `parquet:"adjustment,plain"`                            // dislikes, cool-down: what does not depend on other rows
	Evidence   float32  `parquet:"evidence,plain,snappy"`                       // weighted scores of the favourites' neighbour lists
	Sources    []string `parquet:"sources,list" parquet-element:"element,dict"` // candidate pools that named the song
}

// Sum returns the score that the stored terms, weights and adjustment add up to.
func (r Recommendation) Sum() float32 {
	return Score([3]float32{r.WTaste, r.WContext, r.WPopularity}, [3]float32{r.Taste, r.Context, r.Popularity}, r.Adjustment)
}

// Score returns what terms (taste, context, popularity) with their weights, and an adjustment, add up to.
func Score(weights, terms [3]float32, adjustment float32) float32 {
	sum := float64(float64(weights[0]) * float64(terms[0]))
	sum += float64(float64(weights[1]) * float64(terms[1]))
	sum += float64(float64(weights[2]) * float64(terms[2]))
	return float32(sum + float64(adjustment))
}

// Session is one row of table sessions.
type Session struct {
	UserID    string    `parquet:"user_id,dict"`
	StartedAt time.Time `parquet:"started_at,timestamp(microsecond)"`
	EndedAt   time.Time `parquet:"ended_at,timestamp(microsecond)"` // start of the last play plus its ms_played when known, at most four hours
	Plays     int64     `parquet:"plays,plain"`
	Skips     int64     `parquet:"skips,plain"`
	MsPlayed  int64     `parquet:"ms_played,plain"`                           // known milliseconds, of a play at most four hours
	Device    string    `parquet:"device,dict"`                               // of the first play; "" = unknown
	Songs     []string  `parquet:"songs,list" parquet-element:"element,dict"` // in play order
}

// Dimensions of table coverage beside All.
const (
	ByCountry = "country"
	ByHistory = "history"
)

// Coverage is one row of table coverage: who got which tier of list, and why. The rows of a dimension count every listener once.
type Coverage struct {
	Dimension string  `parquet:"dimension,dict"` // all, country or history
	Group     string  `parquet:"group,dict"`     // all; home country, "" = unknown; one of the histories of user_profiles
	Tier      string  `parquet:"tier,dict"`      // rung that supplied most rows of the general list; none = no list
	Reason    string  `parquet:"reason,dict"`
	Users     int64   `parquet:"users,plain"`
	Share     float64 `parquet:"share,plain"` // of the listeners of the group
	Rows      int64   `parquet:"rows,plain"`  // of all their lists
}

// ListQuality is one row of table list_quality: a measure of the general lists of the night. Coverage and Gini are of all of them;
// measures of one list are averaged over those of 5,000 listeners, or of a sixteenth if that is more, of all if there are fewer.
type ListQuality struct {
	Metric   string   `parquet:"metric,dict"` // catalogue_coverage: share of songs in any list; exposure_gini: of songs' places in lists; head_share: places of the songs that make up the first third of listening; artist_entropy: 1 = every row another artist; intra_list_distance: mean 1 − cosine of pairs; novelty: bits below the most heard song; miscalibration: distance of the classes of a list from those of the favourites, [0,1]
	Value    float64  `parquet:"value,plain"`
	Previous *float64 `parquet:"previous,optional,plain"` // last night's value; null = none
	Lists    int64    `parquet:"lists,plain"`             // that the measure is of
}

// StratumDays begins the strata of table evaluation that are about lists published earlier and the plays that followed them,
// such as days=1 and days=7/history=few.
const StratumDays = "days="

// Evaluation is one row of table evaluation.
type Evaluation struct {
	Metric  string   `parquet:"metric,dict"`  // ndcg@100, r_precision, recall@100 …
	Stratum string   `parquet:"stratum,dict"` // all, or a part of the cases
	Method  string   `parquet:"method,dict"`  // published, item_knn, item_knn@100, popularity …
	Value   float64  `parquet:"value,plain"`
	Low     *float64 `parquet:"low,optional,plain"` // 95 % interval; nil = not computed
	High    *float64 `parquet:"high,optional,plain"`
	Cases   int64    `parquet:"cases,plain"`
}
