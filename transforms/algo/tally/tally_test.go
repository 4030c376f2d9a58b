package tally

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

type event struct {
	listener int32
	key      int
	skip     int64
}

// naive counts with sets: the slow obvious way.
func naive(events []event) []Row[int] {
	sets, counts := map[int]map[int32]bool{}, map[int]Counts{}
	for _, e := range events {
		if sets[e.key] == nil {
			sets[e.key] = map[int32]bool{}
		}
		sets[e.key][e.listener] = true
		c := counts[e.key]
		c.Plays, c.Skips, c.Weight = c.Plays+1, c.Skips+e.skip, c.Weight+int64(e.key)*e.skip
		counts[e.key] = c
	}
	rows := []Row[int]{}
	for k, c := range counts {
		c.Listeners = int64(len(sets[k]))
		rows = append(rows, Row[int]{k, c})
	}
	slices.SortFunc(rows, func(a, b Row[int]) int { return cmp.Compare(a.Key, b.Key) })
	return rows
}

func heard(events []event) *Tally[int] {
	t := New[int]()
	for _, e := range events {
		t.Hear(e.key, e.listener, Counts{Listeners: 99, Plays: 1, Skips: e.skip, Weight: int64(e.key) * e.skip})
	}
	return t
}

func merged(ts ...*Tally[int]) []Row[int] {
	all := New[int]()
	for _, t := range ts {
		all.Merge(t)
	}
	return all.Sorted(cmp.Compare)
}

func same(t *testing.T, seed uint64, law string, got, want []Row[int]) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("seed %d: %s: got %v, want %v", seed, law, got, want)
	}
}

// A tally equals counting with sets; merging is associative, commutative, neutral to empty; split-merge is the whole.
func TestLaws(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		var events []event
		listeners := 1 + r.IntN(12)
		cuts := []int{0}
		for l := range listeners {
			for range r.IntN(20) {
				events = append(events, event{int32(l + 1), r.IntN(9), int64(r.IntN(2))})
			}
			if l == listeners/3 || l == 2*listeners/3 {
				cuts = append(cuts, len(events))
			}
		}
		for len(cuts) < 3 {
			cuts = append(cuts, len(events))
		}
		want := naive(events)
		same(t, seed, "whole", heard(events).Sorted(cmp.Compare), want)
		a, b, c := heard(events[:cuts[1]]), heard(events[cuts[1]:cuts[2]]), heard(events[cuts[2]:])
		same(t, seed, "split", merged(a, b, c), want)
		same(t, seed, "commutes", merged(c, a, b), want)
		same(t, seed, "empty", merged(New[int](), a, New[int](), b, c), want)
		left, right := New[int](), New[int]()
		left.Merge(a)
		left.Merge(b)
		right.Merge(b)
		right.Merge(c)
		same(t, seed, "associates", merged(left, c), merged(a, right))
	}
}

// Of finds what was added and is zero elsewhere.
func TestOf(t *testing.T) {
	tl := heard([]event{{1, 3, 1}, {1, 3, 0}, {2, 3, 0}})
	if got, want := tl.Of(3), (Counts{Listeners: 2, Plays: 3, Skips: 1, Weight: 3}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if tl.Of(4) != (Counts{}) || tl.Len() != 1 || len(tl.Rows()) != 1 {
		t.Error("a key never counted has counts")
	}
}

// c b d a stand at 2 1 3 0.
func TestPlaces(t *testing.T) {
	if got := Places([]string{"c", "b", "d", "a"}, cmp.Compare[string]); !slices.Equal(got, []int32{2, 1, 3, 0}) {
		t.Errorf("places %v", got)
	}
}
