package svd

import (
	"math"

	"segue/transforms/algo/csr"
)

// Scales are the sizes of a fit and the factors of its matrix: X[p,i] = Row[p]·Col[i] where playlist p holds song i.
type Scales struct {
	Fit   int       // fitted columns, a prefix
	Width int       // l: columns of the iteration; 0 = nothing to fit
	Row   []float32 // [P] L_p^(-a/2); 0 for playlists with fewer than two fitted songs
	Fold  []float32 // [P] the same for projections: 0 only for playlists without a fitted song
	Col   []float32 // [V] (n_i + s)^(-1/2)
}

// NewScales returns the scales of a matrix of playlists; rows holds its rows, counts the playlists of each column, falling.
func NewScales(rows csr.Matrix, counts []int32, p Params) Scales {
	s := Scales{Fit: csr.AtLeast(counts, p.MinCount), Row: make([]float32, rows.Rows()), Fold: make([]float32, rows.Rows())}
	fitRows := 0
	for r := range s.Row {
		n := len(rows.Prefix(r, int32(s.Fit)))
		if n > 0 {
			s.Fold[r] = float32(math.Pow(float64(n), -p.LengthExponent/2))
		}
		if n > 1 {
			s.Row[r] = s.Fold[r]
			fitRows++
		}
	}
	s.Col = make([]float32, len(counts))
	for i, n := range counts {
		s.Col[i] = float32(1 / math.Sqrt(float64(n)+p.Shrink))
	}
	s.Width = min(p.Dim+p.Oversample, s.Fit, fitRows)
	return s
}
