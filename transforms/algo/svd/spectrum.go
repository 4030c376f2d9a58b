package svd

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"segue/transforms/algo/vec"
)

// negligible is the share of the largest eigenvalue below which an eigenvalue is rounding: singular values a thousand times
// smaller than the largest count as 0.
const negligible = 1e-6

// Spectrum is the solution of the small eigenproblem G = E W E'.
type Spectrum struct {
	Width  int       // l
	Values []float64 // [d] singular values S, falling; 0 beyond the rank
	E      []float64 // [l×d] eigenvectors as columns; zero columns beyond the rank
	basis  []float64 // [l×l] T such that V = (B·T)·E
}

// NewSpectrum solves the eigenproblem of the packed Gram matrix of Y = X·(B·t) for the dim largest.
func NewSpectrum(gram, t []float64, dim int) (*Spectrum, error) {
	l := int(math.Round(math.Sqrt(float64(len(t)))))
	s := &Spectrum{Width: l, Values: make([]float64, dim), E: make([]float64, l*dim), basis: t}
	if l == 0 {
		return s, nil
	}
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(l, unpack(gram, l)), true) {
		return nil, fmt.Errorf("decompose gram matrix of %d columns: no convergence", l)
	}
	values := eig.Values(nil) // ascending
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	for k := range min(dim, l) {
		w := values[l-1-k]
		if !(w > negligible*values[l-1]) {
			break
		}
		s.Values[k] = math.Sqrt(w)
		for i := range l {
			s.E[i*dim+k] = vectors.At(i, l-1-k)
		}
	}
	return s, nil
}

// Energy returns ΣS².
func (s *Spectrum) Energy() float64 {
	var sum float64
	for _, v := range s.Values {
		sum += float64(v * v)
	}
	return sum
}

// Fit returns T·E·S^power [l×d], which makes raw vectors of B: V·S^power.
func (s *Spectrum) Fit(power float64) []float64 {
	d := len(s.Values)
	scaled, m := s.scaled(power), make([]float64, len(s.E))
	for i := range s.Width {
		for k, t := range s.basis[i*s.Width : (i+1)*s.Width] {
			for j, v := range scaled[k*d : (k+1)*d] {
				m[i*d+j] += float64(t * v)
			}
		}
	}
	return m
}

// Fold returns E·S^(power-2) [l×d], which makes raw vectors of X'·Y for songs that were not fitted: X'·U·S^(power-1).
func (s *Spectrum) Fold(power float64) []float64 { return s.scaled(power - 2) }

// scaled returns E·S^power; columns beyond the rank stay zero.
func (s *Spectrum) scaled(power float64) []float64 {
	d := len(s.Values)
	m := make([]float64, len(s.E))
	for k, v := range s.Values {
		if v == 0 {
			continue
		}
		f := math.Pow(v, power)
		for i := range s.Width {
			m[i*d+k] = s.E[i*d+k] * f
		}
	}
	return m
}

// Extremes is the entry of largest size of every column; of equal ones the first.
type Extremes []float32

// NewExtremes returns the extremes of rows of d columns.
func NewExtremes(rows []float32, d int) Extremes {
	e := make(Extremes, d)
	for at := 0; at < len(rows); at += d {
		e.Add(rows[at : at+d])
	}
	return e
}

// Add takes later entries of every column into account.
func (e Extremes) Add(later []float32) {
	for k, v := range later {
		if abs(v) > abs(e[k]) {
			e[k] = v
		}
	}
}

func abs(v float32) float32 { return max(v, -v) }

// Apply flips the sign of every column of rows whose largest entry is negative.
func (e Extremes) Apply(rows []float32) {
	for at := 0; at < len(rows); at += len(e) {
		row := rows[at : at+len(e)]
		for k, v := range e {
			if v < 0 && row[k] != 0 { // no negative zeros
				row[k] = -row[k]
			}
		}
	}
}

// Finish turns raw rows of len(e) columns into published vectors: the sign of each column such that its largest entry is
// positive, each row of length 1; a row without direction stays zero.
func Finish(raw []float32, e Extremes) {
	e.Apply(raw)
	for at := 0; at < len(raw); at += len(e) {
		vec.Unit(raw[at : at+len(e)])
	}
}
