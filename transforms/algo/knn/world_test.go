package knn

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// clustered returns n unit vectors in clusters of clusters, about 100 a cluster, with falling weight of later dimensions, as trained
// vectors have them; and a popularity of each row.
func clustered(seed uint64, n, dim int) (rows []float32, counts []int32) {
	r := rand.New(rand.NewPCG(seed, 1))
	normal := func() float32 { return float32(r.NormFloat64()) }
	clusters := max(1, n/100)
	large := max(20, clusters/40)
	super, centres := make([]float32, large*dim), make([]float32, clusters*dim)
	for i := range super {
		super[i] = normal()
	}
	size := make([]float64, clusters)
	total := 0.0
	for c := range clusters {
		s := r.IntN(large)
		for k := range dim {
			centres[c*dim+k] = super[s*dim+k] + .9*normal()
		}
		total += math.Exp(r.NormFloat64())
		size[c] = total
	}
	rows, counts = make([]float32, n*dim), make([]int32, n)
	for i := range n {
		c := sort.SearchFloat64s(size, r.Float64()*total)
		spread := .6 + .5*r.Float32()
		for k := range dim {
			rows[i*dim+k] = (centres[c*dim+k] + spread*normal()) * float32(math.Pow(float64(k+1), -.25))
		}
		vec.Unit(rows[i*dim : (i+1)*dim])
		counts[i] = int32(min(1e6, 5/math.Pow(1-r.Float64(), .8)))
	}
	return rows, counts
}

// naive scores everything, pair by pair, and keeps the best in a heap: the oracle.
func naive(p Problem, k int) [][]topk.Entry {
	queries, base := p.queries(), p.Base
	out := make([][]topk.Entry, len(queries)/p.Dim)
	for i := range out {
		q := queries[i*p.Dim : (i+1)*p.Dim]
		if zero(q) || p.self() && p.weight(int32(i)) == 0 {
			continue
		}
		var best topk.List
		best.Reset(k)
		for j := range len(base) / p.Dim {
			b, w := base[j*p.Dim:(j+1)*p.Dim], p.weight(int32(j))
			if w == 0 || zero(b) || i == j && (p.Same || p.self()) {
				continue
			}
			best.Push(int32(j), w*simd.Dot(q, b)+0)
		}
		out[i] = best.Sorted()
	}
	return out
}

func searched(t testing.TB, p Problem, params Params) [][]topk.Entry {
	t.Helper()
	out, err := Search(context.Background(), p, params, 7)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same fails the test at the first list that is not the same ids and bits.
func same(t *testing.T, what string, got, want [][]topk.Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d lists, want %d", what, len(got), len(want))
	}
	for i := range want {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("%s: list %d has %d entries, want %d", what, i, len(got[i]), len(want[i]))
		}
		for r, e := range want[i] {
			if g := got[i][r]; g.ID != e.ID || math.Float32bits(g.Score) != math.Float32bits(e.Score) {
				t.Fatalf("%s: list %d rank %d is %v, want %v", what, i, r, g, e)
			}
		}
	}
}
