package evaluate

import (
	"cmp"
	"slices"

	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/ranking"
)

// bench ranks a catalogue for cases by every method. Not safe for concurrent use.
type bench struct {
	scope   itemknn.Scope
	order   *ranking.Order
	popular []int32 // the vocabulary by popularity falling, ties as everywhere
	knn     *itemknn.Scorer
	lists   []adder         // methods that add stored scores: published, and last night's where there is one
	sums    []*ranking.Sums // of methods, in their order; nil = popularity
}

// adder adds the stored scores of one seed.
type adder func(seed int32, to *ranking.Sums)

// newBench compares lists, the first of which are the published ones, with baselines over a matrix.
func newBench(shared *itemknn.Cache, lists ...adder) *bench {
	s := shared.Scope
	b := &bench{scope: s, order: ranking.NewOrder(s.Columns, s.IDs), knn: shared.Scorer(), lists: lists}
	all := ranking.NewSums(s.Columns)
	for c, n := range shared.Matrix.Popularity(s.Vocab) {
		all.Add(int32(c), n)
	}
	b.popular = b.order.Top(all, s.Vocab, nil, s.Vocab)
	b.sums = make([]*ranking.Sums, len(methods)-1+len(lists))
	for m := range b.sums {
		switch m {
		case popularity:
		case untruncated:
			b.sums[m] = b.knn.Ranked()
		default:
			b.sums[m] = ranking.NewSums(s.Columns)
		}
	}
	return b
}

// rankings calls use for some numbers of seeds given, ascending, with the rankings of the vocabulary by every method. A
// case with fewer seeds is used once more for each number.
func (b *bench) rankings(c Case, given []int, use func(i int, ranked [][]int32)) {
	for m, s := range b.sums {
		if s != nil && m != untruncated {
			s.Reset()
		}
	}
	b.knn.Begin()
	popular := b.mostPopular(c)
	next := 0
	for i, k := range given {
		k = min(k, len(c.Seeds))
		b.add(c.Seeds[next:k])
		next = k
		ranked := make([][]int32, len(b.sums))
		for m, s := range b.sums {
			if ranked[m] = popular; s != nil {
				ranked[m] = b.rank(s, c)
			}
		}
		use(i, ranked)
	}
}

// add adds the scores of seeds to the sums of every method.
func (b *bench) add(seeds []int32) {
	b.knn.Add(seeds)
	for _, seed := range seeds {
		b.sums[truncated].AddAll(b.knn.Stored(seed))
		b.lists[0](seed, b.sums[published])
		for l, add := range b.lists[1:] {
			add(seed, b.sums[len(methods)+l])
		}
	}
}

func (b *bench) rank(s *ranking.Sums, c Case) []int32 {
	return b.order.Top(s, b.scope.Vocab, c.Seeds, max(depth, len(c.Hidden)))
}

// whole returns the first 100 of the whole catalogue by one method, after the last seeds were given; nil where no cold song of the case can be
// among them, beside the vocabulary as the method ranked it.
func (b *bench) whole(method int, c Case, ranked []int32) []int32 {
	s := b.sums[method]
	score := func(song int32) float64 { return s.Score(song) }
	switch {
	case s == nil: // songs of the vocabulary are the most popular ones
		return nil
	case method == untruncated:
		score = func(song int32) float64 { return b.knn.Score(song, c.Seeds) }
	}
	if len(ranked) >= shown {
		last := s.Score(ranked[shown-1])
		if !slices.ContainsFunc(c.Cold, func(song int32) bool { return score(song) >= last }) {
			return nil
		}
	}
	if method == untruncated {
		b.knn.AddRare(c.Seeds)
	}
	return b.order.Top(s, b.scope.Columns, c.Seeds, shown)
}

func (b *bench) mostPopular(c Case) []int32 {
	out := make([]int32, 0, max(depth, len(c.Hidden)))
	for _, s := range b.popular {
		if len(out) == cap(out) {
			break
		}
		if !slices.Contains(c.Seeds, s) {
			out = append(out, s)
		}
	}
	return out
}

// keepRows says which rows of item-kNN the cases ask for again: those that save most come first.
func keepRows(shared *itemknn.Cache, cases []Case) {
	uses := map[int32]int64{}
	var again []int32
	for _, c := range cases {
		for _, s := range c.Seeds {
			if uses[s]++; uses[s] == 2 {
				again = append(again, s)
			}
		}
	}
	saved := func(s int32) int64 { return (uses[s] - 1) * shared.Matrix.N(s) }
	slices.SortFunc(again, func(a, b int32) int { return cmp.Or(cmp.Compare(saved(b), saved(a)), cmp.Compare(a, b)) })
	for _, s := range again {
		shared.Keep(s)
	}
}
