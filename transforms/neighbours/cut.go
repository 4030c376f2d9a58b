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
type cutItem struct{ Songs int }

// cutFiles refers to a cooc.Model, and to the column of each song, -1 for songs without one.
type cutFiles struct{ Start, Items, Weight, Left, Right, Column lake.FileRef }

func (c cutFiles) load(ctx context.Context, a *npy.Arrays, s lake.Store) cooc.Model {
	return cooc.Model{
		Rows:   loadMatrix(ctx, a, s, c.Start, c.Items),
		Weight: npy.Load[float32](ctx, a, s, c.Weight),
		Left:   npy.Load[float32](ctx, a, s, c.Left),
		Right:  npy.Load[float32](ctx, a, s, c.Right),
	}
}

// cutFn cuts playlists to the vocabulary and the cap.
type cutFn struct {
	Matrix matrixFiles
	Params cooc.Params
}

// Do writes the model.
func (f cutFn) Do(ctx context.Context, env *work.Env, item cutItem) ([]work.Keyed[cutFiles], error) {
	var a npy.Arrays
	defer a.Close()
	rows := loadMatrix(ctx, &a, env.Lake, f.Matrix.RowStart, f.Matrix.RowItems)
	colStart := npy.Load[int64](ctx, &a, env.Lake, f.Matrix.ColStart)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	if a.Err() != nil {
		return nil, a.Err()
	}
	m := cooc.NewModel(rows, csr.Counts(csr.Matrix{Start: colStart}), f.Params, env.Seed)
	w := cutWriter{ctx: ctx, env: env}
	out := cutFiles{
		Start: putCut(&w, "start", m.Rows.Start), Items: putCut(&w, "items", m.Rows.Items), Weight: putCut(&w, "weight", m.Weight),
		Left: putCut(&w, "left", m.Left), Right: putCut(&w, "right", m.Right), Column: putCut(&w, "column", csr.ColumnOf(columns, item.Songs)),
	}
	return []work.Keyed[cutFiles]{{Value: out}}, w.err
}

// cutWriter writes arrays until one fails.
type cutWriter struct {
	ctx context.Context
	env *work.Env
	err error
}

func putCut[T npy.Element](w *cutWriter, name string, data []T) (ref lake.FileRef) {
	if w.err == nil {
		ref, w.err = npy.Write(w.ctx, w.env.Scratch, w.env.File("cut", name, ".npy"), data)
	}
	return ref
}
