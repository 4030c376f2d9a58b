package knn

import (
	"context"
	"math"
	"testing"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
)

// naive scores everything, pair by pair, and keeps the best in a heap: the oracle.
func naive(p Problem, k int) [][]topk.Entry {
	queries, base := p.queries(), p.Base
	out := make([][]topk.Entry, len(queries)/p.Dim)
	for i := range out {
		q := queries[i*p.Dim : (i+1)*p.Dim]
		if zero(q) {
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
