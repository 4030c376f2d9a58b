// Package cooc scores songs by the playlists they share, one row of the co-occurrence matrix at a time.
//
//	C[i,j] = Σ over playlists p with i and j of L_p^(-a),   score(i → j) = C[i,j] / (n_i^0.5 · n_j^β)
//
// L_p counts the songs of p in the vocabulary, n_i the playlists of song i. A playlist longer than the cap takes part with
// a sample of its songs, scaled by 1/rate² so that C keeps its expectation.
//
//	cooc.go     Params, Model: playlists cut to the vocabulary and the cap
//	rows.go     Rows: the best entries of one row
//
// Order: rows do not depend on one another; within a row playlists are added in ascending order; ties go to the lower song.
package cooc

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// Params decides how shared playlists score.
type Params struct {
	MinCount       int     `json:"min_count"`       // playlists a song needs to have and be in a list; default 2
	Cap            int     `json:"cap"`             // songs of a playlist that take part; more cost cap² a playlist; default 300
	LengthExponent float64 `json:"length_exponent"` // a playlist of L songs weighs L to minus this; default 0.5
	Beta           float64 `json:"beta"`            // exponent of the neighbour's count; more prefer rare songs; default 0.3
	Depth          int     `json:"depth"`           // neighbours kept a song; default 200
}

// Default returns the parameters measured to be good on playlists of several kinds.
func Default() Params {
	return Params{MinCount: 2, Cap: 300, LengthExponent: .5, Beta: .3, Depth: 200}
}

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(p.MinCount >= 1, "min_count is %d, must be at least 1", p.MinCount)
	check(p.Cap >= 2, "cap is %d, must be at least 2", p.Cap)
	check(p.LengthExponent >= 0 && p.LengthExponent <= 2, "length_exponent is %v, must be in 0..2", p.LengthExponent)
	check(p.Beta >= 0 && p.Beta <= 2, "beta is %v, must be in 0..2", p.Beta)
	check(p.Depth >= 1, "depth is %d, must be at least 1", p.Depth)
	return errors.Join(errs...)
}

// Model is the playlist matrix as co-occurrence sees it, V columns being in the vocabulary.
type Model struct {
	Rows        csr.Matrix // playlists × columns of the vocabulary, at most Cap a row
	Weight      []float32  // [P] L_p^(-a) over rate²
	Left, Right []float32  // [V] n^(-1/2) of a row and n^(-β) of a neighbour
}

// NewModel cuts the rows of a playlist matrix; counts holds the playlists of each column, falling.
// A sample holds the songs of smallest hash of (seed, playlist, column).
func NewModel(rows csr.Matrix, counts []int32, p Params, seed uint64) Model {
	vocabulary := int32(csr.AtLeast(counts, p.MinCount))
	m := Model{
		Rows: csr.Matrix{Start: make([]int64, rows.Rows()+1)}, Weight: make([]float32, rows.Rows()),
		Left: powers(counts[:vocabulary], -.5), Right: powers(counts[:vocabulary], -p.Beta),
	}
	for r := range m.Weight {
		m.Rows.Start[r+1] = m.Rows.Start[r] + int64(min(len(rows.Prefix(r, vocabulary)), p.Cap))
	}
	m.Rows.Items = make([]int32, m.Rows.Start[rows.Rows()])
	vec.Each(vec.Blocks(rows.Rows()), func(b int) {
		lo, hi := vec.Block(b, rows.Rows())
		for r := lo; r < hi; r++ {
			row := rows.Prefix(r, vocabulary)
			n := float64(len(row))
			if n == 0 {
				continue
			}
			m.Weight[r] = float32(math.Pow(n, -p.LengthExponent))
			if rate := float64(p.Cap) / n; rate < 1 {
				m.Weight[r] = float32(math.Pow(n, -p.LengthExponent) / (rate * rate))
				row = sample(row, p.Cap, mix(seed+uint64(r)*0x9e3779b97f4a7c15))
			}
			copy(m.Rows.Items[m.Rows.Start[r]:], row)
		}
	})
	return m
}

// powers returns n^e of counts, of which equal ones follow one another.
func powers(counts []int32, e float64) []float32 {
	out := make([]float32, len(counts))
	for j, n := range counts {
		if j > 0 && n == counts[j-1] {
			out[j] = out[j-1]
			continue
		}
		out[j] = float32(math.Pow(float64(n), e))
	}
	return out
}

// sample returns the k columns of smallest hash, ascending.
func sample(row []int32, k int, key uint64) []int32 {
	out := slices.Clone(row)
	slices.SortFunc(out, func(a, b int32) int {
		return cmp.Or(cmp.Compare(mix(key^uint64(a)), mix(key^uint64(b))), cmp.Compare(a, b))
	})
	out = out[:k]
	slices.Sort(out)
	return out
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}
