package scoring

import (
	"math"
	"math/rand/v2"
	"testing"
)

// For weights all over the allowed range the float64 sum rounds to exactly 1, with and without context.
func TestWeightsAddToOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for range 100000 {
		c := r.Float64() * 0.4
		w, err := NewWeights(c, r.Float64()*(0.5-c))
		if err != nil {
			continue
		}
		for _, w := range []Weights{w, w.WithoutContext()} {
			if sum := float32(float64(w.Taste) + float64(w.Context) + float64(w.Popularity)); sum != 1 {
				t.Fatalf("weights %v add to %v", w, sum)
			}
		}
	}
	if w, _ := NewWeights(0.2, 0.1); (w != Weights{0.7, 0.2, 0.1}) {
		t.Errorf("default weights %v", w)
	}
	if _, err := NewWeights(0.5, 0.1); err == nil {
		t.Error("a taste of 0.4 was taken")
	}
}

// A map is monotone, within [0,1], 0 at 0, 1 at the largest sample and near the share of the sample in between.
func TestMapIsMonotone(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 6))
		v := make([]float64, 1+r.IntN(2000))
		for i := range v {
			v[i] = math.Trunc(r.ExpFloat64()*20) / 10
		}
		m := NewMap(v)
		last := 0.0
		for x := 0.0; x < 12; x += 0.01 {
			y := m.At(x)
			if y < last || y > 1 {
				t.Fatalf("seed %d: At(%v) = %v after %v", seed, x, y, last)
			}
			last = y
		}
		if m.At(0) != 0 || m.At(100) != 1 || m.At(math.NaN()) != 0 {
			t.Fatalf("seed %d: ends %v %v", seed, m.At(0), m.At(100))
		}
	}
	even := make([]float64, 1280)
	for i := range even {
		even[i] = float64(i + 1)
	}
	if y := NewMap(even).At(640); math.Abs(y-0.5) > 0.01 {
		t.Errorf("median maps to %v", y)
	}
}

// Two favourites of weights 2 and 1, scores 0.5 and 0.4 to song 2: evidence 1.4, shares 1/1.4 and 0.4/1.4.
func TestEvidenceByHand(t *testing.T) {
	l := Lists{Start: []int64{0, 1, 3, 3}, Songs: []int32{2, 2, 0}, Scores: []float32{0.5, 0.4, -1}}
	sum := make([]float64, 3)
	favs := []Favourite{{0, 2}, {1, 1}}
	if got := l.Evidence(favs, sum); len(got) != 1 || math.Abs(sum[2]-1.4) > 1e-7 {
		t.Errorf("evidence %v at %v", sum, got)
	}
	rows := []Row{{Song: 2, evidence: sum[2]}}
	l.explain(favs, rows)
	if s := rows[0].Seeds; len(s) != 2 || s[0].Song != 0 || math.Abs(float64(s[0].Weight)-1/1.4) > 1e-6 {
		t.Errorf("seeds %v", s)
	}
}
