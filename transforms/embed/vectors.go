package embed

import (
	"context"

	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[vectorsFn, work.Collect[vectorFiles], vectorsItem, vectorFiles, []vectorFiles]()
}

// vectorsItem is all vectors of the night.
type vectorsItem struct {
	Songs int64
	Raw   rawVectors
}

// vectorFiles refers to vectors by song index; Out has no key for methods without second vectors.
type vectorFiles struct{ Vectors, Out lake.FileRef }

// vectorsFn puts the vectors into the order of the song index, with signs and length set.
type vectorsFn struct{ Matrix matrixFiles }

// writeRows is how many vectors are written at once.
const writeRows = 4096

// Do writes the vectors of all songs as one array, second vectors as another.
func (f vectorsFn) Do(ctx context.Context, env *work.Env, item vectorsItem) ([]work.Keyed[vectorFiles], error) {
	var a npy.Arrays
	defer a.Close()
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	raw := loadTall(ctx, &a, env.Scratch, tallFiles{Width: item.Raw.Dim, Shift: item.Raw.Shift, Parts: item.Raw.Parts})
	out := loadTall(ctx, &a, env.Scratch, tallFiles{Width: item.Raw.Dim, Shift: item.Raw.Shift, Parts: item.Raw.Out})
	if a.Err() != nil {
		return nil, a.Err()
	}
	o := ordered{columnOf(columns, int(item.Songs)), signs(raw, item.Raw)}
	var files vectorFiles
	var err error
	if files.Vectors, err = o.write(ctx, env, "vectors", raw, len(item.Raw.Parts) > 0); err != nil {
		return nil, err
	}
	if len(item.Raw.Out) > 0 {
		files.Out, err = o.write(ctx, env, "out-vectors", out, true)
	}
	return []work.Keyed[vectorFiles]{{Value: files}}, err
}

// signs returns the largest entry of every column of the fitted rows.
func signs(raw vec.Tall, r rawVectors) svd.Extremes {
	e := make(svd.Extremes, r.Dim)
	if len(r.Parts) > 0 {
		for i := range r.Fit {
			e.Add(raw.Row(i))
		}
	}
	return e
}

// ordered writes rows by column as rows by song index.
type ordered struct {
	column []int32 // of each song
	signs  svd.Extremes
}

func (o ordered) write(ctx context.Context, env *work.Env, name string, raw vec.Tall, any bool) (lake.FileRef, error) {
	d := raw.Width
	w, err := npy.NewWriter[float32](ctx, env.Lake, env.File("vectors", name, ".npy"), len(o.column), d)
	if err != nil {
		return lake.FileRef{}, err
	}
	block := make([]float32, 0, writeRows*d)
	for lo := 0; lo < len(o.column); lo += writeRows {
		part := o.column[lo:min(lo+writeRows, len(o.column))]
		block = block[:len(part)*d]
		clear(block)
		for i, c := range part {
			if c >= 0 && any {
				copy(block[i*d:(i+1)*d], raw.Row(int(c)))
			}
		}
		svd.Finish(block, o.signs)
		if err := w.Write(block); err != nil {
			w.Abort()
			return lake.FileRef{}, err
		}
	}
	return w.Close()
}

// columnOf returns the column of each song, -1 for songs without one.
func columnOf(columns []int32, songs int) []int32 {
	out := make([]int32, songs)
	for i := range out {
		out[i] = -1
	}
	for c, s := range columns {
		out[s] = int32(c)
	}
	return out
}
