package scoring

import (
	"math"
	"math/rand/v2"
	"testing"
)

// For all weights the float64 sum rounds to exactly 1: as they are, without taste, without context, between two.
func TestWeightsAddToOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	one := func(w Weights) {
		t.Helper()
		if sum := float32(float64(w.Taste) + float64(w.Context) + float64(w.Popularity)); sum != 1 || w.Taste < 0 || w.Context < 0 || w.Popularity < 0 {
			t.Fatalf("weights %v add to %v", w, sum)
		}
	}
	other := mustWeights(0.2, 0.1)
	for range 100000 {
		c := r.Float64()
		w, err := NewWeights(c, r.Float64()*(1-c))
		if err != nil {
			continue
		}
		for i := range 4 {
			one(w.Without(i&1 != 0, i&2 != 0))
		}
		one(blend(w, other, r.Float32()))
		other = w
	}
	if w := mustWeights(0.2, 0.1); (w != Weights{0.7, 0.2, 0.1}) || (w.Without(false, true) != Weights{0.875, 0, 0.125}) {
		t.Errorf("default weights %v", w)
	}
	if _, err := NewWeights(0.7, 0.4); err == nil {
		t.Error("weights over 1 were taken")
	}
}

// A map is monotone, within [0,1], 0 at 0, 1 at the largest sample and near the share of the sample in between; its curve
// says the same.
func TestMapIsMonotone(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 6))
		v := make([]float64, 1+r.IntN(2000))
		for i := range v {
			v[i] = float64(float32(math.Trunc(r.ExpFloat64()*20) / 10))
		}
		m := NewMap(v)
		c := newCurve(m)
		last := float32(0)
		for x := float32(0); x < 12; x += 0.003 {
			y := c.at(x)
			if y < last || y > 1 || y != float32(m.At(float64(x))) {
				t.Fatalf("seed %d: at(%v) = %v after %v, At %v", seed, x, y, last, m.At(float64(x)))
			}
			last = y
		}
		for _, x := range v {
			if got := c.at(float32(x)); got != float32(m.At(x)) {
				t.Fatalf("seed %d: at(%v) = %v, At %v", seed, x, got, m.At(x))
			}
		}
		if c.at(0) != 0 || c.at(100) != 1 || c.at(float32(math.NaN())) != 0 || c.at(-1) != 0 {
			t.Fatalf("seed %d: ends", seed)
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
	sum := make([]float32, 3)
	favs := []Favourite{{0, 2}, {1, 1}}
	if got := l.Evidence(favs, sum, nil); len(got) != 1 || math.Abs(float64(sum[2])-1.4) > 1e-6 {
		t.Errorf("evidence %v at %v", sum, got)
	}
	rows := []Row{{Song: 2, evidence: sum[2]}}
	l.explain(favs, &Scratch{slot: make([]int32, 3)}, []List{{Rows: rows}})
	if s := rows[0].Seeds; len(s) != 2 || s[0].Song != 0 || math.Abs(float64(s[0].Share)-1/1.4) > 1e-6 || s[0].Similarity != 0.5 {
		t.Errorf("seeds %v", s)
	}
}

// Fits by hand: 0.75·0.7 + 0.25·0.3 = 0.6 for class 0; class 1 is drawn from 0.2 to the listener's 0.8 by ½ · 10/(10+10).
func TestClassFitsByHand(t *testing.T) {
	m := &Model{Settings: Settings{Kappa: 10}}
	m.Catalogue = Catalogue{ClassStart: []int32{0, 1, 1}, Classes: []int32{0}, Sure: []float32{0.5, 1}}
	l := &Listener{Plays: 10, Own: [][]ClassFit{nil, {{1, 0.8}}}}
	fit := make([]float32, 2)
	a, b := &Cell{Fit: []float32{0.7, 0.2}}, &Cell{Fit: []float32{0.3, 0.2}}
	m.classFits(fit, []Context{{a, 0, 0.75}, {b, 1, 0.25}}, l)
	if math.Abs(float64(fit[0])-0.6) > 1e-6 || math.Abs(float64(fit[1])-(0.2+0.25*0.25*0.6)) > 1e-6 {
		t.Errorf("fits %v", fit)
	}
	half, none := m.fit(fit, &fact{from: 0, to: 1, sure: 0.5}), m.fit(fit, &fact{from: 1, to: 1, sure: 1})
	if math.Abs(float64(half)-0.55) > 1e-6 || none != 0.5 {
		t.Errorf("fit of a half sure song %v, of one without classes %v", half, none)
	}
}
