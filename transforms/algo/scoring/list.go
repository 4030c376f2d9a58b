package scoring

import "slices"

// General is the name of the list every listener has.
const General = "general"

// List is one finished list of a listener.
type List struct {
	Name    string
	Cell    *Cell // of the largest share of the list's contexts; nil = none
	Rows    []Row
	Weights Weights
	Reason  string
}

// Make returns the lists of a listener: the general one, filled from the most popular songs where the pools fall short, then
// one for each main context. The general list is empty, and the only one, where no song with plays or playlists may be played
// in the listener's country.
//
// Rows and their seeds are valid until the scratch is used again.
//
// Cost: the deep lists of the favourites twice, one cosine a candidate and vector, and O(candidates) a list.
func (m *Model) Make(l *Listener, s *Scratch) []List {
	lists := m.rank(l, s)
	m.Lists.explain(l.Favourites, s, lists)
	return lists
}

// rank is Make without the seeds of rows.
func (m *Model) rank(l *Listener, s *Scratch) []List {
	lists := []List{m.general(l, s)}
	if lists[0].Reason != ReasonNothing && !l.Inactive {
		lists = m.mainLists(l, s, lists)
	}
	s.release()
	return lists
}

// general makes the general list; its candidates stay in the scratch, in the index by song, too.
func (m *Model) general(l *Listener, s *Scratch) List {
	s.begin(m, l)
	general := List{Name: General, Reason: m.reason(l), Weights: m.weights(l, s.trust, len(l.Mix) > 0), Cell: mainCell(l.Mix)}
	m.fill(l, s, &general, m.Settings.Mode == Discovery)
	if len(general.Rows) == 0 && m.Settings.Mode == Discovery {
		s.release()
		if m.fill(l, s, &general, false); len(general.Rows) > 0 {
			general.Reason = ReasonAllKnown
		}
	}
	switch {
	case len(general.Rows) == 0:
		general.Reason = ReasonNothing
	case l.Stored != nil && m.Settings.Mode == Discovery && s.knows():
		general.Reason = ReasonAllKnown
	case len(general.Rows) < m.Settings.Length && general.Reason != ReasonAllKnown:
		general.Reason = ReasonShort
	}
	return general
}

// knows reports whether a candidate is known.
func (s *Scratch) knows() bool {
	return slices.ContainsFunc(s.candidates, func(c Candidate) bool { return c.marks&markKnown != 0 })
}

// mainLists adds the lists of the main contexts, from the candidates of the general one.
func (m *Model) mainLists(l *Listener, s *Scratch, lists []List) []List {
	for i := range l.Main {
		c := &l.Main[i]
		list := List{Name: c.Name, Reason: lists[0].Reason, Weights: m.weights(l, s.trust, true), Cell: mainCell(c.Mix)}
		m.contextTerms(s, c.Mix, 1, l)
		m.calibrate(s, l, list.Weights, false)
		list.Rows = m.choose(s, i+1, list.Weights, mix(l.Draw+uint64(i)+1))
		lists = append(lists, list)
	}
	return lists
}

func mainCell(mix []Context) *Cell {
	var best *Context
	for i := range mix {
		if best == nil || mix[i].Share > best.Share {
			best = &mix[i]
		}
	}
	if best == nil {
		return nil
	}
	return best.Cell
}

// Rounds of the fill: how often a short list is given more popular songs before it may stay short, and how much deeper the
// pools are then.
const (
	fillRounds = 4
	fillFactor = 4
)

// fill chooses the rows of the general list, taking ever more of the most popular songs while it is short: at most fillRounds
// times once it has a row, through the whole catalogue as long as it has none.
func (m *Model) fill(l *Listener, s *Scratch, list *List, onlyNew bool) {
	take, taken := 2*m.Settings.Length, 0
	for round := 0; ; round++ {
		m.gather(l, s, m.Popular[:taken], onlyNew)
		m.rawTerms(l, s)
		m.contextTerms(s, l.Mix, l.Distinct, l)
		m.calibrate(s, l, list.Weights, true)
		list.Rows = m.choose(s, 0, list.Weights, l.Draw)
		if l.Stored != nil || len(list.Rows) == m.Settings.Length || taken == len(m.Popular) || round > fillRounds && len(list.Rows) > 0 {
			return
		}
		s.release()
		taken = min(take, len(m.Popular))
		take *= fillFactor
	}
}

// calibrate sets the calibrated terms of all candidates, those that all lists share when first, and their order by some weights.
func (m *Model) calibrate(s *Scratch, l *Listener, w Weights, first bool) {
	s.order = s.order[:0]
	for i := range s.candidates {
		c := &s.candidates[i]
		if first {
			if l.Stored == nil {
				c.taste, c.popular = m.maps.Taste.At(c.Raw.Taste), m.maps.Popularity.At(c.Raw.Popularity)
			}
			c.base = 0
			if c.marks != 0 {
				a := m.standing(s, c)
				c.base = a.Sum()
			}
		}
		c.context = m.maps.Context.At(c.Raw.Context)
		s.order = append(s.order, order(Score(w, Terms{c.taste, c.context, c.popular}, c.base), c.Song))
	}
}

// Rated returns the candidates of the general list that Make made last, of the same listener, with calibrated terms. They are valid
// until the scratch is used again.
func (m *Model) Rated(l *Listener, s *Scratch) []Candidate {
	for i := range s.candidates {
		s.slot[s.candidates[i].Song] = int32(i + 1)
	}
	m.contextTerms(s, l.Mix, l.Distinct, l)
	m.calibrate(s, l, Weights{}, false)
	s.release()
	return s.candidates
}

// Terms returns the calibrated terms and the adjustment that does not depend on other rows.
func (c *Candidate) Terms() (Terms, float32) { return Terms{c.taste, c.context, c.popular}, c.base }
