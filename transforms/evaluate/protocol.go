package evaluate

import (
	"errors"
	"fmt"
	"math"

	"segue/schemas"
	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/metrics"
	"segue/transforms/algo/ranking"
	"segue/transforms/algo/recipe"
	"segue/transforms/algo/sgns"
	"segue/transforms/algo/vec"
)

// ProtocolParams decide the splits and the recipe of Protocol.
type ProtocolParams struct {
	Salts     []string      // one split each; results are pooled over all
	TestShare float64       // share of the playlists that are the test part; 0.1 in the protocol
	Stored    int           // neighbours a song of the stored baseline; 100 in the protocol
	Recipe    recipe.Params // what Protocol trains
}

// DefaultProtocol returns three salts, a tenth for the test, 100 stored neighbours and the recipe of a night.
func DefaultProtocol() ProtocolParams {
	return ProtocolParams{Salts: []string{"segue/1/", "segue/2/", "segue/3/"}, TestShare: 0.1, Stored: 100, Recipe: recipe.Default()}
}

// Trained is what a recipe made of training playlists over songs [0,n).
type Trained struct {
	Neighbours func(song int32) ([]int32, []float32) // the published list of a song, best first
	Vectors    []float32                             // unit vectors, [n × dim]; nil = none
	Out        []float32                             // the same as songs to be found, of skip-grams, which score exp(6·cosine); nil = Vectors
	Factor     []float64                             // what a candidate's cosine is multiplied with: n_j^g
}

// ProtocolRow is one figure of a Report.
type ProtocolRow struct {
	Metric, Method string
	Mean           metrics.Interval
	Ratio          metrics.Interval // to item_knn on the same cases, with paired 95 % bounds; NaN where that is 0
}

// Report is the result of Protocol, pooled over all salts.
type Report struct {
	Cases      int
	Vocabulary []int // songs, by salt
	Rows       []ProtocolRow
	values     values
}

var protocolMethods = []string{MethodPublished, MethodItemKNN, MethodStored, MethodPopularity, MethodEmbedding}

// ProtocolMetrics returns the names of what a Report has rows of.
func ProtocolMetrics() []string { return hitMetrics }

// Ratio returns the ratio of a metric of one method to another's over all cases, with paired 95 % bounds.
func (r Report) Ratio(metric, method, base string) metrics.Interval {
	return r.values.ratio(metric, method, base)
}

// Protocol measures the recipe of the night under the protocol, cold, in memory; see ProtocolWith.
func Protocol(playlists []schemas.Playlist, artists map[string]string, p ProtocolParams) (Report, error) {
	if err := p.Recipe.Validate(); err != nil {
		return Report{}, fmt.Errorf("check recipe: %w", err)
	}
	return ProtocolWith(playlists, artists, p, func(train [][]int32, songs int, artist []int32) (Trained, error) {
		m := recipe.Train(train, songs, artist, p.Recipe)
		factor := make([]float64, songs)
		for j := range factor {
			factor[j] = math.Pow(float64(m.N[j]), p.Recipe.Popularity)
		}
		return Trained{Neighbours: m.Neighbours, Vectors: m.Vectors, Out: m.Out, Factor: factor}, nil
	})
}

// ProtocolWith measures a training function under the protocol: for every salt the playlists are split, train sees the
// training part alone, and every method ranks the full vocabulary for the same cases.
//
// artists names the first artist of a song by song id; a missing one is unknown.
// Errors: no cases in any split.
// Source: Zamani et al. 2019 (the Spotify Million Playlist challenge) for the measures; split by sha1 of salt and id.
func ProtocolWith(playlists []schemas.Playlist, artists map[string]string, p ProtocolParams,
	train func(playlists [][]int32, songs int, artist []int32) (Trained, error),
) (Report, error) {
	r := Report{values: newValues(protocolMethods, hitMetrics)}
	for _, salt := range p.Salts {
		s := newSplit(playlists, salt, p.TestShare)
		r.Vocabulary = append(r.Vocabulary, len(s.vocabulary))
		if len(s.cases) == 0 {
			continue
		}
		artist := s.artists(artists)
		t, err := train(s.train, len(s.vocabulary), artist)
		if err != nil {
			return Report{}, fmt.Errorf("train split %q: %w", salt, err)
		}
		r.measure(s, t, artist, p.Stored)
		r.Cases += len(s.cases)
	}
	if r.Cases == 0 {
		return Report{}, errors.New("evaluate playlists: no split has a case: too few playlists of at least 6 common songs")
	}
	for _, metric := range hitMetrics {
		for _, method := range protocolMethods {
			r.Rows = append(r.Rows, ProtocolRow{metric, method, metrics.Mean(r.values.of(metric, method)), r.Ratio(metric, method, MethodItemKNN)})
		}
	}
	return r, nil
}

// measure adds the cases of one split.
func (r *Report) measure(s split, t Trained, artist []int32, stored int) {
	n := len(s.vocabulary)
	lists := func(seed int32, to *ranking.Sums) {
		songs, values := t.Neighbours(seed)
		for i, j := range songs {
			to.Add(j, float64(values[i]))
		}
	}
	b := newBench(itemknn.NewCache(itemknn.NewMatrix(s.train, n), itemknn.Scope{Columns: n, Vocab: n, Depth: stored}), lists)
	vectors := ranking.NewSums(n)
	for _, c := range s.cases {
		vectors.Reset()
		for j, x := range t.scores(c.Seeds, n) {
			vectors.Add(int32(j), x)
		}
		b.rankings(c, []int{len(c.Seeds)}, func(_ int, ranked [][]int32) {
			for m, list := range append(ranked, b.rank(vectors, c)) {
				r.values.put(m, measure(list, c, artist))
			}
		})
	}
}

// scores returns n_j^g · Σ over seeds of cos(u_seed, u_j), of skip-grams of exp(6·cos(v_seed, o_j)).
func (t Trained) scores(seeds []int32, n int) []float64 {
	out := make([]float64, n)
	switch {
	case len(t.Vectors) == 0:
	case t.Out != nil:
		t.sharp(seeds, out)
	default:
		t.cosines(seeds, out)
	}
	return out
}

// sharp adds up the scores of skip-grams.
func (t Trained) sharp(seeds []int32, out []float64) {
	dim := len(t.Vectors) / len(out)
	for j := range out {
		to := t.Out[j*dim : (j+1)*dim]
		if vec.SquaredNorm(to) == 0 {
			continue
		}
		for _, s := range seeds {
			if from := t.Vectors[int(s)*dim : (int(s)+1)*dim]; vec.SquaredNorm(from) > 0 {
				out[j] += float64(sgns.Score(vec.Dot(from, to)))
			}
		}
		out[j] *= t.Factor[j]
	}
}

// cosines adds up cosines.
func (t Trained) cosines(seeds []int32, out []float64) {
	n := len(out)
	dim := len(t.Vectors) / n
	mean := make([]float64, dim)
	for _, s := range seeds {
		for k, x := range t.Vectors[int(s)*dim : (int(s)+1)*dim] {
			mean[k] += float64(x)
		}
	}
	for j := range out {
		for k, x := range t.Vectors[j*dim : (j+1)*dim] {
			out[j] += float64(mean[k] * float64(x))
		}
		out[j] *= t.Factor[j]
	}
}
