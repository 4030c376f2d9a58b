package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Songs in 8, 4, 1 and 0 of 16 playlists: 1, 2, 4 and (as in one) 4 bits.
func TestNoveltyByHand(t *testing.T) {
	n := []float64{8, 4, 1, 0}
	near(t, "all", Novelty([]int32{0, 1, 2, 3}, n, 16, 100), (1+2+4+4)/4.0)
	near(t, "the first two", Novelty([]int32{0, 1, 2, 3}, n, 16, 2), 1.5)
	near(t, "an empty list", Novelty(nil, n, 16, 100), 0)
}

// Seeds with mean n 4, a list with mean 6: half as much again.
func TestPopularityLiftByHand(t *testing.T) {
	n := []float64{8, 4, 1, 7, 0}
	near(t, "lift", PopularityLift([]int32{0, 1}, []int32{2, 3}, n, 100), 6.0/4-1)
	near(t, "the first song", PopularityLift([]int32{1, 0}, []int32{2, 3}, n, 1), 0)
	near(t, "seeds in no playlist", PopularityLift([]int32{0}, []int32{4}, n, 100), 0)
	near(t, "an empty list", PopularityLift(nil, []int32{0}, n, 100), 0)
}

// Artists a a b c of known songs: 1/2, 1/4, 1/4 are 1.5 bits.
func TestArtistEntropyByHand(t *testing.T) {
	artist := []int32{0, 0, 1, 2, -1}
	near(t, "three artists", ArtistEntropy([]int32{0, 1, 2, 3, 4}, artist, 100), 1.5)
	near(t, "one artist", ArtistEntropy([]int32{0, 1, 2}, artist, 2), 0)
	near(t, "none known", ArtistEntropy([]int32{4}, artist, 100), 0)
}

// Pairs of (1,0), (0,1), (-1,0): distances 1, 2 and 1.
func TestDistanceByHand(t *testing.T) {
	v := []float32{1, 0, 0, 1, -1, 0, 0, 0}
	near(t, "three songs", Distance([]int32{0, 1, 2}, v, 2, 100), 4.0/3)
	near(t, "a zero vector does not count", Distance([]int32{0, 3, 1}, v, 2, 100), 1)
	near(t, "one song", Distance([]int32{0, 1}, v, 2, 1), 0)
	near(t, "the same song twice", Distance([]int32{0, 0}, v, 2, 100), 0)
}

// Shown 0 0 1 3: (−3·0 − 1·0 + 1·1 + 3·3) / (4·4).
func TestExposureByHand(t *testing.T) {
	near(t, "gini", Gini([]int64{3, 0, 1, 0}), 10.0/16)
	near(t, "equal", Gini([]int64{2, 2, 2}), 0)
	near(t, "nothing shown", Gini([]int64{0, 0}), 0)
	near(t, "one has all", Gini([]int64{0, 0, 0, 9}), .75)
	near(t, "coverage", Coverage([]int64{3, 0, 1, 0}), .5)
	near(t, "coverage of nothing", Coverage(nil), 0)
}

// Distance is the mean over all pairs, and entropy and Gini stay within their bounds, for random lists.
func TestListMeasuresAgainstPairs(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 7))
		n, dim := 2+r.IntN(20), 1+r.IntN(8)
		vectors := make([]float32, n*dim)
		for i := range n {
			v, length := vectors[i*dim:(i+1)*dim], 0.0
			for k := range v {
				v[k] = float32(r.NormFloat64())
				length += float64(v[k]) * float64(v[k])
			}
			for k := range v {
				v[k] /= float32(math.Sqrt(length))
			}
		}
		ranked := make([]int32, n)
		for i, p := range r.Perm(n) {
			ranked[i] = int32(p)
		}
		var want, pairs float64
		for i := range n {
			for j := range i {
				cosine := 0.0
				for k := range dim {
					cosine += float64(vectors[i*dim+k]) * float64(vectors[j*dim+k])
				}
				want, pairs = want+1-cosine, pairs+1
			}
		}
		if got := Distance(ranked, vectors, dim, n); math.Abs(got-want/pairs) > 1e-9 {
			t.Fatalf("seed %d: distance %v, pairs give %v", seed, got, want/pairs)
		}
	}
}

// Values 0 and 1 of two cases: a draw has mean 0, ½ or 1 with odds 1:2:1, so the 95 % interval is [0,1]; equal series have ratio 1.
func TestBootstrapByHand(t *testing.T) {
	got := Bootstrap(2, []Series{{Num: []float64{0, 1}}, {Num: []float64{3, 5}, Den: []float64{3, 5}}, {Num: []float64{6, 2}, Den: []float64{3, 1}}}, 1000, 1)
	for i, want := range []Interval{{.5, 0, 1}, {1, 1, 1}, {2, 2, 2}} {
		near(t, "value", got[i].Value, want.Value)
		near(t, "low", got[i].Low, want.Low)
		near(t, "high", got[i].High, want.High)
	}
}

// For many cases the bounds are those of the normal distribution, for means, parts of the cases and paired ratios; the same
// seed gives the same bounds, another one others.
func TestBootstrapAgainstNormal(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	n := 2000
	a, b := make([]float64, n), make([]float64, n)
	for i := range a {
		b[i] = 1 + r.Float64()
		a[i] = b[i] * (1.1 + .2*r.NormFloat64())
	}
	var half []int32
	var values []float64
	for i := 0; i < n; i += 2 {
		half, values = append(half, int32(i)), append(values, a[i])
	}
	series := []Series{{Num: a}, {Cases: half, Num: values}, {Num: a, Den: b}}
	got := Bootstrap(n, series, 1000, 3)
	for i, want := range []Interval{Mean(a), Mean(values), Ratio(a, b)} {
		width := want.High - want.Low
		if math.Abs(got[i].Value-want.Value) > 1e-12 || math.Abs(got[i].Low-want.Low) > .1*width || math.Abs(got[i].High-want.High) > .1*width {
			t.Errorf("series %d: %v, the normal distribution gives %v", i, got[i], want)
		}
	}
	if again := Bootstrap(n, series, 1000, 3); !slices.Equal(got, again) {
		t.Error("the same seed gives other bounds")
	}
	if other := Bootstrap(n, series, 1000, 4); slices.Equal(got, other) {
		t.Error("another seed gives the same bounds")
	}
}

// A part with no case in a draw, or with none at all, yields no NaN bounds where a value is known.
func TestBootstrapOfFewCases(t *testing.T) {
	got := Bootstrap(50, []Series{{Cases: []int32{7}, Num: []float64{.3}}, {Cases: []int32{7}, Num: []float64{1}, Den: []float64{0}}}, 1000, 1)
	near(t, "one case", got[0].Low, .3)
	near(t, "one case", got[0].High, .3)
	if !math.IsNaN(got[1].Value) {
		t.Errorf("a share of nothing is %v", got[1].Value)
	}
}

// BenchmarkBootstrap resamples the figures of 4,000 cases.
func BenchmarkBootstrap(b *testing.B) {
	series := make([]Series, 100)
	for i := range series {
		series[i].Num = make([]float64, 4000)
	}
	b.ReportAllocs()
	for b.Loop() {
		Bootstrap(4000, series, 1000, 1)
	}
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "series/s")
}
