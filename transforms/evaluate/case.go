package evaluate

import (
	"segue/schemas"
	"segue/transforms/algo/metrics"
)

// Limits of the protocol.
const (
	minCount = 5   // training playlists of a vocabulary song
	depth    = 500 // of a ranking, at least
	shown    = 100 // of a ranking that are looked at for what lists are like
)

// Methods of table evaluation.
const (
	MethodPublished  = "published"    // table song_neighbours: sum over the seeds of the stored score
	MethodItemKNN    = "item_knn"     // co-occurrence cosine, all neighbours
	MethodStored     = "item_knn@100" // the same, the best 100 neighbours of a song (or as many as set)
	MethodPopularity = "popularity"   // training playlists with the song
	MethodLastNight  = "last_night"   // last night's table song_neighbours, scored as the published one
	MethodEmbedding  = "embedding"    // n_j^g · sum of cosines to the seeds; in Protocol alone
)

// Metrics of table evaluation.
const (
	MetricNDCG       = "ndcg@100"
	MetricRPrecision = "r_precision"
	MetricRecall10   = "recall@10"
	MetricRecall100  = "recall@100"
	MetricClicks     = "clicks"
	MetricMRR        = "mrr"
	MetricArtist     = "r_precision_artist" // a quarter for a new right artist
	MetricNovelty    = "novelty@100"        // bits
	MetricLift       = "popularity_lift@100"
	MetricArtists    = "artist_entropy@100" // bits
	MetricDistance   = "distance@100"       // within a list
	MetricCoverage   = "coverage@100"       // of the vocabulary, by the lists of all cases
	MetricGini       = "gini@100"           // the same
)

// Ratio is the suffix of metrics that compare two methods, named method/baseline.
const Ratio = "_ratio"

// methods by their number; last night's is the one after.
var methods = []string{MethodPublished, MethodItemKNN, MethodStored, MethodPopularity}

const (
	published = iota
	untruncated
	truncated
	popularity
)

var (
	hitMetrics  = []string{MetricNDCG, MetricRPrecision, MetricRecall10, MetricRecall100, MetricClicks, MetricMRR, MetricArtist}
	listMetrics = []string{MetricNovelty, MetricLift, MetricArtists, MetricDistance}
)

// stratum is a part of the comparison: cases of which only the first seeds are given. All seeds stay out of the rankings,
// so that strata share their cases.
type stratum struct {
	name  string
	seeds int
}

// strata by seeds given, ascending; the last is all of them.
var strata = []stratum{{"seeds=1", 1}, {"seeds=5", 5}, {"seeds=10", 10}, {schemas.All, metrics.MaxSeeds}}

// longStratum is the cases with the most seeds, all of them given.
const longStratum = "seeds=25"

// parts are strata by the popularity of hidden songs: thirds of the entries of the vocabulary, and the songs outside it.
var parts = []string{"songs=head", "songs=mid", "songs=tail", "songs=cold"}

const (
	coldPart  = 3
	caseParts = 4
)

// Case is one playlist with a part hidden; songs are columns, each once.
type Case struct {
	Seeds  []int32
	Hidden []int32
	Cold   []int32 // of the playlist, but not of the vocabulary: too rare; counted apart
}

// NewCase cuts the vocabulary songs of a playlist; see metrics.Hide.
func NewCase(songs []int32) (Case, bool) {
	seeds, hidden, ok := metrics.Hide(songs)
	return Case{Seeds: seeds, Hidden: hidden}, ok
}

// measure returns the values of one ranking in the order of hitMetrics; artist is by column.
func measure(ranked []int32, c Case, artist []int32) []float64 {
	h := metrics.Hits(ranked, c.Hidden)
	n := len(c.Hidden)
	return []float64{
		metrics.NDCG(h, n, 100), metrics.RPrecision(h, n), metrics.Recall(h, n, 10), metrics.Recall(h, n, 100),
		metrics.Clicks(h), metrics.ReciprocalRank(h), metrics.ArtistRPrecision(ranked, c.Hidden, artist),
	}
}
