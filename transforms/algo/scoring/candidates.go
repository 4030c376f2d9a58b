package scoring

import (
	"math"

	"segue/transforms/algo/simd"
)

// CosineShare is what a cosine of 1 to the nearest taste vector adds to the raw taste term.
const CosineShare = 0.5

// Candidates returns the songs of all pools that the listener may be given, with raw terms for the general list; extra are
// songs of the fill. They are valid until the scratch is used again.
func (m *Model) Candidates(l *Listener, s *Scratch, extra []int32) []Candidate {
	s.begin(m, l)
	m.gather(l, s, extra, m.Settings.Mode == Discovery)
	m.rawTerms(l, s)
	m.contextTerms(s, l.Mix, l)
	s.release()
	return s.candidates
}

// release takes the candidates out of the index by song.
func (s *Scratch) release() {
	for i := range s.candidates {
		s.slot[s.candidates[i].Song] = 0
	}
}

// gather collects candidates: by neighbour evidence first, then the other pools, each up to its quota.
func (m *Model) gather(l *Listener, s *Scratch, extra []int32, onlyNew bool) {
	s.candidates = s.candidates[:0]
	if !l.Inactive {
		m.personal(l, s, onlyNew)
	}
	depth := m.Settings.PoolDepth
	if len(extra) > 0 {
		depth *= fillFactor
	}
	add := func(songs []int32, source uint16) {
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
	m.addHome(l, s, depth, onlyNew)
	add(m.World.songs(depth), FromWorld)
	add(extra, FromPopular)
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
	for take := m.Settings.Neighbours; len(s.touched) > 0; take *= 4 {
		m.nearest(s, take, onlyNew)
		if len(s.candidates) >= m.Settings.Neighbours || take >= len(s.touched) {
			break
		}
	}
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

// nearest collects songs of most evidence, ties by song, up to their quota; it looks at the best so many.
func (m *Model) nearest(s *Scratch, take int, onlyNew bool) {
	s.best.Reset(take)
	for _, j := range s.touched {
		if e := s.sum[j]; e >= s.best.Floor {
			s.best.Offer(j, e)
		}
	}
	for _, e := range s.best.Sorted() {
		if m.add(s, e.ID, FromNeighbours, onlyNew); len(s.candidates) == m.Settings.Neighbours {
			return
		}
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
	for _, j := range s.touched {
		s.sum[j] = 0
	}
	if onlyNew {
		for _, j := range l.Known {
			s.sum[j] = 0
		}
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
	marks := s.marks(m, song)
	if onlyNew && marks&markKnown != 0 || !s.open[m.Catalogue.Market[song]] {
		return nil
	}
	s.candidates = append(s.candidates, Candidate{Song: song, Sources: source, marks: marks, home: -1})
	s.slot[song] = int32(len(s.candidates))
	return &s.candidates[len(s.candidates)-1]
}

// rawTerms sets raw taste and popularity.
func (m *Model) rawTerms(l *Listener, s *Scratch) {
	scale, trust := norm(l.Favourites), m.Settings.trust(l.Plays)
	own, dim := l.Vectors, m.Vectors.Dim
	if l.Inactive || len(l.Favourites) == 0 && len(own) == 0 {
		trust, own = 0, nil
	}
	var centre []float32
	if l.Persona == nil {
		trust = 1
	} else {
		centre = l.Persona.Centre
	}
	for i := range s.candidates {
		c := &s.candidates[i]
		var row []float32
		if at := int(c.Song) * dim; at+dim <= len(m.Vectors.Data) {
			row = m.Vectors.Data[at : at+dim]
		}
		mine := c.Evidence/scale + CosineShare*closest(own, row)
		if l.Persona != nil {
			theirs := c.persona + CosineShare*closest(centre, row)
			mine = float32(trust*mine) + float32((1-trust)*theirs)
		}
		c.Raw.Taste, c.Raw.Popularity = mine, m.popularity(l, c)
	}
}

// closest returns the largest cosine of a song's vector to any of some unit vectors, at least 0.
func closest(vectors, row []float32) (best float32) {
	if len(row) == 0 {
		return 0
	}
	for ; len(vectors) >= len(row); vectors = vectors[len(row):] {
		best = max(best, simd.Dot(vectors[:len(row)], row))
	}
	return best
}

// popularity returns log(1+listeners) in the home region's chart over that of its first song, in the world's where the
// region has none; without charts, by all listeners or playlists ever. A song outside the chart is taken to have no more
// listeners than the chart's last.
func (m *Model) popularity(l *Listener, c *Candidate) float32 {
	if c.home >= 0 {
		return c.home
	}
	chart := l.Regional
	if chart == nil {
		chart = m.World
	}
	n, most := m.LogCount[c.Song], m.MaxLog
	if chart != nil && chart.most > 0 {
		n, most = min(n, chart.last), chart.most
	}
	if most <= 0 {
		return 0
	}
	return n / most
}
