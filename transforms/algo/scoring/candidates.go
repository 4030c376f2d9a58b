package scoring

import (
	"math"
	"slices"

	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
)

// Candidates returns the songs of all pools that the listener may be given, with raw terms for the general list; extra are
// songs of the fill. They are valid until the scratch is used again.
func (m *Model) Candidates(l *Listener, s *Scratch, extra []int32) []Candidate {
	s.begin(m, l)
	m.gather(l, s, extra, m.Settings.Mode == Discovery)
	m.rawTerms(l, s)
	m.contextTerms(s, l.Mix, l.Distinct, l)
	s.release()
	return s.candidates
}

// release takes the candidates out of the index by song.
func (s *Scratch) release() {
	for i := range s.candidates {
		s.slot[s.candidates[i].Song] = 0
	}
}

// gather collects candidates: by neighbour evidence first, then the other pools, each up to its quota, twice that where the listener's own
// taste fills no list; what neighbours leave of theirs is the home chart's.
func (m *Model) gather(l *Listener, s *Scratch, extra []int32, onlyNew bool) {
	s.candidates = s.candidates[:0]
	if l.Stored != nil {
		s.recall(l.Stored)
		return
	}
	if !l.Inactive {
		m.personal(l, s, onlyNew)
	}
	own := len(s.candidates)
	depth := m.depth(own, len(extra) > 0)
	add := func(songs []int32, source uint16) {
		simd.FetchEach(s.slot, songs)
		simd.FetchEach(s.facts, songs)
		for _, j := range songs {
			m.add(s, j, source, onlyNew)
		}
	}
	m.personaSongs(l, s, depth, onlyNew)
	for i := range l.Mix { // the larger its share, the more of a context
		n := int(math.Ceil(float64(float32(2*depth) * l.Mix[i].Share)))
		add(l.Mix[i].Cell.Chart.songs(min(n, depth)), FromContext)
	}
	for i := range l.Main {
		for k := range l.Main[i].Mix {
			add(l.Main[i].Mix[k].Cell.Chart.songs(depth/4), FromContext)
		}
	}
	for _, c := range l.Places {
		add(c.songs(depth/2), FromPlaces)
	}
	for _, g := range l.Genres {
		add(g.Home.songs(depth/2), FromRegionGenre)
		add(g.World.songs(depth/2), FromGenre)
	}
	add(l.Trending[:min(depth/2, len(l.Trending))], FromTrending)
	m.addHome(l, s, max(depth, m.Settings.Neighbours-own), onlyNew)
	add(m.World.songs(depth), FromWorld)
	add(extra, FromPopular)
}

// depth returns the quota of each pool beside the listener's own songs.
func (m *Model) depth(own int, filling bool) int {
	depth := m.Settings.PoolDepth
	if own < m.Settings.Length {
		depth *= 2
	}
	if filling {
		depth *= fillFactor
	}
	return depth
}

// recall makes stored candidates those of the listener at work.
func (s *Scratch) recall(stored []Stored) {
	for i := range stored {
		x := &stored[i]
		c := s.enter(x.Song, x.Sources)
		c.Evidence, c.taste, c.popular = x.Evidence, x.Taste, x.Popularity
	}
}

// personaSongs collects the favourites of the persona, with their scores.
func (m *Model) personaSongs(l *Listener, s *Scratch, depth int, onlyNew bool) {
	if l.Persona == nil {
		return
	}
	for i, j := range l.Persona.Songs[:min(depth, len(l.Persona.Songs))] {
		if c := m.add(s, j, FromPersona, onlyNew); c != nil {
			c.persona = l.Persona.Scores[i]
		}
	}
}

