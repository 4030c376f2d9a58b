package cells

import (
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"
)

// event is one thing a listener did, as the oracle sees it.
type event struct {
	listener      int
	key           Key
	skips, weight int64
}

func randomEvents(r *rand.Rand, n int) []event {
	out := make([]event, n)
	for i := range out {
		w := int64(r.IntN(1 << 21))
		if r.IntN(50) == 0 {
			w = math.MaxInt64 / int64(n) // squares beyond 64 bits
		}
		out[i] = event{r.IntN(12), KeyOf(int32(r.IntN(7)), int32(r.IntN(5))), int64(r.IntN(2)), w}
	}
	return out
}

// naive recounts one key from all events.
func naive(events []event, k Key) (s Sums, squares *big.Int) {
	squares = new(big.Int)
	for listener := range 12 {
		var own *Own
		for _, e := range events {
			if e.listener == listener && e.key == k {
				if own == nil {
					own = &Own{Key: k}
				}
				own.Plays, own.Skips, own.Weight = own.Plays+1, own.Skips+e.skips, own.Weight+e.weight
			}
		}
		if own == nil {
			continue
		}
		s.Listeners, s.Plays, s.Skips, s.Weight = s.Listeners+1, s.Plays+own.Plays, s.Skips+own.Skips, s.Weight+own.Weight
		if listener%2 == 0 {
			s.Half += own.Weight
		}
		w := big.NewInt(own.Weight)
		squares.Add(squares, w.Mul(w, w))
	}
	return s, squares
}

// tableOf counts the events of the listeners that are in.
func tableOf(events []event, in func(listener int) bool) *Table[Sums] {
	var t Table[Sums]
	var g Gather
	for listener := range 12 {
		if !in(listener) {
			continue
		}
		for _, e := range events {
			if e.listener == listener {
				g.Add(e.key, 1, e.skips, e.weight)
			}
		}
		g.Fold(&t, listener%2 == 0)
	}
	return &t
}

func merged(parts ...*Table[Sums]) *Table[Sums] {
	var t Table[Sums]
	for _, p := range parts {
		t.Merge(p)
	}
	return &t
}

// Laws: the whole equals a recount from all events; parts merged in any order and grouping give the whole; an empty
// table is neutral.
func TestLaws(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		events := randomEvents(r, 1+r.IntN(400))
		whole := tableOf(events, func(int) bool { return true })
		for _, row := range whole.Rows() {
			want, squares := naive(events, row.Key)
			got := row.Value
			if have := new(big.Int).Add(new(big.Int).Lsh(new(big.Int).SetUint64(got.Squares.High), 64), new(big.Int).SetUint64(got.Squares.Low)); have.Cmp(squares) != 0 {
				t.Fatalf("seed %d: key %v has squares %v, want %v", seed, row.Key, have, squares)
			}
			if got.Squares = (Wide{}); got != want {
				t.Fatalf("seed %d: key %v has %+v, want %+v", seed, row.Key, got, want)
			}
		}
		part := func(n int) *Table[Sums] { return tableOf(events, func(l int) bool { return l%3 == n }) }
		a, b, c := part(0), part(1), part(2)
		for i, m := range []*Table[Sums]{merged(a, b, c), merged(c, a, b), merged(merged(a, b), c), merged(a, merged(c, b)), merged(&Table[Sums]{}, whole, &Table[Sums]{})} {
			if !reflect.DeepEqual(m.Sorted(), whole.Sorted()) {
				t.Fatalf("seed %d: merge %d differs from the whole", seed, i)
			}
		}
	}
}

// A table finds what was added and nothing else, at any size.
func TestTableOf(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var table Table[Sums]
	if table.Of(7) != (Sums{}) {
		t.Error("an empty table holds something")
	}
	want := map[Key]Sums{}
	for range 5000 {
		k := KeyOf(int32(r.IntN(90)), int32(r.IntN(90)))
		if k.Cell() > 89 || k.Member() > 89 {
			t.Fatalf("key %d does not hold its parts", k)
		}
		table.Add(k, Sums{Plays: 1})
		want[k] = want[k].Plus(Sums{Plays: 1})
	}
	if table.Len() != len(want) {
		t.Errorf("%d keys, want %d", table.Len(), len(want))
	}
	for cell := range int32(92) {
		for member := range int32(92) {
			if k := KeyOf(cell, member); table.Of(k) != want[k] {
				t.Fatalf("key %v: %v, want %v", k, table.Of(k), want[k])
			}
		}
	}
}

