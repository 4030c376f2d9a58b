package evaluate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/itemknn"
)

// planted returns playlists that draw from one of several groups of songs, with a song or two from anywhere.
func planted(n int) []schemas.Playlist {
	r := rand.New(rand.NewPCG(7, 7))
	out := make([]schemas.Playlist, n)
	for i := range out {
		out[i].PlaylistID = fmt.Sprintf("p%04d", i)
		group := r.IntN(6)
		for range 12 + r.IntN(20) {
			song := group*40 + r.IntN(40)
			if r.IntN(8) == 0 {
				song = r.IntN(240)
			}
			out[i].Songs = append(out[i].Songs, fmt.Sprintf("s%03d", song))
		}
	}
	return out
}

// stored trains the stored baseline itself: its lists, as a recipe's.
func stored(playlists [][]int32, songs int, _ []int32) (Trained, error) {
	knn := itemknn.NewScorer(itemknn.NewMatrix(playlists, songs), itemknn.Scope{Columns: songs, Vocab: songs, Depth: 100})
	return Trained{Neighbours: func(song int32) (ids []int32, scores []float32) {
		for _, e := range knn.Stored(song) {
			ids, scores = append(ids, e.Column), append(scores, float32(e.Score))
		}
		return ids, scores
	}}, nil
}

// The stored baseline as a recipe has ratio 1 to itself, and popularity is far below on grouped playlists.
func TestProtocolComparesLikeWithLike(t *testing.T) {
	r, err := ProtocolWith(planted(600), nil, DefaultProtocol(), stored)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Ratio(MetricNDCG, MethodPublished, MethodStored); math.Abs(got.Value-1) > 0.005 {
		t.Errorf("ratio of the baseline to itself: %v", got)
	}
	if got := r.Ratio(MetricNDCG, MethodPopularity, MethodItemKNN); got.High > 0.8 {
		t.Errorf("popularity: %v", got)
	}
	if r.Cases < 150 || r.Cases > 180 || len(r.Rows) != len(protocolMethods)*len(ProtocolMetrics()) {
		t.Errorf("%d cases, %d rows", r.Cases, len(r.Rows))
	}
}

// A corrupted recipe, one whose lists name random songs, is significantly worse.
func TestProtocolFindsCorruption(t *testing.T) {
	r, err := ProtocolWith(planted(600), nil, DefaultProtocol(), func(_ [][]int32, songs int, _ []int32) (Trained, error) {
		return Trained{Neighbours: func(song int32) ([]int32, []float32) {
			r := rand.New(rand.NewPCG(uint64(song), 1))
			var ids []int32
			for _, j := range r.Perm(songs)[:50] {
				ids = append(ids, int32(j))
			}
			return ids, slices.Repeat([]float32{1}, 50)
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Ratio(MetricNDCG, MethodPublished, MethodStored); got.High > 0.8 {
		t.Errorf("corrupted lists pass: %v", got)
	}
}

// Nothing of the test part reaches training: test and training playlists are disjoint and add up; counts are of training.
func TestSplit(t *testing.T) {
	playlists := planted(100)
	playlists[3].Songs = append(playlists[3].Songs, playlists[3].Songs[0]) // a repetition counts once
	s := newSplit(playlists, "x", 0.1)
	if len(s.train) != 90 || len(s.cases) > 10 || !slices.IsSorted(s.vocabulary) {
		t.Errorf("%d training playlists, %d cases", len(s.train), len(s.cases))
	}
	n := make([]int, len(s.vocabulary))
	for _, p := range s.train {
		for _, c := range p {
			n[c]++
		}
	}
	if slices.Min(n) < minCount {
		t.Errorf("a vocabulary song is in %d training playlists", slices.Min(n))
	}
	if again := newSplit(playlists, "y", 0.1); slices.EqualFunc(s.cases, again.cases, func(a, b Case) bool { return slices.Equal(a.Seeds, b.Seeds) }) {
		t.Error("another salt holds out the same playlists")
	}
}