// personal collects the songs that the listener's own taste leads to.
func (m *Model) personal(l *Listener, s *Scratch, onlyNew bool) {
	if onlyNew { // such songs gather no evidence
		for _, j := range l.Known {
			s.sum[j] = float32(math.Inf(-1))
		}
	}
	s.touched = m.Lists.Evidence(l.Favourites, s.sum, s.touched[:0])
	m.nearest(s, onlyNew)
	sought := m.Settings.Vectors
	if n := len(s.candidates); n < m.Settings.Length {
		sought += m.Settings.Neighbours - n
	}
	m.near(l, s, sought, onlyNew)
	if !onlyNew {
		for _, f := range l.Favourites {
			m.add(s, f.Song, FromFavourites, false)
		}
	}
	for _, a := range l.Artists {
		if m.NewSongs != nil {
			for _, j := range m.NewSongs[a] {
				m.add(s, j, FromArtists, onlyNew)
			}
		}
	}
	m.weigh(l, s, onlyNew)
}

// nearest collects the songs of most evidence, ties by song, up to their quota, of those the listener may be given.
func (m *Model) nearest(s *Scratch, onlyNew bool) {
	quota := m.Settings.Neighbours
	for take := quota + quota/4; ; take *= 4 {
		s.strongest(take)
		fit := s.strongAllowed(onlyNew)
		if len(fit) < quota && take < len(s.touched) {
			continue
		}
		topk.Select(fit, quota)
		for _, k := range fit[:min(quota, len(fit))] {
			s.enter(k.Entry().ID, FromNeighbours)
		}
		return
	}
}

// strongAllowed keeps those of s.strong that the listener may be given, and returns them.
func (s *Scratch) strongAllowed(onlyNew bool) []topk.Key {
	s.near = s.near[:0]
	for _, k := range s.strong {
		s.near = append(s.near, k.Entry().ID)
	}
	simd.FetchEach(s.facts, s.near)
	simd.FetchEach(s.slot, s.near)
	n := 0
	for i, j := range s.near { // a sum, not a branch: no song foretells the next one's market
		f, allowed := &s.facts[j], 0
		if s.open[f.market] {
			allowed = 1
		}
		if onlyNew && (s.marked.has(j) || s.marked.has(f.group)) && s.marks(j)&markKnown != 0 {
			allowed = 0
		}
		s.strong[n] = s.strong[i]
		n += allowed
	}
	return s.strong[:n]
}

// evidenceSample is how many sums the floor of evidence is guessed from.
const evidenceSample = 64

// strongest sets s.strong to the keys of the songs of most evidence, so many or all, in any order. A floor guessed from a
// sample leaves few to select from; where it leaves too few, all are looked at.
func (s *Scratch) strongest(take int) {
	floor := float32(0)
	if n := len(s.touched); n > 2*take {
		s.strong = s.strong[:0]
		for i := range evidenceSample {
			s.strong = append(s.strong, topk.NewKey(0, s.sum[s.touched[i*n/evidenceSample]]))
		}
		k := evidenceSample*take/n + evidenceSample/8
		topk.Select(s.strong, k)
		floor = slices.Min(s.strong[:k]).Entry().Score
	}
	if s.above(floor); len(s.strong) < min(take, len(s.touched)) {
		s.above(0)
	}
	topk.Select(s.strong, take)
	s.strong = s.strong[:min(take, len(s.strong))]
}

// above sets s.strong to the keys of the songs of at least so much evidence; known songs of a list of new ones have none.
func (s *Scratch) above(floor float32) {
	s.near = slices.Grow(s.near[:0], len(s.touched))[:len(s.touched)]
	s.strong = s.strong[:0]
	for _, j := range s.near[:simd.KeepAt(s.sum, s.touched, floor, s.near)] {
		s.strong = append(s.strong, topk.NewKey(j, s.sum[j]))
	}
}

// weigh gives all candidates so far their evidence and clears the sums.
func (m *Model) weigh(l *Listener, s *Scratch, onlyNew bool) {
	for i := range s.candidates {
		if e := s.sum[s.candidates[i].Song]; e > 0 {
			s.candidates[i].Evidence = e
			s.candidates[i].Sources |= FromNeighbours
		}
	}
	simd.ClearAt(s.sum, s.touched)
	if onlyNew {
		simd.ClearAt(s.sum, l.Known)
	}
}

