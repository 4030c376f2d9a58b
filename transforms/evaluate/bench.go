package evaluate

import (
	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/ranking"
)

// bench ranks a vocabulary for cases by every method. Not safe for concurrent use.
type bench struct {
	ids        []int32 // song index by column, for ties; nil = columns are ordered by id
	popularity []float64
	knn        *itemknn.Scorer
	published  func(seed int32, scores []float64) // adds the stored scores of one seed
}

func newBench(m itemknn.Matrix, vocab, stored int, ids []int32, published func(int32, []float64)) *bench {
	return &bench{ids: ids, popularity: m.Popularity(vocab), knn: itemknn.NewScorer(m, vocab, stored, ids), published: published}
}

// rankings returns the ranking of a case by each of methods, in their order.
func (b *bench) rankings(c Case) [][]int32 {
	n := len(b.popularity)
	published, all, stored := make([]float64, n), make([]float64, n), make([]float64, n)
	for _, seed := range c.Seeds {
		b.published(seed, published)
		b.knn.Add(seed, all, stored)
	}
	return [][]int32{b.rank(published, c), b.rank(all, c), b.rank(stored, c), b.rank(b.popularity, c)}
}

func (b *bench) rank(scores []float64, c Case) []int32 {
	return ranking.Top(scores, b.ids, c.Seeds, max(depth, len(c.Hidden)))
}