// Equal weights count every listener, one dominant weight counts one, none counts none; never more than listeners.
func TestEffectiveN(t *testing.T) {
	sum := func(weights ...int64) (s Sums) {
		for _, w := range weights {
			s = s.Plus(Sums{Listeners: 1, Weight: w, Squares: Square(w)})
		}
		return s
	}
	for _, c := range []struct {
		s    Sums
		want float64
	}{{sum(3, 3, 3, 3), 4}, {sum(1, 3), 16.0 / 10}, {sum(1<<50, 1), 1}, {sum(0, 0), 0}, {Sums{}, 0}} {
		if got := c.s.EffectiveN(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %g, want %g", c.s, got, c.want)
		}
	}
	r := rand.New(rand.NewPCG(5, 5))
	for range 1000 {
		s := sum(r.Int64N(1<<40), r.Int64N(1<<20), r.Int64N(9))
		if n := s.EffectiveN(); n > 3+1e-9 || n < 0 {
			t.Fatalf("%+v: %g of 3 listeners", s, n)
		}
	}
}

// What was found and changed in place is what adding gives: keys repeat within a call and across calls, and are new at any size.
func TestFind(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		var table, want Table[Sums]
		for range 1 + r.IntN(60) {
			keys := make([]Key, r.IntN(70))
			for i := range keys {
				keys[i] = KeyOf(int32(r.IntN(30)), int32(r.IntN(40)))
			}
			at := make([]int32, len(keys))
			table.Find(keys, at)
			for i, k := range keys {
				table.Rows()[at[i]].Value.Plays++
				want.Add(k, Sums{Plays: 1})
			}
		}
		if !reflect.DeepEqual(table.Sorted(), want.Sorted()) {
			t.Fatalf("seed %d: %v, want %v", seed, table.Sorted(), want.Sorted())
		}
	}
}

// A table with room for keys, and one that was emptied, are as new ones.
func TestReserveAndReset(t *testing.T) {
	var used, want Table[Sums]
	used.Add(KeyOf(9, 9), Sums{Plays: 9})
	used.Reset()
	used.Reserve(500)
	for i := range int32(1000) {
		k := KeyOf(i%300, i%7)
		used.Add(k, Sums{Plays: int64(i)})
		want.Add(k, Sums{Plays: int64(i)})
	}
	if !reflect.DeepEqual(used.Sorted(), want.Sorted()) || used.Of(KeyOf(9, 9)) != want.Of(KeyOf(9, 9)) {
		t.Error("a table used again differs from a new one")
	}
}

// With twins a listener counts the same under both cells.
func TestTwins(t *testing.T) {
	var table, want Table[Sums]
	var g, once Gather
	for i := range int32(9) {
		g.Add(KeyOf(i%3, i%2), 1, 0, int64(i))
		for _, cell := range []int32{i % 3, i%3 + 5} {
			once.Add(KeyOf(cell, i%2), 1, 0, int64(i))
		}
	}
	g.Fold(&table, true)
	table.Twin([]int32{5, 6, 7})
	once.Fold(&want, true)
	if !reflect.DeepEqual(table.Sorted(), want.Sorted()) {
		t.Errorf("%v, want %v", table.Sorted(), want.Sorted())
	}
}

// BenchmarkGather folds listeners of 50 plays with 30 keys each.
func BenchmarkGather(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	const listeners, plays, keys = 500, 50, 30
	all := make([]Key, listeners*plays*keys)
	for i := range all {
		cell := int32(r.IntN(10)) // coarse cells
		if i%2 == 0 {
			cell = int32(10 + r.IntN(4000))
		}
		all[i] = KeyOf(cell, int32(r.IntN(7)))
	}
	b.ReportAllocs()
	for b.Loop() {
		var t Table[Sums]
		var g Gather
		for l := range listeners {
			for _, k := range all[l*plays*keys : (l+1)*plays*keys] {
				g.Add(k, 1, 0, 1<<20)
			}
			g.Fold(&t, l%2 == 0)
		}
	}
	b.ReportMetric(float64(b.N*len(all))/b.Elapsed().Seconds(), "adds/s")
}

// Numbers are dense, in the order values come first, and stay.
func TestIndex(t *testing.T) {
	var x Index[string]
	for i, v := range []string{"b", "a", "a", "b", "c", "b"} {
		if got, want := x.Of(v), []int32{0, 1, 1, 0, 2, 0}[i]; got != want {
			t.Errorf("%s is %d, want %d", v, got, want)
		}
	}
	if got := x.Values(); x.Len() != 3 || !reflect.DeepEqual(got, []string{"b", "a", "c"}) {
		t.Errorf("values %v", got)
	}
}
