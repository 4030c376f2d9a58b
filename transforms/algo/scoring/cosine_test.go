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

// Directions have unit length and the direction of their song's vector, but for its rounding to bytes; they are zeros without one.
func TestDirections(t *testing.T) {
	const dim = 100
	r := rand.New(rand.NewPCG(3, 1))
	data := make([]float32, 4*dim)
	for i := range data[:3*dim] {
		data[i] = float32(r.NormFloat64())
	}
	m := &Model{Vectors: Vectors{Dim: dim, Data: data}}
	m.packed.vectors = m.Vectors.round(4)
	for song := range int32(4) {
		got, v := make([]float32, dim), data[song*dim:(song+1)*dim]
		m.Direction(song, got)
		var length, along, of float64
		for i, x := range got {
			length += float64(x) * float64(x)
			along += float64(x) * float64(v[i])
			of += float64(v[i]) * float64(v[i])
		}
		if song == 3 {
			if length != 0 {
				t.Errorf("a song without a vector has a direction of length %v", math.Sqrt(length))
			}
			continue
		}
		if math.Abs(length-1) > 1e-6 || along/math.Sqrt(of) < .9999 {
			t.Errorf("song %d: length² %v, cosine to its vector %v", song, length, along/math.Sqrt(of))
		}
	}
}
