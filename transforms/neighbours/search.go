package neighbours

import (
	"context"
	"fmt"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/cooc"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/knn"
	"segue/transforms/algo/topk"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[searchFn, work.Collect[found], searchItem, found, []found]()
}

// searchItem is one block of songs, [Lo, Hi).
type searchItem struct {
	Name   string
	Lo, Hi int
}

func searchItems(songs int) []searchItem {
	items := make([]searchItem, blend.Blocks(songs))
	for b := range items {
		lo, hi := blend.Block(b, songs)
		items[b] = searchItem{fmt.Sprintf("songs-%05d", b), lo, hi}
	}
	return items
}

// found refers to the lists of one block: list 2i is co-occurrence, 2i+1 vectors, of song Lo+i.
type found struct {
	Lists  listFiles
	Maxima blend.Maxima
}

// searchFn finds both lists of a block of songs.
type searchFn struct {
	Matrix matrixFiles
	Cut    cutFiles
	Params Params
}

// Do writes the lists of the block.
func (f searchFn) Do(ctx context.Context, env *work.Env, item searchItem) ([]work.Keyed[found], error) {
	var a npy.Arrays
	defer a.Close()
	cols := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	model := cooc.Model{Rows: loadMatrix(ctx, &a, env.Scratch, f.Cut.Start, f.Cut.Items), Weight: npy.Load[float32](ctx, &a, env.Scratch, f.Cut.Weight)}
	vectors := npy.LoadTable[float32](ctx, &a, env.Lake, f.Matrix.Vectors)
	if a.Err() != nil {
		return nil, a.Err()
	}
	dim := vectors.Shape[1]
	column, n := bySong(columns, cols, vectors.Shape[0])
	shared := cooc.NewRows(model, cols, columns, f.Params.cooc())
	out, maxima := newLists(), blend.Maxima{}
	knn.NewIndex(vectors.Data, dim, n, f.Params.PopularityExponent).Scan(item.Lo, item.Hi, f.Params.Deep, func(i int, emb []topk.Entry) {
		var together []topk.Entry
		if c := column[i]; c >= 0 {
			together = shared.List(int(c))
		}
		out.addAll(together)
		out.addAll(emb)
		maxima.Add(together, emb)
	})
	files, err := out.write(ctx, env, "search", item.Name)
	return []work.Keyed[found]{{Value: found{files, maxima}}}, err
}

// bySong returns the column of each song, -1 for songs without one, and its playlists.
func bySong(columns []int32, cols csr.Matrix, songs int) (column, n []int32) {
	column, n = make([]int32, songs), make([]int32, songs)
	for i := range column {
		column[i] = -1
	}
	for c, s := range columns {
		column[s] = int32(c)
		n[s] = int32(cols.Start[c+1] - cols.Start[c])
	}
	return column, n
}
