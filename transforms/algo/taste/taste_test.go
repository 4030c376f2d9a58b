package taste

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Positive weights only, falling, ties by song, whatever their size.
func TestFavourites(t *testing.T) {
	songs := []Weight{{0, 5}, {1, -9}, {2, 7}, {3, 5}, {4, 0}, {5, 1}}
	var r Ranking
	if got, want := r.Favourites(songs), []Weight{{2, 7}, {0, 5}, {3, 5}, {5, 1}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	large := []Weight{{1 << 30, 1 << 60}, {2, 1<<60 + 1}, {7, 1 << 60}}
	if got, want := r.Favourites(large), []Weight{{2, 1<<60 + 1}, {7, 1 << 60}, {1 << 30, 1 << 60}}; !slices.Equal(got, want) {
		t.Errorf("got %v of weights too large to be one number with the song, want %v", got, want)
	}
	if got := r.Favourites([]Weight{{1, -1}}); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

// 3·(1,0) + 4·(0,1) points to (0.6, 0.8); a disliked song and one without a vector change nothing.
func TestVector(t *testing.T) {
	vectors := []float32{1, 0, 0, 1, -1, 0, 0, 0}
	got := new(Mean).Vector([]Weight{{0, 3}, {1, 4}, {2, -5}, {3, 100}}, vectors, 2)
	if !slices.Equal(got, []float32{0.6, 0.8}) {
		t.Errorf("got %v, want [0.6 0.8]", got)
	}
	for _, none := range [][]Weight{nil, {{2, -5}}, {{3, 100}}, {{0, 2}, {2, 2}}} {
		if got := new(Mean).Vector(none, vectors, 2); got != nil {
			t.Errorf("%v: got %v, want nil", none, got)
		}
	}
}

// The vector has unit length and points where a plain mean points; scaling all weights changes nothing much.
func TestVectorEqualsMean(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		const dim, n = 5, 20
		vectors := make([]float32, dim*n)
		for i := range vectors {
			vectors[i] = float32(r.NormFloat64())
		}
		var songs, scaled []Weight
		mean := make([]float64, dim)
		for i := range n {
			w := int64(r.IntN(100) - 20)
			songs, scaled = append(songs, Weight{int32(i), w}), append(scaled, Weight{int32(i), 64 * w})
			for j := range dim {
				mean[j] += float64(max(w, 0)) * float64(vectors[i*dim+j])
			}
		}
		got := new(Mean).Vector(songs, vectors, dim)
		dot, norm, length := 0.0, 0.0, 0.0
		for j, x := range got {
			dot, norm, length = dot+float64(x)*mean[j], norm+mean[j]*mean[j], length+float64(x)*float64(x)
		}
		if math.Abs(dot/math.Sqrt(norm)-1) > 1e-6 || math.Abs(length-1) > 1e-6 {
			t.Fatalf("seed %d: cosine %g, length² %g", seed, dot/math.Sqrt(norm), length)
		}
		if !slices.Equal(got, new(Mean).Vector(scaled, vectors, dim)) {
			t.Fatalf("seed %d: a power of two times all weights changed the vector", seed)
		}
	}
}

// Shares add up to 1 and fall, ties by name; nothing has no shares.
func TestShares(t *testing.T) {
	got := Shares([]Count{{"b", 1}, {"a", 1}, {"c", 2}})
	if want := []Share{{"c", 0.5}, {"a", 0.25}, {"b", 0.25}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if Shares(nil) != nil || Shares([]Count{{"a", 0}}) != nil {
		t.Error("shares of nothing")
	}
}
