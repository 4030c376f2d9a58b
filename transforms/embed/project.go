package embed

import (
	"context"

	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[projectFn, work.Collect[lake.FileRef], partItem, lake.FileRef, []lake.FileRef]()
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
func (f projectFn) Do(ctx context.Context, env *work.Env, item partItem) ([]work.Keyed[lake.FileRef], error) {
	var a npy.Arrays
	defer a.Close()
	d := f.Dim
	out := make([]float32, (item.Hi-item.Lo)*d)
	middle := min(max(item.Lo, f.Scales.Fit), item.Hi)
	if item.Lo < middle {
		b := npy.Load[float32](ctx, &a, env.Scratch, f.B.Parts[item.Number])
		by := npy.Load[float64](ctx, &a, env.Scratch, f.Fit)
		if a.Err() == nil {
			svd.Multiply(out, b, svd.Single(by), f.B.Width)
		}
	}
	if middle < item.Hi {
		f.fold(ctx, env, &a, out[(middle-item.Lo)*d:], middle)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	ref, err := npy.Write(ctx, env.Scratch, env.File("project", item.Name, ".npy"), out, item.Hi-item.Lo, d)
	return []work.Keyed[lake.FileRef]{{Value: ref}}, err
}

// fold projects the columns from lo on.
func (f projectFn) fold(ctx context.Context, env *work.Env, a *npy.Arrays, out []float32, lo int) {
	w := svd.Weighted{Matrix: loadMatrix(ctx, a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems), Limit: int32(f.Matrix.RowStart.Rows - 1)}
	w.Outer, w.Inner = npy.Load[float32](ctx, a, env.Scratch, f.Scales.Col), npy.Load[float32](ctx, a, env.Scratch, f.Scales.Fold)
	y := loadTall(ctx, a, env.Scratch, f.Y)
	by := npy.Load[float64](ctx, a, env.Scratch, f.Fold)
	if a.Err() == nil {
		w.GatherMul(out, lo, y, svd.Single(by))
	}
}
