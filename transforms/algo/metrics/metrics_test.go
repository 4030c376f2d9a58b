package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// Hits are the ranked songs among the hidden ones, however alike the ends of their numbers.
func TestHits(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 6))
		draw := func(n int) (songs []int32) {
			for _, s := range r.Perm(400)[:n] {
				songs = append(songs, int32(s%20|s/20<<10))
			}
			return songs
		}
		ranked, hidden := draw(1+r.IntN(300)), draw(r.IntN(60))
		for i, hit := range Hits(ranked, hidden) {
			if want := slices.Contains(hidden, ranked[i]); hit != want {
				t.Fatalf("seed %d: song %d is hit %v, want %v", seed, ranked[i], hit, want)
			}
		}
	}
}

// Ranked 7 3 9 1 5, hidden 3 5 8: hits at ranks 2 and 5.
func TestMeasuresByHand(t *testing.T) {
	ranked, hidden := []int32{7, 3, 9, 1, 5}, []int32{3, 5, 8}
	h := Hits(ranked, hidden)
	ideal := 1 + 1/math.Log2(3) + 1/math.Log2(4)
	near(t, "ndcg@100", NDCG(h, 3, 100), (1/math.Log2(3)+1/math.Log2(6))/ideal)
	near(t, "ndcg@2", NDCG(h, 3, 2), (1/math.Log2(3))/(1+1/math.Log2(3)))
	near(t, "ndcg of a short list", NDCG(h[:2], 3, 100), (1/math.Log2(3))/ideal)
	near(t, "recall@4", Recall(h, 3, 4), 1.0/3)
	near(t, "recall@100", Recall(h, 3, 100), 2.0/3)
	near(t, "r-precision", RPrecision(h, 3), 1.0/3)
	near(t, "perfect ndcg", NDCG([]bool{true, true, true, false}, 3, 100), 1)
}

// The first three of 0 1 2 3: a miss by artist 0 (credit), a hit, a second miss by artist 0 (no second credit).
func TestArtistRPrecisionByHand(t *testing.T) {
	artist := []int32{0, 1, 0, 0, 1, -1}
	near(t, "one credit", ArtistRPrecision([]int32{0, 1, 2, 3}, []int32{1, 3, 5}, artist), (0.25+1)/3)
	near(t, "a hit leaves the credit", ArtistRPrecision([]int32{1, 4, 5}, []int32{1, 3, 0}, artist), (1+0.25)/3)
	near(t, "unknown artists earn nothing", ArtistRPrecision([]int32{5}, []int32{5 - 4}, []int32{-1, -1, 0, 0, 0, -1}), 0)
}

func TestClicksByHand(t *testing.T) {
	for _, c := range []struct {
		first int
		want  float64
	}{{0, 0}, {9, 0}, {10, 1}, {499, 49}, {500, NoClick}} {
		h := make([]bool, 600)
		h[c.first] = true
		near(t, "clicks", Clicks(h), c.want)
	}
	near(t, "clicks without hit", Clicks(nil), NoClick)
}

// Values 1 2 3: mean 2, sd 1, half-width 1.96/√3. Differences 1 1 4 over a baseline of mean 1: ratio 3, sd √3.
func TestIntervalsByHand(t *testing.T) {
	m := Mean([]float64{1, 2, 3})
	near(t, "mean", m.Value, 2)
	near(t, "low", m.Low, 2-1.96/math.Sqrt(3))
	near(t, "high", m.High, 2+1.96/math.Sqrt(3))
	r := Ratio([]float64{2, 2, 5}, []float64{1, 1, 1})
	near(t, "ratio", r.Value, 3)
	near(t, "ratio low", r.Low, 3-1.96*math.Sqrt(3)/math.Sqrt(3))
	if !math.IsNaN(Ratio([]float64{1}, []float64{0}).Value) {
		t.Error("ratio to a baseline of 0 must be NaN")
	}
	long := make([]float64, 1000)
	for i := range long {
		long[i] = float64(i)
	}
	near(t, "blocked sum", sum(long), 499500)
}
