package embed

import (
	"context"

	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[projectFn, extremesFn, partItem, projected, projectedAll]()
}

// projected is one part of the raw vectors.
type projected struct {
	Part     lake.FileRef
	Extremes svd.Extremes // of its fitted songs
}

// projectedAll is all parts, in order.
type projectedAll struct {
	Parts    []lake.FileRef
	Extremes svd.Extremes
}

// rawVectors refers to vectors by column before signs and lengths are set; no parts = no vectors.
type rawVectors struct {
	Dim, Fit int
	Shift    uint
	Parts    []lake.FileRef
	Extremes svd.Extremes
}

// projectFn computes raw vectors of one part of the columns: V·S^p of fitted songs, X'·U·S^(p-1) of others.
type projectFn struct {
	Matrix    matrixFiles
	Scales    scales
	B, Y      tallFiles
	Fit, Fold lake.FileRef // float64 [l×d]
	Dim       int
}

// Do writes the part.
func (f projectFn) Do(ctx context.Context, env *work.Env, item partItem) ([]work.Keyed[projected], error) {
	var a npy.Arrays
	defer a.Close()
	d := f.Dim
	out := make([]float32, (item.Hi-item.Lo)*d)
	middle := min(max(item.Lo, f.Scales.Fit), item.Hi)
	extremes := make(svd.Extremes, d)
	if item.Lo < middle {
		b := npy.Load[float32](ctx, &a, env.Scratch, f.B.Parts[item.Number])
		by := npy.Load[float64](ctx, &a, env.Scratch, f.Fit)
		if a.Err() == nil {
			block := out[:(middle-item.Lo)*d]
			svd.Multiply(block, b, by, f.B.Width)
			extremes = svd.NewExtremes(block, d)
		}
	}
	if middle < item.Hi {
		f.fold(ctx, env, &a, out[(middle-item.Lo)*d:], middle)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	ref, err := npy.Write(ctx, env.Scratch, env.File("project", item.Name, ".npy"), out, item.Hi-item.Lo, d)
	return []work.Keyed[projected]{{Value: projected{ref, extremes}}}, err
}

// fold projects the columns from lo on.
func (f projectFn) fold(ctx context.Context, env *work.Env, a *npy.Arrays, out []float32, lo int) {
	m := loadMatrix(ctx, a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	y := loadTall(ctx, a, env.Scratch, f.Y)
	col, fold := npy.Load[float32](ctx, a, env.Scratch, f.Scales.Col), npy.Load[float32](ctx, a, env.Scratch, f.Scales.Fold)
	by := npy.Load[float64](ctx, a, env.Scratch, f.Fold)
	if a.Err() != nil {
		return
	}
	block := make([]float32, len(out)/f.Dim*f.Y.Width)
	svd.Weighted{Matrix: m, Limit: int32(len(fold)), Outer: col, Inner: fold}.Gather(block, lo, y)
	svd.Multiply(out, block, by, f.Y.Width)
}

// extremesFn collects the parts and the largest entry of every column.
type extremesFn struct{}

// Merge returns all parts.
func (extremesFn) Merge(_ context.Context, _ *work.Env, _ string, values []projected) (all projectedAll, _ error) {
	for i, v := range values {
		all.Parts = append(all.Parts, v.Part)
		if i == 0 {
			all.Extremes = v.Extremes
			continue
		}
		all.Extremes.Add(v.Extremes)
	}
	return all, nil
}
