package cells

import "math/bits"

// Own is what one listener did under one key.
type Own struct {
	Key    Key
	Plays  int64
	Skips  int64
	Weight int64 // fixed point
}

// Gather collects what one listener did, by key; the zero value is empty. It is reused from listener to listener and holds
// as many keys as one listener has, so that it stays in the processor's cache.
type Gather struct {
	own   []Own
	slots []int32 // own + 1 by hash; 0 = free
	used  []int32 // slot of each own
	shift uint
}

// Add adds to a key of the listener.
func (g *Gather) Add(k Key, plays, skips, weight int64) {
	if 2*len(g.own) >= len(g.slots) {
		g.grow()
	}
	mask := len(g.slots) - 1
	for i := int(hash(k) >> g.shift); ; i = (i + 1) & mask {
		n := g.slots[i]
		if n == 0 {
			g.own, g.used = append(g.own, Own{k, plays, skips, weight}), append(g.used, int32(i))
			g.slots[i] = int32(len(g.own))
			return
		}
		if o := &g.own[n-1]; o.Key == k {
			o.Plays, o.Skips, o.Weight = o.Plays+plays, o.Skips+skips, o.Weight+weight
			return
		}
	}
}

// Of returns what the listener did under a key, nothing for one never added.
func (g *Gather) Of(k Key) Own {
	if len(g.own) == 0 {
		return Own{Key: k}
	}
	mask := len(g.slots) - 1
	for i := int(hash(k) >> g.shift); g.slots[i] != 0; i = (i + 1) & mask {
		if o := g.own[g.slots[i]-1]; o.Key == k {
			return o
		}
	}
	return Own{Key: k}
}

// Rows returns what the listener did in the order keys came first; figures may be changed, keys not. Add, Fold and Reset
// end its use.
func (g *Gather) Rows() []Own { return g.own }

// findAtOnce is how many keys a Fold looks for side by side.
const findAtOnce = 64

// Fold adds the listener to t, once a key, and empties g. A negative weight counts as none.
func (g *Gather) Fold(t *Table[Sums], firstHalf bool) {
	var keys [findAtOnce]Key
	var at [findAtOnce]int32
	for rest := g.own; len(rest) > 0; {
		n := min(len(rest), findAtOnce)
		for i := range n {
			keys[i] = rest[i].Key
		}
		t.Find(keys[:n], at[:n])
		for i := range n {
			o := &rest[i]
			w := max(o.Weight, 0)
			s := Sums{Listeners: 1, Plays: o.Plays, Skips: o.Skips, Weight: w, Squares: Square(w)}
			if firstHalf {
				s.Half = w
			}
			t.rows[at[i]].Value.add(&s)
		}
		rest = rest[n:]
	}
	g.Reset()
}

// Reset empties g.
func (g *Gather) Reset() {
	for _, i := range g.used {
		g.slots[i] = 0
	}
	g.own, g.used = g.own[:0], g.used[:0]
}

func (g *Gather) grow() {
	size := max(64, 2*len(g.slots))
	g.slots, g.shift = make([]int32, size), uint(64-bits.TrailingZeros(uint(size)))
	for n, o := range g.own {
		i := int(hash(o.Key) >> g.shift)
		for g.slots[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		g.slots[i], g.used[n] = int32(n+1), int32(i)
	}
}
