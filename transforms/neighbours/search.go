package neighbours

import (
	"context"
	"fmt"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/knn"
	"segue/transforms/algo/topk"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[searchFn, work.Collect[found], blockItem, found, []found]()
}

// blockItem is one block of songs, [Lo, Hi).
type blockItem struct {
	Name   string
	Lo, Hi int
}

func blockItems(songs int) []blockItem {
	items := make([]blockItem, blend.Blocks(songs))
	for b := range items {
		lo, hi := blend.Block(b, songs)
		items[b] = blockItem{fmt.Sprintf("songs-%05d", b), lo, hi}
	}
	return items
}

// found refers to the lists of one block by one of the two ways: list i is of song Lo+i. The maxima are those of its way.
type found struct {
	Lists  listFiles
	Maxima blend.Maxima
}

// searchFn finds the songs with vectors close to those of a block.
type searchFn struct {
	Matrix matrixFiles
	Params Params
}

// Do writes the lists of the block.
func (f searchFn) Do(ctx context.Context, env *work.Env, item blockItem) ([]work.Keyed[found], error) {
	var a npy.Arrays
	defer a.Close()
	cols := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	vectors := npy.LoadTable[float32](ctx, &a, env.Lake, f.Matrix.Vectors)
	if a.Err() != nil {
		return nil, a.Err()
	}
	dim := vectors.Shape[1]
	out, maxima := newLists(), blend.Maxima{}
	knn.NewIndex(vectors.Data, dim, bySong(columns, cols, vectors.Shape[0]), f.Params.PopularityExponent).Scan(item.Lo, item.Hi, f.Params.Deep, func(_ int, emb []topk.Entry) {
		out.addAll(emb)
		maxima.Add(nil, emb)
	})
	files, err := out.write(ctx, env, "search", item.Name)
	return []work.Keyed[found]{{Value: found{files, maxima}}}, err
}

// bySong returns the playlists of each song.
func bySong(columns []int32, cols csr.Matrix, songs int) []int32 {
	n := make([]int32, songs)
	for c, s := range columns {
		n[s] = int32(cols.Start[c+1] - cols.Start[c])
	}
	return n
}
