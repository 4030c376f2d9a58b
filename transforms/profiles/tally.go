package profiles

import (
	"cmp"
	"slices"

	"segue/transforms/algo/cells"
)

// tally is the counts of one listener under names that come again with the next one; it is used again for that one.
type tally[K comparable] struct {
	names cells.Index[K]
	n     []int64 // by number of the name
	met   []int32 // names with a count
}

// number returns the number that stands for a name in add.
func (t *tally[K]) number(name K) int32 {
	no := t.names.Of(name)
	for len(t.n) < t.names.Len() {
		t.n = append(t.n, 0)
	}
	return no
}

func (t *tally[K]) add(no int32, n int64) {
	if n == 0 {
		return
	}
	if t.n[no] == 0 {
		t.met = append(t.met, no)
	}
	t.n[no] += n
}

func (t *tally[K]) reset() {
	for _, no := range t.met {
		t.n[no] = 0
	}
	t.met = t.met[:0]
}

func (t *tally[K]) name(no int32) K { return t.names.Values()[no] }

// sorted returns the names with a count by count falling, ties by name; good until the next add.
func (t *tally[K]) sorted(compare func(a, b K) int) []int32 {
	slices.SortFunc(t.met, func(a, b int32) int {
		if c := cmp.Compare(t.n[b], t.n[a]); c != 0 {
			return c
		}
		return compare(t.name(a), t.name(b))
	})
	return t.met
}
