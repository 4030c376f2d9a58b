package chart

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"segue/transforms/algo/cells"
	"segue/transforms/algo/cells/cellstest"
)

// Best equals sorting everything and cutting, in any order of adding.
func TestBestEqualsSort(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		values := make([]int, r.IntN(60))
		for i := range values {
			values[i] = r.IntN(40)
		}
		k := r.IntN(20)
		best := NewBest(k, cmp.Compare[int])
		for _, v := range values {
			best.Add(v)
		}
		slices.Sort(values)
		if want := values[:min(k, len(values))]; !slices.Equal(best.Sorted(), want) {
			t.Fatalf("seed %d, k %d: got %v, want %v", seed, k, best.Sorted(), want)
		}
	}
}

// decayOf halves a vote every 7 days.
func decayOf() []int64 {
	out := make([]int64, Horizon)
	for age := range out {
		out[age] = int64(math.Round(1000 * math.Exp2(-float64(age)/7)))
	}
	return out
}

// vote is one listener's vote as the oracle sees it.
type vote struct {
	listener, age int
	key           uint64
}

// recount counts every key with sets.
func recount(votes []vote) map[uint64]Counts {
	heard := map[string]bool{}
	for _, v := range votes {
		heard[fmt.Sprint(v.listener, v.age, v.key)] = true
	}
	out := map[uint64]Counts{}
	for _, v := range votes {
		out[v.key] = Counts{}
	}
	for key := range out {
		var c Counts
		for w, days := range []int{1, 7, 28} {
			for l := range 9 {
				var now, before bool
				for age := range 2 * days {
					if !heard[fmt.Sprint(l, age, key)] {
						continue
					}
					if age < days {
						now, c.Weight[w] = true, c.Weight[w]+decayOf()[age]
					} else {
						before = true
					}
				}
				if now {
					c.Now[w]++
				}
				if before {
					c.Before[w]++
				}
			}
		}
		out[key] = c
	}
	return out
}

// spread sums votes listener by listener, in the order of days given, days split in two halves when split.
func spread(votes []vote, in func(listener int) bool) *Spread[Counts] {
	decay := decayOf()
	s := NewSpread(func(d Days) Counts { return CountsOf(d, decay) })
	var own Votes
	for l := range 9 {
		for _, v := range votes {
			if v.listener == l && in(l) {
				own.Add(v.key, Day(int32(v.age)))
			}
		}
		s.Add(own.All())
		own.Reset()
	}
	return s
}

// Sums equal a recount with sets, replays and the order of votes change nothing, days out of reach count nowhere, and the
// sums of disjoint listeners add up to the whole in any order.
func TestSpreadEqualsRecount(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 2))
		votes := make([]vote, 1+r.IntN(400))
		for i := range votes {
			votes[i] = vote{r.IntN(9), r.IntN(75) - 5, uint64(cells.KeyOf(int32(r.IntN(3)), int32(r.IntN(300)-1)))}
		}
		want := recount(votes)
		all := func(int) bool { return true }
		whole := rowsOf(spread(votes, all))
		for k, c := range want {
			if whole[k] != c {
				t.Fatalf("seed %d: key %d has %+v, want %+v", seed, k, whole[k], c)
			}
		}
		r.Shuffle(len(votes), func(i, j int) { votes[i], votes[j] = votes[j], votes[i] })
		if got := rowsOf(spread(append(votes, votes...), all)); !reflect.DeepEqual(got, whole) {
			t.Fatalf("seed %d: shuffled and repeated votes change the sums", seed)
		}
		parts := map[uint64]Counts{}
		for _, p := range []int{2, 0, 1} {
			for k, c := range rowsOf(spread(votes, func(l int) bool { return l%3 == p })) {
				parts[k] = c.Plus(parts[k])
			}
		}
		if !reflect.DeepEqual(parts, whole) {
			t.Fatalf("seed %d: parts do not add up to the whole", seed)
		}
	}
}

func rowsOf(s *Spread[Counts]) map[uint64]Counts {
	out := map[uint64]Counts{}
	for p := range Parts {
		for _, r := range s.Table(p).Rows() {
			out[uint64(r.Key)] = r.Value
		}
	}
	return out
}

// Contexts see the longest window: one listener, its days decayed; nothing of older days.
func TestHeard(t *testing.T) {
	decay := decayOf()
	if got := HeardOf(Day(0)|Day(7)|Day(30), decay); got != (Heard{1, 1500}) {
		t.Errorf("got %+v, want a listener of 1000 + 500", got)
	}
	if got := HeardOf(Day(28), decay); got != (Heard{}) {
		t.Errorf("got %+v of a day before the window", got)
	}
	if sum := (Heard{1, 5}).Plus(Heard{2, 7}); sum != (Heard{3, 12}) {
		t.Errorf("sum %+v", sum)
	}
}

