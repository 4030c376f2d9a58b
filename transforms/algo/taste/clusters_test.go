package taste

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// planted returns unit vectors of songs around k directions, song i around i mod k, and their weights.
func planted(seed uint64, n, k, dim int, noise float64) ([]float32, []Weight) {
	r := rand.New(rand.NewPCG(seed, 5))
	centres := make([]float64, k*dim)
	for i := range centres {
		centres[i] = r.NormFloat64() / math.Sqrt(float64(dim))
	}
	var songs []Weight
	vectors := make([]float32, n*dim)
	for i := range n {
		norm := 0.0
		x := make([]float64, dim)
		for d := range x {
			x[d] = centres[i%k*dim+d] + noise*r.NormFloat64()/math.Sqrt(float64(dim))
			norm += x[d] * x[d]
		}
		for d := range x {
			vectors[i*dim+d] = float32(x[d] / math.Sqrt(norm))
		}
		songs = append(songs, Weight{int32(i), int64(1000 + r.IntN(1000))})
	}
	return vectors, songs
}

// As many clusters as were planted are found, with songs as unlike each other as songs of one style are (cosine one half);
// a taste of one style stays one. Found in 19 of 20 worlds at least.
func TestClustersFindPlanted(t *testing.T) {
	for k := 1; k <= MaxClusters; k++ {
		right := 0
		for seed := range uint64(100) {
			vectors, songs := planted(seed, 30, k, 64, 1)
			got := new(Cutter).Clusters(songs, vectors, 64)
			sum := float32(0)
			for i, c := range got {
				if sum += c.Weight; i > 0 && c.Weight > got[i-1].Weight {
					t.Fatalf("k %d, seed %d: weights rise: %v then %v", k, seed, got[i-1].Weight, c.Weight)
				}
			}
			if math.Abs(float64(sum)-1) > 1e-5 {
				t.Fatalf("k %d, seed %d: weights sum to %v", k, seed, sum)
			}
			if len(got) == k {
				right++
			}
		}
		if right < 95 {
			t.Errorf("%d clusters planted: found in %d of 100 worlds", k, right)
		}
	}
}

// Noise has no clusters worth the name: one, in 19 of 20 listeners at least.
func TestClustersOfNoise(t *testing.T) {
	one := 0
	for seed := range uint64(100) {
		vectors, songs := planted(seed, 30, 30, 64, 0.1)
		if len(new(Cutter).Clusters(songs, vectors, 64)) == 1 {
			one++
		}
	}
	if one < 95 {
		t.Errorf("%d of 100 listeners without a taste have one cluster", one)
	}
}

// One cluster is the mean of all songs; disliked songs and songs without vectors are left out; nothing has none.
func TestClustersByHand(t *testing.T) {
	vectors := []float32{1, 0, 0, 1, -1, 0, 0, 0}
	songs := []Weight{{0, 3}, {1, 4}, {2, -5}, {3, 100}}
	if got, want := new(Cutter).Clusters(songs, vectors, 2), []Cluster{{1, []float32{0.6, 0.8}}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, none := range [][]Weight{nil, {{2, -5}}, {{3, 100}}} {
		if got := new(Cutter).Clusters(none, vectors, 2); got != nil {
			t.Errorf("%v: got %v, want none", none, got)
		}
	}
	if got := new(Cutter).Clusters(songs, nil, 0); got != nil {
		t.Errorf("clusters %v without vectors", got)
	}
}

// BenchmarkClusters cuts the tastes of listeners of 60 songs.
func BenchmarkClusters(b *testing.B) {
	vectors, songs := planted(1, 60, 2, 128, 1)
	b.ReportAllocs()
	var c Cutter
	for b.Loop() {
		c.Clusters(songs, vectors, 128)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "listeners/s")
}
