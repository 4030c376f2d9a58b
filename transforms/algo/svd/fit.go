package svd

import (
	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
)

// Embedding is the result of Fit, by column of the matrix.
type Embedding struct {
	Dim     int
	Vectors []float32 // [V×Dim] of length 1; zero where a song has no vector
	Fitted  int       // columns that were fitted, a prefix; the rest is projected
	Progress
}

// Fit embeds the columns of a playlist matrix from a cold start; keys seeds each column (see Start).
// Cost: see Fitting.Run; memory of a Fitting, and 4·V·Dim bytes.
func Fit(m *csr.Playlists, keys []uint64, p Params) (*Embedding, error) {
	f := NewFitting(m.Rows, m.Cols, NewScales(m.Rows, m.Counts(), p), p)
	out := &Embedding{Dim: p.Dim, Vectors: make([]float32, len(m.Columns)*p.Dim), Fitted: f.s.Fit}
	err := f.Run(Start{Keys: keys})
	if out.Progress = f.Progress; err != nil || f.s.Width == 0 {
		return out, err
	}
	d, n := p.Dim, len(m.Columns)
	vec.Each(vec.Blocks(n), func(b int) {
		lo, hi := vec.Block(b, n)
		f.Raw(out.Vectors[lo*d:hi*d], lo)
	})
	signs := NewExtremes(out.Vectors[:f.s.Fit*d], d)
	vec.Each(vec.Blocks(n), func(b int) {
		lo, hi := vec.Block(b, n)
		Finish(out.Vectors[lo*d:hi*d], signs)
	})
	return out, nil
}

// Progress tells how the iteration went.
type Progress struct {
	Values   []float64 // [d] singular values, falling
	Share    float64   // of |X|² in the d dimensions: ΣS²/|X|²
	Captured []float64 // by pass: share of |X|² in the subspace of l columns, rising to that of the best one
	Change   []float64 // by pass: share of |X'XQ|² outside the subspace Q before the pass, falling to that of the best one
}

// Fitting is a fit in the memory of one process. Not safe for concurrent use; it uses all cores itself.
type Fitting struct {
	Progress
	rows, cols csr.Matrix
	s          Scales
	p          Params
	b, y       []float32 // [Fit×l], [P×l]
	fit, fold  []float32 // [l×d] from B and Y to raw vectors
}

// NewFitting returns a fit of playlists × columns and its transpose. Memory: 4·l·(P + Fit) bytes beside the matrices.
func NewFitting(rows, cols csr.Matrix, s Scales, p Params) *Fitting {
	return &Fitting{rows: rows, cols: cols, s: s, p: p, b: make([]float32, s.Fit*s.Width), y: make([]float32, len(s.Row)*s.Width)}
}

// Run iterates from a start until Params.Done. With nothing to fit it does nothing.
// Cost: (2·passes + 1)·2·entries·l flops at the speed of memory, and as often rows·l² at that of the tile.
func (f *Fitting) Run(start Start) error {
	l := f.s.Width
	f.Values = make([]float64, f.p.Dim)
	if l == 0 {
		return nil
	}
	norm := SquaredNorm(f.rows, f.s)
	gram := overBlocks(f.s.Fit, func(lo, hi int) []float64 {
		start.Fill(f.b[lo*l:hi*l], lo, l)
		return Gram(f.b[lo*l:hi*l], l, nil)
	})
	for !f.p.Done(start.Warm != nil, f.Change) {
		trace, squares := Energy(f.passRows(f.s.Row, Orthonormaliser(gram, l)), l)
		gram = f.passCols()
		after, _ := Energy(gram, l)
		f.Captured = append(f.Captured, trace/norm)
		f.Change = append(f.Change, Outside(squares, after))
	}
	once := Single(Orthonormaliser(gram, l))
	again := Polisher(overBlocks(f.s.Fit, func(lo, hi int) []float64 {
		block := f.b[lo*l : hi*l]
		Multiply(block, block, once, l)
		return Gram(block, l, nil)
	}), l)
	spectrum, err := NewSpectrum(f.passRows(f.s.Fold, again), again, f.p.Dim)
	if err != nil {
		return err
	}
	f.Values, f.Share = spectrum.Values, spectrum.Energy()/norm
	f.fit, f.fold = Single(spectrum.Fit(f.p.Power)), Single(spectrum.Fold(f.p.Power))
	return nil
}

// Outside returns the share of |X'XQ|² that is outside the subspace of Q: squares is |Q'X'XQ|², after |X'XQ|².
func Outside(squares, after float64) float64 {
	if !(after > 0) {
		return 0
	}
	return min(max(1-squares/after, 0), 1)
}

// unit is how many rows are gathered at once: few, because the first columns hold most entries.
const unit = 16

// eachUnit calls f for small ranges of n rows on all cores.
func eachUnit(n int, f func(lo, hi int)) {
	vec.Each((n+unit-1)/unit, func(u int) { f(u*unit, min((u+1)*unit, n)) })
}

// passRows sets Y = outer·X·(B·t) and returns its Gram matrix over the playlists that are fitted.
func (f *Fitting) passRows(outer []float32, t []float64) []float64 {
	l, by := f.s.Width, Single(t)
	w := Weighted{f.rows, int32(f.s.Fit), outer, f.s.Col}
	return overBlocks(len(f.s.Row), func(lo, hi int) []float64 {
		block := f.y[lo*l : hi*l]
		w.GatherMul(block, lo, whole(l, f.b), by)
		return Gram(block, l, f.s.Row[lo:hi])
	})
}

// passCols sets B = X'·Y and returns its Gram matrix.
func (f *Fitting) passCols() []float64 {
	l := f.s.Width
	w := Weighted{f.cols, int32(len(f.s.Row)), f.s.Col, f.s.Row}
	eachUnit(f.s.Fit, func(lo, hi int) { w.Gather(f.b[lo*l:hi*l], lo, whole(l, f.y)) })
	return overBlocks(f.s.Fit, func(lo, hi int) []float64 { return Gram(f.b[lo*l:hi*l], l, nil) })
}

// Raw computes the raw vectors of columns [lo, …) into out, Dim numbers each: V·S^p of fitted songs, X'·U·S^(p-1) of others.
func (f *Fitting) Raw(out []float32, lo int) {
	d, l := f.p.Dim, f.s.Width
	hi := lo + len(out)/d
	middle := min(max(lo, f.s.Fit), hi)
	Multiply(out, f.b[min(lo, f.s.Fit)*l:min(middle, f.s.Fit)*l], f.fit, l)
	if middle < hi {
		w := Weighted{f.cols, int32(len(f.s.Fold)), f.s.Col, f.s.Fold}
		w.GatherMul(out[(middle-lo)*d:], middle, whole(l, f.y), f.fold)
	}
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
