package knn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// Lists equal sorting all scores in float64, except where scores differ by rounding; any cut of the queries gives the same bits.
func TestScanAgainstSort(t *testing.T) {
	const seed, n, dim, k = 8, 700, 20, 25
	r := rand.New(rand.NewPCG(seed, 1))
	vectors, counts := make([]float32, n*dim), make([]int32, n)
	for i := range n {
		counts[i] = int32(r.IntN(50))
		row := vectors[i*dim : (i+1)*dim]
		for d := range row {
			row[d] = float32(r.NormFloat64())
		}
		if i%13 == 5 {
			clear(row)
		}
		vec.Unit(row)
	}
	x := NewIndex(vectors, dim, counts, .2)
	lists := make([][]topk.Entry, n)
	x.Scan(0, n, k, func(i int, best []topk.Entry) { lists[i] = slices.Clone(best) })
	for i, got := range lists {
		if i%13 == 5 {
			if len(got) > 0 {
				t.Errorf("row %d has no vector and list %v", i, got)
			}
			continue
		}
		want := bySort(vectors, counts, dim, i)
		for rank, e := range got {
			if math.Abs(float64(e.Score-want[rank].Score)) > 1e-5 || int(e.ID) == i || e.ID%13 == 5 {
				t.Fatalf("seed %d: row %d rank %d: %v, want %v", seed, i, rank, e, want[rank])
			}
		}
		if len(got) != k || !slices.IsSortedFunc(got, topk.Compare) {
			t.Errorf("row %d: %d entries, sorted %v", i, len(got), slices.IsSortedFunc(got, topk.Compare))
		}
	}
	for _, cut := range []int{1, 31, 333} {
		again := func(i int, best []topk.Entry) {
			if !slices.Equal(best, lists[i]) {
				t.Errorf("cut at %d changes row %d", cut, i)
			}
		}
		x.Scan(0, cut, k, again)
		x.Scan(cut, n, k, again)
	}
}

func bySort(vectors []float32, counts []int32, dim, i int) []topk.Entry {
	var all []topk.Entry
	for j := range counts {
		var dot float64
		for d := range dim {
			dot += float64(vectors[i*dim+d]) * float64(vectors[j*dim+d])
		}
		if j != i && vec.SquaredNorm(vectors[j*dim:(j+1)*dim]) > 0 {
			all = append(all, topk.Entry{ID: int32(j), Score: float32(dot * math.Pow(float64(max(counts[j], 1)), .2))})
		}
	}
	slices.SortFunc(all, topk.Compare)
	return all
}
