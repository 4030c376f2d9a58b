package spread

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Values by hand: four of one artist 0, all different 1, two and two ½; counts 0,0,0,4 have Gini ¾, equal ones 0.
func TestByHand(t *testing.T) {
	near(t, "entropy of one artist", Entropy([]int{4}), 0)
	near(t, "entropy of four", Entropy([]int{1, 1, 1, 1}), 1)
	near(t, "entropy of two and two", Entropy([]int{2, 2}), 0.5)
	near(t, "Gini of one with all", Gini([]int64{0, 4, 0, 0}), 0.75)
	near(t, "Gini of equals", Gini([]int64{3, 3, 3}), 0)
	near(t, "Gini of nothing", Gini(nil), 0)
	near(t, "covered", Covered([]int64{0, 2, 1, 0}), 0.5)
	d, ok := Apart([]float64{2, 2}, []float64{1, 0})
	near(t, "mixes", d, 0.5)
	if _, none := Apart([]float64{0, 0}, []float64{1, 0}); !ok || none {
		t.Error("an empty mix was compared")
	}
}

// Distance and Gini equal their definitions over all pairs.
func TestEqualDefinitions(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 2 + r.IntN(8)
		vectors, counts := make([][]float32, n), make([]int64, n)
		for i := range vectors {
			x := r.Float64() * 6
			vectors[i], counts[i] = []float32{float32(math.Cos(x)), float32(math.Sin(x))}, int64(1+r.IntN(9))
		}
		var apart, differ, total float64
		for i := range n {
			total += float64(counts[i])
			for j := range n {
				differ += math.Abs(float64(counts[i] - counts[j]))
				if i != j {
					apart += 1 - float64(vectors[i][0])*float64(vectors[j][0]) - float64(vectors[i][1])*float64(vectors[j][1])
				}
			}
		}
		got, ok := Distance(append(vectors, []float32{0, 0}))
		if want := apart / float64(n*(n-1)); !ok || math.Abs(got-want) > 1e-6 {
			t.Errorf("seed %d: distance %v, want %v", seed, got, want)
		}
		if want := differ / (2 * float64(n) * total); math.Abs(Gini(counts)-want) > 1e-9 {
			t.Errorf("seed %d: Gini %v, want %v", seed, Gini(counts), want)
		}
	}
}
