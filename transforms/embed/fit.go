package embed

import (
	"context"
	"errors"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[fitFn, work.Collect[fitted], fitItem, fitted, []fitted]()
}

// fitItem is a whole fit.
type fitItem struct {
	Songs []lake.FileRef // table songs
	Warm  *lake.FileRef  // [Fit×d] vectors of last night; nil = cold start
	Bytes int64
}

// MemoryBytes returns about what the fit holds beside mapped files.
func (i fitItem) MemoryBytes() int64 { return i.Bytes }

// fitted is what a fit leaves: raw vectors in parts, and how it went.
type fitted struct {
	Fit, Width int
	Parts      []lake.FileRef
	Progress   svd.Progress
}

// fitFn runs a whole fit in the memory of one process, on all its cores.
type fitFn struct {
	Matrix matrixFiles
	Params svd.Params
}

// Do fits and writes raw vectors.
func (f fitFn) Do(ctx context.Context, env *work.Env, item fitItem) ([]work.Keyed[fitted], error) {
	var a npy.Arrays
	defer a.Close()
	byRow := loadMatrix(ctx, &a, env.Lake, f.Matrix.RowStart, f.Matrix.RowItems)
	byCol := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	var start svd.Start
	if item.Warm != nil {
		start.Warm = npy.Load[float32](ctx, &a, env.Scratch, *item.Warm)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	s := svd.NewScales(byRow, csr.Counts(byCol), f.Params)
	out := fitted{Fit: s.Fit, Width: s.Width}
	if s.Width == 0 {
		return []work.Keyed[fitted]{{Value: out}}, nil
	}
	keys, err := columnKeys(ctx, env, item.Songs, columns[:s.Fit])
	if err != nil {
		return nil, err
	}
	start.Keys = unsigned(keys)
	fit := svd.NewFitting(byRow, byCol, s, f.Params)
	if err := fit.Run(start); err != nil {
		return nil, err
	}
	out.Progress = fit.Progress
	out.Parts, err = f.write(ctx, env, fit)
	return []work.Keyed[fitted]{{Value: out}}, err
}

// write stores the raw vectors of all columns part by part: one is written while another is computed.
func (f fitFn) write(ctx context.Context, env *work.Env, fit *svd.Fitting) ([]lake.FileRef, error) {
	items := partItems(int(f.Matrix.Columns.Rows), f.Matrix.colShift())
	refs, errs := make([]lake.FileRef, len(items)), make([]error, len(items))
	vec.Each(len(items), func(i int) { refs[i], errs[i] = f.writePart(ctx, env, fit, items[i]) })
	return refs, errors.Join(errs...)
}

func (f fitFn) writePart(ctx context.Context, env *work.Env, fit *svd.Fitting, item partItem) (lake.FileRef, error) {
	d := f.Params.Dim
	part := make([]float32, (item.Hi-item.Lo)*d)
	vec.Each(vec.Blocks(item.Hi-item.Lo), func(b int) {
		lo, hi := vec.Block(b, item.Hi-item.Lo)
		fit.Raw(part[lo*d:hi*d], item.Lo+lo)
	})
	return npy.Write(ctx, env.Scratch, env.File("fit", item.Name, ".npy"), part, item.Hi-item.Lo, d)
}

func unsigned(keys []int64) []uint64 {
	out := make([]uint64, len(keys))
	for i, k := range keys {
		out[i] = uint64(k)
	}
	return out
}
