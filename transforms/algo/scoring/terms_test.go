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
		one(between(w, other, r.Float32()))
		other = w
	}
	if w := mustWeights(0.2, 0.1); (w != Weights{0.7, 0.2, 0.1}) || (w.Without(false, true) != Weights{0.875, 0, 0.125}) {
		t.Errorf("default weights %v", w)
	}
	if _, err := NewWeights(0.7, 0.4); err == nil {
		t.Error("weights over 1 were taken")
	}
}

// A map is monotone, within [0,1], 0 at 0 and 1 at the largest sample; half of the top is one half.
func TestMapIsMonotone(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 6))
		v := make([]float32, 1+r.IntN(2000))
		top := float32(0)
		for i := range v {
			v[i] = float32(math.Trunc(r.ExpFloat64()*20) / 10)
			top = max(top, v[i])
		}
		m := NewMap(v)
		last := float32(0)
		for x := float32(0); x < 12; x += 0.003 {
			y := m.At(x)
			if y < last || y > 1 {
				t.Fatalf("seed %d: At(%v) = %v after %v", seed, x, y, last)
			}
			last = y
		}
		if top > 0 && m.At(top) != 1 || m.At(0) != 0 || m.At(100) != 1 || m.At(float32(math.NaN())) != 0 || m.At(-1) != 0 {
			t.Fatalf("seed %d: ends of %v", seed, m)
		}
	}
	even := make([]float32, 2000)
	for i := range even {
		even[i] = float32(i + 1)
	}
	if m := NewMap(even); m != 1998 || m.At(999) != 0.5 {
		t.Errorf("map %v of 1 to 2000", m)
	}
}

// Two favourites of weights 2 and 1, scores 0.5 and 0.4 to song 2: evidence 1.4, shares 1/1.4 and 0.4/1.4.
func TestEvidenceByHand(t *testing.T) {
	l := Lists{{Start: []int32{0, 1, 3, 3}, Songs: []int32{2, 2, 0}, Scores: []float32{0.5, 0.4, -1}}}
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

// Fits by hand: lifts of 7/3 and 3/7 make 0.75·7/3 + 0.25·3/7 = 13/7 for class 0, a fit of 0.65. Class 1 has a lift of 1/4 and,
// drawn from 0.2 to the listener's 0.8 by ½ · 10/(10+10), of 0.35/0.65 in a quarter of the mix: 0.322115, a fit of 0.243636.
func TestClassFitsByHand(t *testing.T) {
	m := &Model{Settings: Settings{HabitKappa: 10}}
	l := &Listener{Plays: 10, Own: [][]ClassFit{nil, {{1, 0.8}}}}
	fit := make([]float32, 2)
	a, b := &Cell{Fit: []float32{0.7, 0.2}}, &Cell{Fit: []float32{0.3, 0.2}}
	m.classFits(fit, []Context{{a, 0, 0.75}, {b, 1, 0.25}}, 1, l)
	if math.Abs(float64(fit[0])-0.65) > 1e-6 || math.Abs(float64(fit[1])-0.243636) > 1e-6 {
		t.Errorf("fits %v", fit)
	}
	s := &Scratch{packed: packed{sets: [][]int32{{0}, nil}}, fit: fit}
	half, none := s.fitOf(&fact{sure: 0.5}), s.fitOf(&fact{set: 1, sure: 1})
	if math.Abs(float64(half)-0.575) > 1e-6 || none != 0.5 {
		t.Errorf("fit of a half sure song %v, of one without classes %v", half, none)
	}
}
