package embed

import (
	"context"

	"segue/transforms/algo/svd"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[vectorsFn, work.Collect[lake.FileRef], vectorsItem, lake.FileRef, []lake.FileRef]()
}

// vectorsItem is all vectors of the night.
type vectorsItem struct {
	Songs int64
	Raw   rawVectors
}

// vectorsFn puts the vectors into the order of the song index, with signs and length set.
type vectorsFn struct{ Matrix matrixFiles }

// writeRows is how many vectors are written at once.
const writeRows = 4096

// Do writes the vectors of all songs as one array.
func (f vectorsFn) Do(ctx context.Context, env *work.Env, item vectorsItem) ([]work.Keyed[lake.FileRef], error) {
	var a npy.Arrays
	defer a.Close()
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	raw := loadTall(ctx, &a, env.Scratch, tallFiles{Width: item.Raw.Dim, Shift: item.Raw.Shift, Parts: item.Raw.Parts})
	if a.Err() != nil {
		return nil, a.Err()
	}
	column := columnOf(columns, int(item.Songs))
	w, err := npy.NewWriter[float32](ctx, env.Lake, env.File("vectors", "vectors", ".npy"), int(item.Songs), item.Raw.Dim)
	if err != nil {
		return nil, err
	}
	block := make([]float32, 0, writeRows*item.Raw.Dim)
	for lo := 0; lo < len(column); lo += writeRows {
		part := column[lo:min(lo+writeRows, len(column))]
		block = block[:len(part)*item.Raw.Dim]
		clear(block)
		for i, c := range part {
			if c >= 0 && len(item.Raw.Parts) > 0 {
				copy(block[i*item.Raw.Dim:(i+1)*item.Raw.Dim], raw.Row(int(c)))
			}
		}
		if len(item.Raw.Parts) > 0 {
			svd.Finish(block, item.Raw.Extremes)
		}
		if err := w.Write(block); err != nil {
			w.Abort()
			return nil, err
		}
	}
	ref, err := w.Close()
	return []work.Keyed[lake.FileRef]{{Value: ref}}, err
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
