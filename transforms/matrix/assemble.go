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

// MemoryBytes returns about what the matrix needs while it is built.
func (i assembleItem) MemoryBytes() int64 {
	n := 16 * i.Songs
	for _, p := range i.Parts {
		n += 3*p.Items.Size + 3*p.Start.Size
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
	lists := make([]csr.Matrix, len(item.Parts))
	for i, p := range item.Parts {
		start, err := npy.Open[int64](ctx, env.Scratch, p.Start)
		if err != nil {
			return nil, err
		}
		defer start.Close()
		items, err := npy.Open[int32](ctx, env.Scratch, p.Items)
		if err != nil {
			return nil, err
		}
		defer items.Close()
		lists[i] = csr.Matrix{Start: start.Data, Items: items.Data}
	}
	b, err := write(ctx, env, csr.Build(lists, int(item.Songs)))
	if err != nil {
		return nil, err
	}
	return []work.Keyed[built]{{Value: b}}, nil
}

func write(ctx context.Context, env *work.Env, m *csr.Playlists) (b built, err error) {
	key := func(name string) string { return env.File("matrix", name, ".npy") }
	if b.Columns, err = npy.Write(ctx, env.Lake, key("columns"), m.Columns); err != nil {
		return b, err
	}
	if b.RowStart, err = npy.Write(ctx, env.Lake, key("row-start"), m.Rows.Start); err != nil {
		return b, err
	}
	if b.RowItems, err = npy.Write(ctx, env.Lake, key("row-items"), m.Rows.Items); err != nil {
		return b, err
	}
	if b.ColStart, err = npy.Write(ctx, env.Lake, key("col-start"), m.Cols.Start); err != nil {
		return b, err
	}
	b.ColItems, err = npy.Write(ctx, env.Lake, key("col-items"), m.Cols.Items)
	return b, err
}
