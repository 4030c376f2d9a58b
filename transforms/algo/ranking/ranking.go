// Package ranking orders a whole catalogue by score: the highest first, ties by id.
package ranking

import (
	"cmp"
	"slices"
)

// Top returns the depth best columns by (scores falling, ids rising), without those in skip; unscored columns hold 0 and
// take part. ids breaks ties and is unique; nil = the column itself. skip holds few columns.
//
// Cost: O(columns + depth·log depth) once the threshold has settled.
func Top(scores []float64, ids, skip []int32, depth int) []int32 {
	before := func(a, b int32) int {
		if c := cmp.Compare(scores[b], scores[a]); c != 0 || ids == nil {
			return cmp.Or(c, cmp.Compare(a, b))
		}
		return cmp.Compare(ids[a], ids[b])
	}
	out := map[int32]bool{}
	for _, s := range skip {
		out[s] = true
	}
	keep := make([]int32, 0, 4*depth)
	last := int32(-1) // the worst kept column once depth are known
	for c := range int32(len(scores)) {
		if last >= 0 && (scores[c] < scores[last] || before(c, last) >= 0) || out[c] {
			continue
		}
		if keep = append(keep, c); len(keep) == 4*depth {
			slices.SortFunc(keep, before)
			keep = keep[:depth]
			last = keep[depth-1]
		}
	}
	slices.SortFunc(keep, before)
	return keep[:min(depth, len(keep))]
}