// Sums obey the laws.
func TestLaws(t *testing.T) {
	days := func(r *rand.Rand) Days { return Days(r.Uint64() & r.Uint64()) }
	decay := decayOf()
	cellstest.Laws(t, func(r *rand.Rand) Counts { return CountsOf(days(r), decay) })
	cellstest.Laws(t, func(r *rand.Rand) Heard { return HeardOf(days(r), decay) })
}

// Spreads of disjoint listeners merge to that of all, whichever into which, and an empty one changes nothing; with twins
// every vote counts as if it had been given in both cells.
func TestSpreadsMerge(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 9))
		votes, both := make([]vote, 1+r.IntN(300)), []vote(nil)
		for i := range votes {
			cell, song := int32(r.IntN(3)), int32(r.IntN(300)-1)
			votes[i] = vote{r.IntN(9), r.IntN(60), uint64(cells.KeyOf(cell, song))}
			both = append(both, votes[i], vote{votes[i].listener, votes[i].age, uint64(cells.KeyOf(cell+3, song))})
		}
		part := func(n int) *Spread[Counts] { return spread(votes, func(l int) bool { return n < 0 || l%3 == n }) }
		whole := rowsOf(part(-1))
		for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}} {
			into, last := part(order[0]), part(order[1])
			last.Merge(part(order[2]))
			into.Merge(last)
			into.Merge(part(9))
			if !reflect.DeepEqual(rowsOf(into), whole) {
				t.Fatalf("seed %d: parts %v do not merge to the whole", seed, order)
			}
		}
		twinned := part(-1)
		twinned.Twin([]int32{3, 4, 5})
		if !reflect.DeepEqual(rowsOf(twinned), rowsOf(spread(both, func(int) bool { return true }))) {
			t.Fatalf("seed %d: twins differ from votes in both cells", seed)
		}
	}
}

// 3 after 2 is half more; anything after nothing has no growth.
func TestGrowth(t *testing.T) {
	if g := Growth(3, 2); g == nil || *g != 0.5 {
		t.Errorf("growth %v, want 0.5", g)
	}
	if Growth(3, 0) != nil {
		t.Error("growth over nothing")
	}
}

// The bound is where the binomial tail is Chance: with p₋, Now or more of all would be seen once in a hundred times.
func TestGrowthLowInvertsBinomialTail(t *testing.T) {
	for _, r := range []Rates{{7, 0, 100, 100}, {1, 0, 50, 60}, {30, 12, 500, 400}, {200, 180, 5000, 5100}, {5, 9, 77, 50}} {
		low := GrowthLow(r)
		odds := (*low + 1) * float64(r.AllNow) / float64(r.AllBefore)
		p, tail := odds/(1+odds), 0.0
		n := int(r.Now + r.Before)
		for k := int(r.Now); k <= n; k++ {
			a, _ := math.Lgamma(float64(n + 1))
			b, _ := math.Lgamma(float64(k + 1))
			c, _ := math.Lgamma(float64(n - k + 1))
			tail += math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
		}
		if math.Abs(tail-Chance) > 1e-6 {
			t.Errorf("%+v: bound %g has tail %g, want %g", r, *low, tail, Chance)
		}
	}
	if g := GrowthLow(Rates{Now: 0, Before: 4, AllNow: 9, AllBefore: 9}); g == nil || *g != -1 {
		t.Errorf("nobody now: %v, want -1", g)
	}
	for _, r := range []Rates{{1, 0, 1, 0}, {0, 1, 0, 1}, {}} {
		if GrowthLow(r) != nil {
			t.Errorf("%+v: bound without listeners of both windows", r)
		}
	}
}

// When nothing grew, at most Chance of the songs get a bound above 0, whatever their size.
func TestGrowthLowHoldsItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const songs = 20_000
	wrong := 0
	for range songs {
		mean := 1 + 60*r.Float64()
		if low := GrowthLow(Rates{poisson(r, 1.5*mean), poisson(r, mean), 1500, 1000}); *low > 0 {
			wrong++
		}
	}
	if limit := Chance*songs + 3*math.Sqrt(Chance*songs); float64(wrong) > limit {
		t.Errorf("%d of %d songs that did not grow have a bound above 0, want at most %.0f", wrong, songs, limit)
	}
}

func poisson(r *rand.Rand, mean float64) (n int64) {
	for x := r.ExpFloat64(); x < mean; x += r.ExpFloat64() {
		n++
	}
	return n
}
