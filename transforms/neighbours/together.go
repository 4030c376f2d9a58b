package neighbours

import (
	"context"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/cooc"
	"segue/transforms/algo/topk"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[togetherFn, work.Collect[found], blockItem, found, []found]()
}

// togetherFn finds the songs that share playlists with those of a block.
type togetherFn struct {
	Matrix matrixFiles
	Cut    cutFiles
	Params cooc.Params
}

// Do writes the lists of the block.
func (f togetherFn) Do(ctx context.Context, env *work.Env, item blockItem) ([]work.Keyed[found], error) {
	var a npy.Arrays
	defer a.Close()
	cols := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	column := npy.Load[int32](ctx, &a, env.Scratch, f.Cut.Column)
	model := f.Cut.load(ctx, &a, env.Scratch)
	if a.Err() != nil {
		return nil, a.Err()
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
	return []work.Keyed[found]{{Value: found{files, maxima}}}, err
}
