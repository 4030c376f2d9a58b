package evaluate

import (
	"slices"

	"segue/schemas"
	"segue/transforms/algo/metrics"
)

// Limits of the protocol.
const (
	minCount  = 5   // training playlists of a vocabulary song
	maxSeeds  = 25  // seeds of a case
	minHidden = 5   // hidden songs of a case
	depth     = 500 // of a ranking, at least
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
	MetricArtist     = "r_precision_artist" // a quarter for a new right artist; in Protocol alone
)

var (
	methods     = []string{MethodPublished, MethodItemKNN, MethodStored, MethodPopularity}
	metricNames = []string{MetricNDCG, MetricRPrecision, MetricRecall10, MetricRecall100, MetricClicks, MetricMRR}
)

// stratum is a part of the comparison: cases of which only the first seeds are given. All seeds stay out of the rankings,
// so that strata share their cases.
type stratum struct {
	name  string
	seeds int
}

// strata by seeds given, ascending; the last is all of them.
var strata = []stratum{{"seeds=1", 1}, {"seeds=5", 5}, {"seeds=10", 10}, {schemas.All, maxSeeds}}

// Case is one playlist with a part hidden; songs are vocabulary columns, each once.
type Case struct {
	Seeds  []int32
	Hidden []int32
}

// NewCase cuts the vocabulary songs of a playlist, in order, each once however often given; false when too few are left.
func NewCase(songs []int32) (Case, bool) {
	seen := make(map[int32]bool, len(songs))
	kept := make([]int32, 0, len(songs))
	for _, s := range songs {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	n := min(maxSeeds, len(kept)/2)
	return Case{kept[:n], kept[n:]}, n > 0 && len(kept)-n >= minHidden
}

// measure returns the values of one ranking in the order of metricNames.
func measure(ranked []int32, c Case) []float64 {
	h := metrics.Hits(ranked, c.Hidden)
	n := len(c.Hidden)
	return []float64{
		metrics.NDCG(h, n, 100), metrics.RPrecision(h, n),
		metrics.Recall(h, n, 10), metrics.Recall(h, n, 100), metrics.Clicks(h), metrics.ReciprocalRank(h),
	}
}

// values are the measures of cases: Values[method][metric][case].
type values struct {
	Methods []string
	Metrics []string
	Values  [][][]float64
}

func newValues(methods, metrics []string) values {
	v := values{methods, metrics, make([][][]float64, len(methods))}
	for m := range v.Values {
		v.Values[m] = make([][]float64, len(metrics))
	}
	return v
}

// put appends the measures of one case by one method.
func (v values) put(method int, measured []float64) {
	for k, x := range measured {
		v.Values[method][k] = append(v.Values[method][k], x)
	}
}

// add appends the cases of another part with the same methods and metrics.
func (v values) add(part values) {
	for m := range v.Values {
		for k := range v.Values[m] {
			v.Values[m][k] = append(v.Values[m][k], part.Values[m][k]...)
		}
	}
}

// of returns the values of one method and metric; nil when there are none of those names.
func (v values) of(metric, method string) []float64 {
	m, k := slices.Index(v.Methods, method), slices.Index(v.Metrics, metric)
	if m < 0 || k < 0 {
		return nil
	}
	return v.Values[m][k]
}

// ratio returns the ratio of a metric of two methods with its paired bounds, and the cases; 0 cases where a method is missing.
func (v values) ratio(metric, method, base string) (metrics.Interval, int) {
	a, b := v.of(metric, method), v.of(metric, base)
	if len(a) != len(b) {
		return metrics.Interval{}, 0
	}
	return metrics.Ratio(a, b), len(a)
}
