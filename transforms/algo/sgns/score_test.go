package sgns

import (
	"math"
	"math/rand/v2"
	"testing"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// The product of two roles scores exp(6·cos)·n^g, and a song without a vector is zero in both.
func TestRoles(t *testing.T) {
	const seed, songs, dim, g = 3, 40, 9, .2
	r := rand.New(rand.NewPCG(seed, 0))
	in, out, n := make([]float32, songs*dim), make([]float32, songs*dim), make([]int32, songs)
	for i := range songs {
		n[i] = int32(r.IntN(1000))
		for k := i * dim; i > 0 && k < (i+1)*dim; k++ {
			in[k], out[k] = float32(r.NormFloat64()), float32(r.NormFloat64())
		}
		vec.Unit(in[i*dim : (i+1)*dim])
		vec.Unit(out[i*dim : (i+1)*dim])
	}
	queries, base := Roles(in, out, n, g)
	if vec.SquaredNorm(queries[:dim+1]) != 0 || vec.SquaredNorm(base[:dim+1]) != 0 {
		t.Error("a song without a vector has a role")
	}
	for i := 1; i < songs; i++ {
		for j := 1; j < songs; j++ {
			var cos float64
			for k := range dim {
				cos += float64(in[i*dim+k]) * float64(out[j*dim+k])
			}
			want := math.Exp(6*cos) * math.Pow(float64(max(n[j], 1)), g)
			got := float64(Score(vec.Dot(queries[i*(dim+1):(i+1)*(dim+1)], base[j*(dim+1):(j+1)*(dim+1)])))
			if math.Abs(got-want) > 1e-4*want {
				t.Fatalf("seed %d: %d → %d scores %v, want %v", seed, i, j, got, want)
			}
		}
	}
	if q, b := Roles(nil, nil, nil, g); q != nil || b != nil {
		t.Error("no songs have roles")
	}
}

// Songs too rare to be trained are asked for by their playlists: two entries lead to the songs of their cluster, in half of the
// first ten where one in fifty would by chance.
func TestFold(t *testing.T) {
	const seed = 9
	in, truth := planted(5000, 4000, seed)
	fit := csr.AtLeast(in.Counts, 5)
	cols := csr.Transpose(in.Playlists, len(in.Counts))
	trained := in
	trained.Counts, trained.Keys = in.Counts[:fit], in.Keys[:fit]
	p := Default()
	p.Dim, p.Epochs = 32, 10
	m, err := Train(t.Context(), trained, p)
	if err != nil {
		t.Fatal(err)
	}
	rare := m.Fold(in.Playlists, cols, fit, len(in.Counts))
	for i := range rare {
		if x := float64(rare[i]); math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("seed %d: number %d is %v", seed, i, x)
		}
	}
	both := &Model{Dim: m.Dim, In: append(m.In, rare...), Out: append(m.Out, make([]float32, len(rare))...)}
	asked := make([]int, 0, 100)
	for i := fit; i < len(truth) && len(asked) < 100; i++ {
		if in.Counts[i] >= 2 {
			asked = append(asked, i)
		}
	}
	if got := purity(both, truth, asked); len(asked) < 20 || got < .5 {
		t.Errorf("seed %d: %.3f of the first ten of %d rare songs are of their cluster", seed, got, len(asked))
	} else {
		t.Logf("%.3f of %d", got, len(asked))
	}
}
