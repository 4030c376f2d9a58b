package recipe

import (
	"context"
	"fmt"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/knn"
	"segue/transforms/algo/sgns"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// embed sets the vectors of all songs: by a decomposition, or by skip-grams if Params.SGNS says so.
func (m *Model) embed(lists *csr.Playlists, p Params) {
	keys := make([]uint64, len(lists.Columns))
	for c, s := range lists.Columns {
		keys[c] = svd.Key(p.Seed, uint64(s))
	}
	if p.SGNS != nil {
		m.skipGrams(lists, keys, p)
		return
	}
	e, err := svd.Fit(lists, keys, p.Embed)
	if err != nil {
		panic(fmt.Sprintf("recipe.Train: %v", err)) // a finite symmetric matrix always decomposes
	}
	m.Fitted, m.Vectors = e.Fitted, m.bySong(lists.Columns, e.Vectors)
}

// skipGrams sets first and second vectors.
func (m *Model) skipGrams(lists *csr.Playlists, keys []uint64, p Params) {
	counts := lists.Counts()
	m.Fitted = csr.AtLeast(counts, p.Embed.MinCount)
	q := *p.SGNS
	q.Dim = p.Embed.Dim
	trained, err := sgns.Train(context.Background(), sgns.Input{Playlists: lists.Rows, Counts: counts[:m.Fitted], Keys: keys[:m.Fitted], Seed: p.Seed}, q)
	if err != nil {
		panic(fmt.Sprintf("recipe.Train: %v", err)) // the parameters are valid and nothing cancels
	}
	m.Vectors = m.bySong(lists.Columns, append(trained.In, trained.Fold(lists.Rows, lists.Cols, m.Fitted, len(counts))...))
	m.Out = m.bySong(lists.Columns, trained.Out)
}

// bySong puts rows by column into the order of songs, of length 1; songs without a row are zero.
func (m *Model) bySong(columns []int32, rows []float32) []float32 {
	d := m.Dim
	out := make([]float32, m.Songs*d)
	for c := range len(rows) / d {
		row := out[int(columns[c])*d : (int(columns[c])+1)*d]
		copy(row, rows[c*d:])
		vec.Unit(row)
	}
	return out
}

// near returns the lists by vectors.
func (m *Model) near(p Params) [][]topk.Entry {
	problem := knn.Problem{Dim: m.Dim, Base: m.Vectors, Weight: knn.Popularity(m.N, p.Popularity)}
	for song, n := range m.N {
		if int(n) < p.Embed.MinCount {
			problem.Weight[song] = 0
		}
	}
	if m.Out != nil {
		problem = knn.Problem{Dim: m.Dim + 1, Same: true}
		problem.Queries, problem.Base = sgns.Roles(m.Vectors, m.Out, m.N, p.Popularity)
	}
	lists, err := knn.Search(context.Background(), problem, knn.Params{K: p.Blend.Deep}, p.Seed)
	if err != nil {
		panic(fmt.Sprintf("recipe.Train: %v", err)) // vectors are finite
	}
	if m.Out != nil {
		for _, list := range lists {
			for i := range list {
				list[i].Score = sgns.Score(list[i].Score)
			}
		}
	}
	return lists
}