// addHome collects the home chart and notes the reach of its songs among all candidates.
func (m *Model) addHome(l *Listener, s *Scratch, depth int, onlyNew bool) {
	chart, source := l.Regional, uint16(FromRegion)
	if chart == nil {
		chart, source = m.World, FromWorld
	}
	if chart == nil {
		return
	}
	for i, j := range chart.Songs {
		var c *Candidate
		if i < depth {
			c = m.add(s, j, source, onlyNew)
		} else if k := s.slot[j]; k > 0 {
			c = &s.candidates[k-1]
		}
		if c != nil {
			c.home = chart.Reach[i]
		}
	}
}

// add makes a song a candidate, or adds a source to it; nil when the listener may not be given it.
func (m *Model) add(s *Scratch, song int32, source uint16, onlyNew bool) *Candidate {
	if k := s.slot[song]; k > 0 {
		c := &s.candidates[k-1]
		c.Sources |= source
		return c
	}
	if !s.allowed(song, onlyNew) {
		return nil
	}
	return s.enter(song, source)
}

// enter makes a song that the listener may be given, and that is none yet, a candidate.
func (s *Scratch) enter(song int32, source uint16) *Candidate {
	f, marks := &s.facts[song], s.marks(song)
	if s.pushes && f.artist >= 0 && s.pushed[f.artist] == s.epoch {
		marks |= markPushed
	}
	n := len(s.candidates)
	s.candidates = slices.Grow(s.candidates, 1)[:n+1]
	s.slot[song] = int32(n + 1)
	c := &s.candidates[n]
	*c = Candidate{} // then field by field: a value that is made elsewhere and copied waits for its parts
	c.fact = *f
	c.Song, c.Sources, c.marks, c.home = song, source, marks, -1
	return c
}

// allowed reports whether a song may be a candidate: available, and new to the listener if only such are.
func (s *Scratch) allowed(song int32, onlyNew bool) bool {
	return s.open[s.facts[song].market] && !(onlyNew && s.marks(song)&markKnown != 0)
}

// rawTerms sets raw taste and popularity; stored candidates have them calibrated.
func (m *Model) rawTerms(l *Listener, s *Scratch) {
	if l.Stored != nil {
		return
	}
	scale, trust := norm(l.Favourites), s.trust
	mine := s.mine
	if l.Inactive || len(l.Favourites) == 0 && len(l.Vectors) == 0 {
		trust, mine = 0, 0
	}
	if l.Persona == nil {
		trust = 1
	}
	s.cosine()
	all := len(s.columns.unit)
	for i := range s.candidates {
		c := &s.candidates[i]
		sums := s.sums[i*all : (i+1)*all]
		taste := float32(math.Sqrt(float64(c.Evidence/scale))) + float32(m.Settings.CosineShare*min(closest(sums[:mine], s.columns.unit, c.step), s.cut))
		if l.Persona != nil {
			theirs := float32(personaShare*c.persona) + float32(m.Settings.CosineShare*min(closest(sums[s.mine:], s.columns.unit[s.mine:], c.step), mostCut))
			taste = float32(trust*taste) + float32((1-trust)*theirs)
		}
		c.Raw.Taste, c.Raw.Popularity = taste, m.popularity(l, c)
	}
}

// personaShare is what a persona's first favourite counts for taste.
const personaShare = 0.3

// abroad is the part of popularity that all listeners of the world have: charts of small countries are full of ties.
const abroad = 0.1

// popularity returns log(1+listeners) in the home region's chart over that of its first song, in the world's where the
// region has none, a tenth of it by all listeners or playlists ever; all of it without charts. A song outside the chart is
// taken to be heard there as it is anywhere, beside those in it, but by no more listeners than the chart's last.
func (m *Model) popularity(l *Listener, c *Candidate) float32 {
	if m.MaxLog <= 0 {
		return max(c.home, 0)
	}
	chart := l.Regional
	if chart == nil {
		chart = m.World
	}
	home, world := c.home, c.log/m.MaxLog
	switch {
	case home >= 0:
	case chart != nil && chart.most > 0:
		home = max(0, min(c.log-chart.ahead, chart.last)) / chart.most
	default:
		home = world
	}
	return home + float32(abroad*(world-home))
}
