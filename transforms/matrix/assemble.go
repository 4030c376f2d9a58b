package matrix

import (
	"context"

	"segue/transforms/algo/csr"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[assembleFn, work.Collect[built], assembleItem, built, []built]()
}

// assembleItem is all lists of the night.
type assembleItem struct {
	Songs int64 // rows of table songs
	Parts []part
}

// MemoryBytes returns about what the matrix needs while it is built: twice the lists, and a few counts a song.
func (i assembleItem) MemoryBytes() int64 {
	n := 32 * i.Songs
	for _, p := range i.Parts {
		n += 2*p.Items.Size + 2*p.Start.Size
	}
	return n
}

// built refers to the files of the matrix.
type built struct {
	Columns, RowStart, RowItems, ColStart, ColItems lake.FileRef
}

// assembleFn builds the matrix from the lists of all files.
type assembleFn struct{}

// Do writes the five arrays of the matrix.
func (assembleFn) Do(ctx context.Context, env *work.Env, item assembleItem) ([]work.Keyed[built], error) {
	columns, rows, err := buildRows(ctx, env, item)
	if err != nil {
		return nil, err
	}
	w := writer{ctx: ctx, env: env}
	b := built{Columns: putArray(&w, "columns", columns), RowStart: putArray(&w, "row-start", rows.Start), RowItems: putArray(&w, "row-items", rows.Items)}
	if w.err != nil {
		return nil, w.err
	}
	cols := csr.Transpose(rows, len(columns))
	b.ColStart, b.ColItems = putArray(&w, "col-start", cols.Start), putArray(&w, "col-items", cols.Items)
	return []work.Keyed[built]{{Value: b}}, w.err
}

// buildRows returns the columns and rows of all lists, which are in memory for that long only.
func buildRows(ctx context.Context, env *work.Env, item assembleItem) ([]int32, csr.Matrix, error) {
	var a npy.Arrays
	defer a.Close()
	lists := make([]csr.Matrix, len(item.Parts))
	for i, p := range item.Parts {
		lists[i] = csr.Matrix{Start: npy.Load[int64](ctx, &a, env.Scratch, p.Start), Items: npy.Load[int32](ctx, &a, env.Scratch, p.Items)}
	}
	if a.Err() != nil {
		return nil, csr.Matrix{}, a.Err()
	}
	columns, rows := csr.BuildRows(lists, int(item.Songs))
	return columns, rows, nil
}

// writer writes arrays until one fails.
type writer struct {
	ctx context.Context
	env *work.Env
	err error
}

func putArray[T npy.Element](w *writer, name string, data []T) (ref lake.FileRef) {
	if w.err == nil {
		ref, w.err = npy.Write(w.ctx, w.env.Lake, w.env.File("matrix", name, ".npy"), data)
	}
	return ref
}
