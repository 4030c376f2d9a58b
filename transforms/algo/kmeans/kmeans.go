// Package kmeans cuts rows into cells around centres: Lloyd's iteration, weighted, seeded, the same bytes on any number of cores.
//
//	kmeans.go   Params, Result, Fit
//	start.go    the first centres: k-means++, or rows drawn at random when there are many
//	assign.go   Nearest: the centre of each row
//	distance.go distances of rows to a centre
//	update.go   means of cells, cells without rows
//
// Order: sums run over the rows of a cell ascending, in float64; ties go to the lower centre; draws depend on Seed alone.
// Source: Lloyd, Least squares quantization in PCM (1982); Arthur & Vassilvitskii, k-means++ (2007); spherical: Dhillon & Modha (2001).
package kmeans

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"segue/transforms/algo/vec"
)

// defaultIterations is enough for cells of a search and for personas: later ones move the inertia by less than a percent.
const defaultIterations = 10

// Params decides how rows are cut.
type Params struct {
	K          int    // cells asked for; fewer rows of positive weight, fewer cells
	Iterations int    // updates of the centres at most; it ends early when no row moves; 0 = 10
	Sample     int    // rows the centres are trained on, drawn by Seed; 0 = all
	Spherical  bool   // centres have length 1 and rows go to the largest inner product instead of the smallest distance; long rows count more
	Drawn      bool   // start at rows drawn at random instead of k-means++: faster, and as good where cells are small; always so above 256 cells
	Starts     int    // the cut of least inertia of so many, drawn by Seed and the numbers after it, the first of equals; 0 = 1
	Seed       uint64 // of every draw
}

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	var errs []error
	if p.K < 1 {
		errs = append(errs, fmt.Errorf("k is %d, must be at least 1", p.K))
	}
	if p.Iterations < 0 {
		errs = append(errs, fmt.Errorf("iterations is %d, must be at least 0", p.Iterations))
	}
	if p.Starts < 0 {
		errs = append(errs, fmt.Errorf("starts is %d, must be at least 0", p.Starts))
	}
	if p.Sample < 0 {
		errs = append(errs, fmt.Errorf("sample is %d, must be at least 0", p.Sample))
	}
	return errors.Join(errs...)
}

// Result is a cut of rows into cells.
type Result struct {
	Centres    []float32 // [K×dim]; K = min(Params.K, rows trained on)
	Assign     []int32   // [n] centre of each row; -1 when there is no centre
	Inertia    float64   // Σ weight·|row - centre|² over all rows; spherical: Σ weight·2·(|row| - row·centre), the same for rows of length 1
	Iterations int       // updates done
}

// Fit cuts rows [n×dim] into cells; weights [n] says how much each row counts, nil = 1 each. Rows of weight 0 have a cell but
// no part in its centre. A cell may end without rows only if there are fewer distinct rows than cells.
// Errors: parameters or lengths that do not fit; a row, or a weight, that is not finite, or a weight below 0.
// Cost: 2·n·K·dim flops an iteration, over the sample; and once over all rows. Memory: another copy of rows up to packedBytes.
func Fit(rows []float32, dim int, weights []float32, p Params) (Result, error) {
	if err := check(rows, dim, weights, p); err != nil {
		return Result{}, fmt.Errorf("cut into cells: %w", err)
	}
	packed := packAll(rows, dim, p.Spherical)
	best := cutOnce(rows, packed, dim, weights, p)
	for s := uint64(1); s < uint64(p.Starts); s++ {
		again := p
		again.Seed += s
		if out := cutOnce(rows, packed, dim, weights, again); out.Inertia < best.Inertia {
			best = out
		}
	}
	return best, nil
}

// cutOnce cuts the rows, packed or not, from one start.
func cutOnce(rows, packed []float32, dim int, weights []float32, p Params) Result {
	f := newFitter(rows, dim, weights, p)
	out := Result{Assign: make([]int32, len(rows)/dim)}
	if f.k == 0 {
		for i := range out.Assign {
			out.Assign[i] = -1
		}
		return out
	}
	f.start()
	trained := packed
	if f.n < len(out.Assign) {
		trained = nil // others
	}
	assign, before, settled := make([]int32, f.n), make([]int32, f.n), false
	for range p.iterations() {
		copy(before, assign)
		newScorer(dim, f.centres, p.Spherical).assignAll(f.rows, trained, assign)
		if settled = out.Iterations > 0 && slices.Equal(before, assign); settled {
			break
		}
		f.update(assign, f.moved(before, assign, out.Iterations == 0))
		out.Iterations++
	}
	out.Centres = f.centres
	if settled && len(assign) == len(out.Assign) {
		out.Assign = assign
	} else {
		newScorer(dim, f.centres, p.Spherical).assignAll(rows, packed, out.Assign)
	}
	dist := space{rows, dim, p.Spherical}.distances(f.centres, out.Assign)
	out.Inertia = inertia(dist, weights)
	return out
}

func (p Params) iterations() int {
	if p.Iterations == 0 {
		return defaultIterations
	}
	return p.Iterations
}

func check(rows []float32, dim int, weights []float32, p Params) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if dim < 1 || len(rows)%dim != 0 {
		return fmt.Errorf("%d numbers are not rows of %d", len(rows), dim)
	}
	if weights != nil && len(weights) != len(rows)/dim {
		return fmt.Errorf("%d weights of %d rows", len(weights), len(rows)/dim)
	}
	for i, v := range rows {
		if v-v != 0 {
			return fmt.Errorf("row %d holds %v", i/dim, v)
		}
	}
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(float64(w), 1) {
			return fmt.Errorf("weight %d is %v", i, w)
		}
	}
	return nil
}

// inertia sums weighted squared distances over the fixed blocks of rows.
func inertia(dist, weights []float32) float64 {
	parts := make([][]float64, vec.Blocks(len(dist)))
	for b := range parts {
		lo, hi := vec.Block(b, len(dist))
		var sum float64
		for i, d := range dist[lo:hi] {
			w := 1.0
			if weights != nil {
				w = float64(weights[lo+i])
			}
			sum += float64(w * float64(d))
		}
		parts[b] = []float64{sum}
	}
	if sum := vec.SumPairwise(parts); sum != nil {
		return sum[0]
	}
	return 0
}
