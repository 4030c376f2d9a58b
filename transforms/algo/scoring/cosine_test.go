package scoring

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The nearest of a listener's vectors by rounded rows is the nearest by floats, within the rounding: at most half a unit an element,
// √dim/2 units a vector by Cauchy and Schwarz. Songs without a vector have no cosine.
func TestClosestAgainstFloats(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 9))
		dim, songs, n := 1+r.IntN(200), 5, r.IntN(6)
		m := &Model{Vectors: Vectors{Data: randomUnits(r, songs, dim), Dim: dim}, LogCount: make([]float32, songs)}
		clear(m.Vectors.Data[:dim])
		rows := m.Vectors.round(songs)
		step := rows.step
		s := &Scratch{packed: packed{vectors: rows}}
		m.tastes(&Listener{Vectors: randomUnits(r, n, dim)}, s)
		for i := range songs {
			s.candidates = append(s.candidates, Candidate{Song: int32(i)})
		}
		s.cosine()
		all := len(s.columns.unit)
		for i := range songs {
			var want float64
			for j := range n {
				var dot float64
				for k := range dim {
					dot += float64(m.Vectors.Data[i*dim+k]) * float64(s.own[j*dim+k])
				}
				want = max(want, dot)
			}
			var unit float32
			for _, u := range s.columns.unit {
				unit = max(unit, u)
			}
			bound := math.Sqrt(float64(dim))/2*float64(step[i]+unit) + 1e-5
			got := closest(s.sums[i*all:(i+1)*all], s.columns.unit, step[i])
			if math.Abs(float64(got)-want) > bound || i == 0 && got != 0 {
				t.Fatalf("seed %d, %d dimensions, song %d: %v, want %v within %v", seed, dim, i, got, want, bound)
			}
		}
	}
}

func randomUnits(r *rand.Rand, n, dim int) []float32 {
	out := make([]float32, n*dim)
	for i := range n {
		var sum float64
		for k := range dim {
			x := r.NormFloat64()
			out[i*dim+k], sum = float32(x), sum+x*x
		}
		for k := range dim {
			out[i*dim+k] /= float32(math.Sqrt(sum))
		}
	}
	return out
}
