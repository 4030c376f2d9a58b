package embed

import (
	"fmt"

	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// fitting runs the iteration of svd.Fitting as phases of work, an item a part of a tall matrix, for workers that share no
// disk. It gives the same bits.
type fitting struct {
	training
	s    scales
	warm *lake.FileRef
	svd.Progress
}

// fit returns the raw vectors of all columns.
func (f *fitting) fit() (fitted, error) {
	d := startFn{f.s.Width, f.s.Keys, f.warm}
	b, o, err := f.cols("start", d, f.gram("start", makeOrth))
	for t := 1; err == nil && !f.p.Done(f.warm != nil, f.Change); t++ {
		b, o, err = f.pass(t, b, o.Matrix)
	}
	if err != nil {
		return fitted{}, err
	}
	if b, o, err = f.cols("orth", multiplyFn{"orth", b, o.Matrix}, f.gram("orth", makePolish)); err != nil {
		return fitted{}, err
	}
	return f.project(b, o.Matrix)
}

// pass runs pass t from B and the factor that makes it orthonormal, and notes what it captured and changed.
func (f *fitting) pass(t int, b tallFiles, by lake.FileRef) (tallFiles, outcome, error) {
	phase := fmt.Sprintf("rows-%d", t)
	y, before, err := f.rows(phase, b, by, f.s.Row, f.gram(phase, makeEnergy))
	if err != nil {
		return b, before, err
	}
	phase = fmt.Sprintf("cols-%d", t)
	d := gatherFn{Phase: phase, Start: f.m.ColStart, Items: f.m.ColItems, Limit: f.playlists(), In: y, Outer: f.s.Col, Inner: f.s.Row}
	b, after, err := f.cols(phase, d, f.gram(phase, makeOrth))
	f.Captured = append(f.Captured, before.Trace/f.s.Norm)
	f.Change = append(f.Change, svd.Outside(before.Squares, after.Trace))
	return b, after, err
}

// project ends the fit: the last pass, the spectrum of its Gram matrix, the vectors.
func (f *fitting) project(b tallFiles, polisher lake.FileRef) (fitted, error) {
	m := f.gram("rows-last", makeSpectrum)
	m.Dim, m.Power, m.Basis = f.p.Dim, f.p.Power, polisher
	y, o, err := f.rows(m.Phase, b, polisher, f.s.Fold, m)
	if err != nil {
		return fitted{}, err
	}
	f.Values, f.Share = o.Values, o.Energy/f.s.Norm
	d := projectFn{Matrix: f.m, Scales: f.s, B: b, Y: y, Fit: o.Matrix, Fold: o.Fold, Dim: f.p.Dim}
	made, err := work.Run(f.sc, "project", partItems(int(f.m.Columns.Rows), f.m.colShift()), d, work.Collect[lake.FileRef]{})
	if err != nil {
		return fitted{}, err
	}
	return fitted{Fit: f.s.Fit, Width: f.s.Width, Parts: made[0], Progress: f.Progress}, nil
}

// rows runs a phase over the playlists: Y = outer·X·(B·by).
func (f *fitting) rows(phase string, b tallFiles, by, outer lake.FileRef, m gramFn) (tallFiles, outcome, error) {
	d := gatherFn{Phase: phase, Start: f.m.RowStart, Items: f.m.RowItems, Limit: f.s.Fit, In: b, By: by, Outer: outer, Inner: f.s.Col, Weights: f.s.Row}
	passed, err := work.Run(f.sc, phase, partItems(f.playlists(), f.m.rowShift()), d, m)
	return f.parts(passed, err, f.m.rowShift())
}

// cols runs a phase over the fitted songs.
func (f *fitting) cols(phase string, d work.Doer[partItem, piece], m gramFn) (tallFiles, outcome, error) {
	passed, err := work.Run(f.sc, phase, partItems(f.s.Fit, f.m.colShift()), d, m)
	return f.parts(passed, err, f.m.colShift())
}

// parts takes the outcomes of a phase apart.
func (f *fitting) parts(passed []outcome, err error, shift uint) (t tallFiles, gram outcome, _ error) {
	t = tallFiles{Width: f.s.Width, Shift: shift}
	for _, o := range passed {
		if o.Parts != nil {
			t.Parts = o.Parts
		} else {
			gram = o
		}
	}
	return t, gram, err
}

func (f *fitting) gram(phase, what string) gramFn {
	return gramFn{Phase: phase, Make: what, Width: f.s.Width}
}

func (f *fitting) playlists() int { return int(f.m.RowStart.Rows - 1) }
