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
	lists      []adder // methods that add stored scores: published, and last night's where there is one
}

// adder adds the stored scores of one seed.
type adder func(seed int32, scores []float64)

func newBench(m itemknn.Matrix, o benchOptions, lists ...adder) *bench {
	return &bench{ids: o.ids, popularity: m.Popularity(o.vocab), knn: itemknn.NewScorer(m, o.vocab, o.stored, o.ids), lists: lists}
}

// benchOptions says how large the vocabulary is, how many neighbours the stored baseline has, and how ties are broken.
type benchOptions struct {
	vocab, stored int
	ids           []int32
}

// rankings calls use for some numbers of seeds given, ascending, with the rankings by published, item_knn, item_knn@stored,
// popularity and, where there is one, last night, in that order. A case with fewer seeds is used once more for each number.
func (b *bench) rankings(c Case, given []int, use func(i int, ranked [][]int32)) {
	n := len(b.popularity)
	all, stored := make([]float64, n), make([]float64, n)
	sums := make([][]float64, len(b.lists))
	for l := range sums {
		sums[l] = make([]float64, n)
	}
	popular := b.rank(b.popularity, c)
	next := 0
	for i, k := range given {
		for ; next < min(k, len(c.Seeds)); next++ {
			b.knn.Add(c.Seeds[next], all, stored)
			for l, add := range b.lists {
				add(c.Seeds[next], sums[l])
			}
		}
		ranked := [][]int32{b.rank(sums[0], c), b.rank(all, c), b.rank(stored, c), popular}
		for _, s := range sums[1:] {
			ranked = append(ranked, b.rank(s, c))
		}
		use(i, ranked)
	}
}

func (b *bench) rank(scores []float64, c Case) []int32 {
	return ranking.Top(scores, b.ids, c.Seeds, max(depth, len(c.Hidden)))
}
