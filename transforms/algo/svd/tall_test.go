package svd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// gather is within (items+1)·2⁻²³·Σ|w·x| of the sums written out, and over parts of any size the same bits.
func TestTallGather(t *testing.T) {
	const seed, rows, width = 12, 13, 21
	r := rand.New(rand.NewPCG(seed, 1))
	m, w := make([]float32, rows*width), make([]float32, rows)
	for _, x := range [][]float32{m, w} {
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
	}
	w[3] = 0
	items := []int32{0, 1, 2, 3, 4, 7, 12}
	first := make([]float32, width)
	whole(width, m).gather(first, items, w)
	for k, got := range first {
		var want, size float64
		for _, i := range items {
			p := float64(w[i]) * float64(m[int(i)*width+k])
			want += p
			size += math.Abs(p)
		}
		if math.Abs(float64(got)-want) > float64(len(items)+1)*size/(1<<23) {
			t.Errorf("seed %d: column %d is %v, want %v", seed, k, got, want)
		}
	}
	for shift := range uint(5) {
		size := width << shift
		got := make([]float32, width)
		NewTall(width, shift, slices.Collect(slices.Chunk(m, size))...).gather(got, items, w)
		if !slices.Equal(got, first) {
			t.Errorf("parts of %d rows: %v, want %v", 1<<shift, got, first)
		}
	}
}
