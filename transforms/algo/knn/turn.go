package knn

import (
	"math"
	"math/rand/v2"
)

// orthogonal returns a fixed orthogonal matrix [d×d], by Gram and Schmidt on normal draws, twice; rounded to float32.
// Cost: 2·d³ flops.
func orthogonal(d int) []float32 {
	draw := rand.New(rand.NewPCG(uint64(d), 0x7475726e))
	m := make([]float64, d*d)
	for i := range m {
		m[i] = draw.NormFloat64()
	}
	for i := range d {
		row := m[i*d : (i+1)*d]
		for range 2 {
			for j := range i {
				subtract(row, m[j*d:(j+1)*d])
			}
		}
		unit(row)
	}
	out := make([]float32, len(m))
	for i, v := range m {
		out[i] = float32(v)
	}
	return out
}

// subtract takes from row what it has of a row of length 1.
func subtract(row, of []float64) {
	dot := product(row, of)
	for k, v := range of {
		row[k] -= dot * v
	}
}

func unit(row []float64) {
	n := math.Sqrt(product(row, row))
	for k := range row {
		row[k] /= n
	}
}

func product(x, y []float64) float64 {
	var sum float64
	for k, v := range x {
		sum += float64(v * y[k])
	}
	return sum
}
