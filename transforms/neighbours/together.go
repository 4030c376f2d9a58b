package neighbours

import (
	"context"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/cooc"
	"segue/transforms/algo/topk"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

// togetherFn finds the songs that share playlists with those of a block.
type togetherFn struct {
	Matrix matrixFiles
	Cut    cutFiles
	Params cooc.Params
}

// block writes the lists of a block.
func (f togetherFn) block(ctx context.Context, env *work.Env, item blockItem) (found, error) {
	var a npy.Arrays
	defer a.Close()
	cols := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	column := npy.Load[int32](ctx, &a, env.Scratch, f.Cut.Column)
	model := f.Cut.load(ctx, &a, env.Scratch)
	if a.Err() != nil {
		return found{}, a.Err()
	}
	rows := cooc.NewRows(model, cols, columns, f.Params)
	out, maxima := newLists(), blend.Maxima{}
	for _, c := range column[item.Lo:item.Hi] {
		var list []topk.Entry
		if c >= 0 {
			list = rows.List(int(c))
		}
		out.add(list)
		maxima.Add(list, nil)
	}
	rows.Close()
	files, err := out.write(ctx, env, "together", item.Name)
	return found{files, maxima}, err
}
