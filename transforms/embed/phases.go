package embed

import (
	"fmt"
	"math"

	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// fitting runs the iteration, a phase of work for every step of svd.Fit.
type fitting struct {
	sc *work.Context
	m  matrixFiles
	s  scales
	p  svd.Params
}

// trainSVD trains by algo/svd.
func trainSVD(t training) (rawVectors, error) {
	scaled, err := work.Run(t.sc, "scales", []scalesItem{{Songs: t.songs}}, scalesFn{t.m, t.p.Params}, work.Collect[scales]{})
	if err != nil {
		return rawVectors{}, err
	}
	s := scaled[0][0]
	t.sc.Count("embed/columns", int64(s.Width))
	if s.Width == 0 {
		return rawVectors{Dim: t.p.Dim, Fit: s.Fit, Shift: t.m.colShift()}, nil
	}
	return fitting{sc: t.sc, m: t.m, s: s, p: t.p.Params}.fit()
}

// fit returns the raw vectors of all columns.
func (f fitting) fit() (rawVectors, error) {
	started, err := work.Run(f.sc, "start", f.cols(), startFn{"start", f.s.Width, f.s.Keys}, f.orth("start"))
	b, err := f.orthonormal("start", started, err)
	for t := 1; t <= f.p.Iterations && err == nil; t++ {
		var y tallFiles
		if y, err = f.count(t, b); err != nil {
			break
		}
		phase := fmt.Sprintf("cols-%d", t)
		in := gatherFn{Phase: phase, Start: f.m.ColStart, Items: f.m.ColItems, Limit: f.playlists(), In: y, Outer: f.s.Col, Inner: f.s.Row, Reduce: reduceGram}
		passed, runErr := work.Run(f.sc, phase, f.cols(), in, f.orth(phase))
		b, err = f.orthonormal(phase, passed, runErr)
	}
	if err != nil {
		return rawVectors{}, err
	}
	return f.project(b)
}

// count runs pass t over the playlists and counts what it captured.
func (f fitting) count(t int, b tallFiles) (tallFiles, error) {
	phase := fmt.Sprintf("rows-%d", t)
	passed, err := f.rows(phase, b, f.s.Row, reduceNorm, makeTotalNorm)
	y, sums, err := f.parts(passed, err, f.m.rowShift())
	if err == nil && f.s.Norm > 0 {
		f.sc.Count(fmt.Sprintf("embed/captured_ppm_pass_%d", t), int64(math.Round(1e6*sums.Norm/f.s.Norm)))
	}
	return y, err
}

// project ends the fit: the last pass, the spectrum of its Gram matrix, the vectors.
func (f fitting) project(b tallFiles) (rawVectors, error) {
	passed, err := f.rows("rows-last", b, f.s.Fold, reduceGram, makeSpectrum)
	y, sums, err := f.parts(passed, err, f.m.rowShift())
	if err != nil {
		return rawVectors{}, err
	}
	d := projectFn{Matrix: f.m, Scales: f.s, B: b, Y: y, Fit: sums.Matrix, Fold: sums.Fold, Dim: f.p.Dim}
	made, err := work.Run(f.sc, "project", partItems(int(f.m.Columns.Rows), f.m.colShift()), d, work.Collect[lake.FileRef]{})
	if err != nil {
		return rawVectors{}, err
	}
	return rawVectors{Dim: f.p.Dim, Fit: f.s.Fit, Shift: f.m.colShift(), Parts: made[0]}, nil
}

func (f fitting) rows(phase string, b tallFiles, outer lake.FileRef, reduce, then string) ([]outcome, error) {
	d := gatherFn{Phase: phase, Start: f.m.RowStart, Items: f.m.RowItems, Limit: f.s.Fit, In: b, Outer: outer, Inner: f.s.Col, Weights: f.s.Row, Reduce: reduce}
	m := gramFn{Phase: phase, Make: then, Width: f.s.Width, Dim: f.p.Dim, Power: f.p.Power}
	return work.Run(f.sc, phase, partItems(f.playlists(), f.m.rowShift()), d, m)
}

// orthonormal replaces B, as a phase left it with its orthonormaliser, by an orthonormal basis: Cholesky-QR twice.
func (f fitting) orthonormal(phase string, passed []outcome, err error) (tallFiles, error) {
	for i, suffix := range []string{"-once", "-again"} {
		b, sums, failed := f.parts(passed, err, f.m.colShift())
		if failed != nil {
			return b, failed
		}
		d := multiplyFn{Phase: phase + suffix, In: b, By: sums.Matrix, Last: i == 1}
		passed, err = work.Run(f.sc, d.Phase, f.cols(), d, f.orth(d.Phase))
	}
	b, _, err := f.parts(passed, err, f.m.colShift())
	return b, err
}

func (f fitting) orth(phase string) gramFn {
	return gramFn{Phase: phase, Make: makeOrth, Width: f.s.Width}
}

// parts takes the outcomes of a phase apart.
func (f fitting) parts(passed []outcome, err error, shift uint) (t tallFiles, sums outcome, _ error) {
	t = tallFiles{Width: f.s.Width, Shift: shift}
	for _, o := range passed {
		if o.Parts != nil {
			t.Parts = o.Parts
		} else {
			sums = o
		}
	}
	return t, sums, err
}

func (f fitting) cols() []partItem { return partItems(f.s.Fit, f.m.colShift()) }

func (f fitting) playlists() int { return int(f.m.RowStart.Rows - 1) }
