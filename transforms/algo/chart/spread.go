package chart

import "segue/transforms/algo/cells"

// Parts is how many tables a Spread cuts keys into, by member.
const Parts = 256

// batch is how many votes of a part wait to be summed together.
const batch = 512

// Spread sums the votes of many listeners by key in Parts tables, each small enough for the processor's cache: votes of a
// part wait in a batch, so that a table is fetched once for many. Sums do not depend on the order of votes.
//
// Cost: a copy and one probe of a table in cache a vote; memory: the rows, 4 to 8 bytes a slot, and 2 MB of batches.
type Spread[V cells.Value[V]] struct {
	of     func(Days) V // what one listener's votes add
	tables [Parts]cells.Table[V]
	waits  [Parts][]Vote
}

// NewSpread returns an empty Spread; of says what the votes of one listener for a key add to it.
func NewSpread[V cells.Value[V]](of func(Days) V) *Spread[V] { return &Spread[V]{of: of} }

// PartOf returns the part of a key.
func PartOf(k cells.Key) int { return int(max(k.Member(), 0) % Parts) }

// Add adds the votes of one listener, each under its own key.
func (s *Spread[V]) Add(votes []Vote) {
	for _, v := range votes {
		p := PartOf(cells.Key(v.Key))
		if s.waits[p] = append(s.waits[p], v); len(s.waits[p]) >= batch {
			s.sum(p)
		}
	}
}

// Table returns the sums of one part, good until the next Add.
func (s *Spread[V]) Table(part int) *cells.Table[V] {
	s.sum(part)
	return &s.tables[part]
}

// findAtOnce is how many votes are looked for side by side.
const findAtOnce = 64

func (s *Spread[V]) sum(part int) {
	var keys [findAtOnce]cells.Key
	var at [findAtOnce]int32
	t := &s.tables[part]
	for rest := s.waits[part]; len(rest) > 0; {
		n := min(len(rest), findAtOnce)
		for i := range n {
			keys[i] = cells.Key(rest[i].Key)
		}
		t.Find(keys[:n], at[:n])
		rows := t.Rows()
		for i := range n {
			v := &rows[at[i]].Value
			*v = (*v).Plus(s.of(rest[i].Days))
		}
		rest = rest[n:]
	}
	s.waits[part] = s.waits[part][:0]
}

// Twin adds every sum once more under cell twins[cell].
func (s *Spread[V]) Twin(twins []int32) {
	for p := range Parts {
		s.Table(p).Twin(twins)
	}
}

// Merge adds all sums of o, part by part, and empties it.
func (s *Spread[V]) Merge(o *Spread[V]) {
	for p := range Parts {
		s.Table(p).Merge(o.Table(p))
		o.tables[p] = cells.Table[V]{}
	}
}
