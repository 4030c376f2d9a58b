package neighbours

import (
	"context"

	"segue/transforms/algo/cooc"
	"segue/transforms/algo/csr"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[cutFn, work.Collect[cutFiles], cutItem, cutFiles, []cutFiles]()
}

// cutItem is the whole matrix.
type cutItem struct{}

// cutFiles refers to a cooc.Model.
type cutFiles struct{ Start, Items, Weight lake.FileRef }

// cutFn cuts playlists to the vocabulary and the cap.
type cutFn struct {
	Matrix matrixFiles
	Params cooc.Params
}

// Do writes the model.
func (f cutFn) Do(ctx context.Context, env *work.Env, _ cutItem) ([]work.Keyed[cutFiles], error) {
	var a npy.Arrays
	defer a.Close()
	rows := loadMatrix(ctx, &a, env.Lake, f.Matrix.RowStart, f.Matrix.RowItems)
	colStart := npy.Load[int64](ctx, &a, env.Lake, f.Matrix.ColStart)
	if a.Err() != nil {
		return nil, a.Err()
	}
	m := cooc.NewModel(rows, csr.Counts(csr.Matrix{Start: colStart}), f.Params, env.Seed)
	var out cutFiles
	var err error
	if out.Start, err = npy.Write(ctx, env.Scratch, env.File("cut", "start", ".npy"), m.Rows.Start); err != nil {
		return nil, err
	}
	if out.Items, err = npy.Write(ctx, env.Scratch, env.File("cut", "items", ".npy"), m.Rows.Items); err != nil {
		return nil, err
	}
	out.Weight, err = npy.Write(ctx, env.Scratch, env.File("cut", "weight", ".npy"), m.Weight)
	return []work.Keyed[cutFiles]{{Value: out}}, err
}
