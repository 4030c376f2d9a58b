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
	Vector    []float32 `parquet:"vector,list,uncompressed" parquet-element:"element,plain"` // unit length; empty when Source is VectorNone
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
	EmbScore    float32 `parquet:"emb_score,plain"`  // n_j^g · cosine, unscaled; 0 = not among its list
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

// Tiers of user_recommendations, best first.
const (
	TierPersonal = "personal"
	TierContext  = "context"
	TierRegion   = "region"
	TierWorld    = "world"
)

// ListGeneral is the list every listener has.
const ListGeneral = "general"

// Recommendation is one row of table user_recommendations.
//
// score = float32(float64(w_taste)·taste + float64(w_context)·context + float64(w_popularity)·popularity + adjustment),
// left to right without fusing; terms lie in [0,1].
type Recommendation struct {
	UserID      string   `parquet:"user_id,dict"`
	List        string   `parquet:"list,dict"`
	Rank        int32    `parquet:"rank,plain"`
	SongID      string   `parquet:"song_id,dict"`
	Score       float32  `parquet:"score,plain"`
	Taste       float32  `parquet:"taste,plain"`
	Context     float32  `parquet:"context,plain"`
	Popularity  float32  `parquet:"popularity,plain"`
	WTaste      float32  `parquet:"w_taste,plain"`
	WContext    float32  `parquet:"w_context,plain"`
	WPopularity float32  `parquet:"w_popularity,plain"`
	Adjustment  float32  `parquet:"adjustment,plain"`
	Tier        string   `parquet:"tier,dict"`
	Sources     []string `parquet:"sources,list" parquet-element:"element,dict"` // candidate pools that named the song
	Seeds       []Seed   `parquet:"seeds,list"`                                  // up to 3 favourites that led here; weight = their share of the evidence
	ContextCell string   `parquet:"context_cell,dict"`                           // region/day_part/device used; "" = none
}

// Sum returns the score that the stored terms, weights and adjustment add up to.
func (r Recommendation) Sum() float32 {
	sum := float64(float64(r.WTaste) * float64(r.Taste))
	sum += float64(float64(r.WContext) * float64(r.Context))
	sum += float64(float64(r.WPopularity) * float64(r.Popularity))
	return float32(sum + float64(r.Adjustment))
}

// Session is one row of table sessions.
type Session struct {
	UserID    string    `parquet:"user_id,dict"`
	StartedAt time.Time `parquet:"started_at,timestamp(microsecond)"`
	EndedAt   time.Time `parquet:"ended_at,timestamp(microsecond)"` // start of the last play plus its ms_played when known
	Plays     int64     `parquet:"plays,plain"`
	Skips     int64     `parquet:"skips,plain"`
	MsPlayed  int64     `parquet:"ms_played,plain"`                           // known milliseconds
	Device    string    `parquet:"device,dict"`                               // of the first play; "" = unknown
	Songs     []string  `parquet:"songs,list" parquet-element:"element,dict"` // in play order
}

// Coverage is one row of table coverage: who got which tier of list, and why.
type Coverage struct {
	Tier   string  `parquet:"tier,dict"`
	Reason string  `parquet:"reason,dict"`
	Users  int64   `parquet:"users,plain"`
	Share  float64 `parquet:"share,plain"` // of all listeners
	Rows   int64   `parquet:"rows,plain"`
}

// Evaluation is one row of table evaluation.
type Evaluation struct {
	Metric  string   `parquet:"metric,dict"`  // ndcg@100, r_precision, recall@100 …
	Stratum string   `parquet:"stratum,dict"` // All, or a part of the cases
	Method  string   `parquet:"method,dict"`  // published, item_knn, item_knn@100, popularity …
	Value   float64  `parquet:"value,plain"`
	Low     *float64 `parquet:"low,optional,plain"` // 95 % interval; nil = not computed
	High    *float64 `parquet:"high,optional,plain"`
	Cases   int64    `parquet:"cases,plain"`
}
