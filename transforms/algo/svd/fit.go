package svd

import (
	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// Embedding is the result of Fit, by column of the matrix.
type Embedding struct {
	Dim      int
	Vectors  []float32 // [V×Dim] of length 1; zero where a song has no vector
	Fitted   int       // columns that were fitted, a prefix; the rest is projected
	Values   []float64 // [Dim] singular values, falling
	Captured []float64 // by pass: share of |X|² in the subspace, rising to that of the best subspace
}

// Fit embeds the columns of a playlist matrix; keys seeds each column (see Start).
// Cost: (Iterations + 1)·4·entries·l flops and twice Iterations·V·l² for orthonormal columns; memory 4·l·(P + 2V) bytes.
func Fit(m *csr.Playlists, keys []uint64, p Params) (*Embedding, error) {
	return fit(m, keys, p, vec.BlockShift)
}

// fit is Fit with the matrices kept in parts of 1<<shift rows, as work items would.
func fit(m *csr.Playlists, keys []uint64, p Params, shift uint) (*Embedding, error) {
	f := newFitting(m, p, shift)
	out := &Embedding{Dim: p.Dim, Vectors: make([]float32, len(m.Columns)*p.Dim), Fitted: f.s.Fit, Values: make([]float64, p.Dim)}
	if f.s.Width == 0 {
		return out, nil
	}
	norm := SquaredNorm(m.Rows, f.s)
	f.orthonormal(blockwise(f.b, f.s.Width, func(block []float32, lo int) {
		Start(block, keys[lo:lo+len(block)/f.s.Width], f.s.Width)
	}, f.gram))
	for range p.Iterations {
		out.Captured = append(out.Captured, f.rows(f.s.Row, squared)[0]/norm)
		f.orthonormal(f.cols())
	}
	spectrum, err := NewSpectrum(f.rows(f.s.Fold, f.fittedGram), f.s.Width, p.Dim)
	if err != nil {
		return nil, err
	}
	out.Values = spectrum.Values
	f.vectors(out, spectrum, p.Power)
	return out, nil
}

// fitting is the state of the iteration.
type fitting struct {
	m     *csr.Playlists
	s     Scales
	shift uint
	b, y  []float32 // [Fit×l], [P×l]
}

func newFitting(m *csr.Playlists, p Params, shift uint) *fitting {
	s := NewScales(m.Rows, m.Counts(), p)
	return &fitting{m, s, shift, make([]float32, s.Fit*s.Width), make([]float32, len(s.Row)*s.Width)}
}

func (f *fitting) tall(x []float32) vec.Tall {
	var parts [][]float32
	for size := f.s.Width << f.shift; len(x) > 0; x = x[min(size, len(x)):] {
		parts = append(parts, x[:min(size, len(x))])
	}
	return vec.NewTall(f.s.Width, f.shift, parts...)
}

// orthonormal replaces B by an orthonormal basis of its columns: Cholesky-QR twice, the second for the rounding of the first.
func (f *fitting) orthonormal(gram []float64) {
	l := f.s.Width
	once := Orthonormaliser(gram, l)
	again := Orthonormaliser(blockwise(f.b, l, func(block []float32, _ int) { Multiply(block, block, once, l) }, f.gram), l)
	blockwise(f.b, l, func(block []float32, _ int) { Multiply(block, block, again, l) }, func([]float32, int) []float64 { return nil })
}

// rows sets Y = X·B and returns the sum of what reduce makes of its blocks.
func (f *fitting) rows(outer []float32, reduce func(block []float32, lo int) []float64) []float64 {
	b := f.tall(f.b)
	return blockwise(f.y, f.s.Width, func(block []float32, lo int) {
		Weighted{f.m.Rows, int32(f.s.Fit), outer, f.s.Col}.Gather(block, lo, b)
	}, reduce)
}

// cols sets B = X'·Y and returns its Gram matrix.
func (f *fitting) cols() []float64 {
	y := f.tall(f.y)
	return blockwise(f.b, f.s.Width, func(block []float32, lo int) {
		Weighted{f.m.Cols, int32(len(f.s.Row)), f.s.Col, f.s.Row}.Gather(block, lo, y)
	}, f.gram)
}

func (f *fitting) gram(block []float32, _ int) []float64 { return Gram(block, f.s.Width, nil) }

// fittedGram leaves out playlists that are there for projections only.
func (f *fitting) fittedGram(block []float32, lo int) []float64 {
	return Gram(block, f.s.Width, f.s.Row[lo:])
}

func squared(block []float32, _ int) []float64 { return []float64{vec.SquaredNorm(block)} }

// vectors sets the vectors of fitted and projected songs.
func (f *fitting) vectors(out *Embedding, s *Spectrum, power float64) {
	l, d, all := f.s.Width, out.Dim, len(f.m.Columns)
	fit, fold := s.Scaled(power), s.Scaled(power-2)
	y := f.tall(f.y)
	extremes := make([]Extremes, vec.Blocks(f.s.Fit))
	vec.Each(vec.Blocks(all), func(b int) {
		lo, hi := vec.Block(b, all)
		middle := min(max(lo, f.s.Fit), hi)
		if lo < middle {
			block := out.Vectors[lo*d : middle*d]
			Multiply(block, f.b[lo*l:middle*l], fit, l)
			extremes[b] = NewExtremes(block, d)
		}
		if middle < hi {
			block := make([]float32, (hi-middle)*l)
			Weighted{f.m.Cols, int32(len(f.s.Fold)), f.s.Col, f.s.Fold}.Gather(block, middle, y)
			Multiply(out.Vectors[middle*d:hi*d], block, fold, l)
		}
	})
	for _, e := range extremes[1:] {
		extremes[0].Add(e)
	}
	vec.Each(vec.Blocks(all), func(b int) {
		lo, hi := vec.Block(b, all)
		Finish(out.Vectors[lo*d:hi*d], extremes[0])
	})
}

// SquaredNorm returns |X|² of the matrix that is fitted, in row order.
func SquaredNorm(rows csr.Matrix, s Scales) float64 {
	var sum float64
	for r, a := range s.Row {
		if a == 0 {
			continue
		}
		var row float64
		for _, i := range rows.Prefix(r, int32(s.Fit)) {
			row += float64(float64(s.Col[i]) * float64(s.Col[i]))
		}
		sum += float64(float64(a) * float64(a) * row)
	}
	return sum
}
