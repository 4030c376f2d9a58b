package embed

import (
	"context"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/sgns"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[sgnsFn, work.Collect[trained], sgnsItem, trained, []trained]()
}

// sgnsItem is a whole training.
type sgnsItem struct {
	Songs []lake.FileRef // table songs
	Bytes int64
}

// MemoryBytes returns about what the training holds beside mapped files.
func (i sgnsItem) MemoryBytes() int64 { return i.Bytes }

// trained is what the training leaves: both vectors of the columns in parts. Columns behind the first Fit were folded in; as songs to be found they have no vector.
type trained struct {
	Fit        int
	Parts, Out []lake.FileRef
}

// sgnsFn trains in the memory of one process, on all its cores.
type sgnsFn struct {
	Matrix   matrixFiles
	Dim      int // of the vectors, which Params does not encode
	Params   sgns.Params
	MinCount int
	Racing   bool
}

// trainSGNS trains by algo/sgns; songs of fewer than min_count playlists are folded in.
func trainSGNS(_ context.Context, t training) (rawVectors, error) {
	item := sgnsItem{t.songs, 4 * 4 * sgns.MaxDim * t.m.Columns.Rows}
	d := sgnsFn{t.m, t.p.Dim, t.p.SGNS, t.p.MinCount, t.p.Method == MethodRacing}
	made, err := work.Run(t.sc, "sgns", []sgnsItem{item}, d, work.Collect[trained]{})
	if err != nil {
		return rawVectors{}, err
	}
	f := made[0][0]
	return rawVectors{Dim: t.p.Dim, Fit: f.Fit, Shift: t.m.colShift(), Parts: f.Parts, Out: f.Out}, nil
}

// Do trains and writes both vectors.
func (f sgnsFn) Do(ctx context.Context, env *work.Env, item sgnsItem) ([]work.Keyed[trained], error) {
	var a npy.Arrays
	defer a.Close()
	byRow := loadMatrix(ctx, &a, env.Lake, f.Matrix.RowStart, f.Matrix.RowItems)
	byCol := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	if a.Err() != nil {
		return nil, a.Err()
	}
	counts := csr.Counts(byCol)
	out := trained{Fit: csr.AtLeast(counts, f.MinCount)}
	if out.Fit == 0 {
		return []work.Keyed[trained]{{Value: out}}, nil
	}
	keys, err := columnKeys(ctx, env, item.Songs, columns[:out.Fit])
	if err != nil {
		return nil, err
	}
	in := sgns.Input{Playlists: byRow, Counts: counts[:out.Fit], Keys: unsigned(keys), Seed: env.Seed, Racing: f.Racing}
	p := f.Params
	p.Dim = f.Dim
	m, err := sgns.Train(ctx, in, p)
	if err != nil {
		return nil, err
	}
	fold := func(lo, hi int) []float32 { return m.Fold(byRow, byCol, lo, hi) }
	if out.Parts, err = f.write(ctx, env, "in", m.In, fold); err != nil {
		return nil, err
	}
	out.Out, err = f.write(ctx, env, "out", m.Out, nil)
	return []work.Keyed[trained]{{Value: out}}, err
}

// write stores the rows of all columns part by part; those behind the given ones are folded, or zero.
func (f sgnsFn) write(ctx context.Context, env *work.Env, name string, given []float32, fold func(lo, hi int) []float32) (refs []lake.FileRef, err error) {
	d := f.Dim
	for _, item := range partItems(int(f.Matrix.Columns.Rows), f.Matrix.colShift()) {
		part := make([]float32, (item.Hi-item.Lo)*d)
		if at := item.Lo * d; at < len(given) {
			copy(part, given[at:])
		}
		if lo := max(item.Lo, len(given)/d); lo < item.Hi && fold != nil {
			copy(part[(lo-item.Lo)*d:], fold(lo, item.Hi))
		}
		ref, err := npy.Write(ctx, env.Scratch, env.File("sgns", name+"-"+item.Name, ".npy"), part, item.Hi-item.Lo, d)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	return refs, nil
}
