package scoring

import (
	"math"
	"slices"
)

// Slots of a row: how it came to its rank.
const (
	Ranked      = iota // by its score among the rows before
	Fresh              // by its score among songs new to the listener, of which the list wanted more
	Exploration        // by lot: its score may be anything
)

// Row is one song of a finished list.
type Row struct {
	Song        int32
	Score       float32
	Terms       Terms
	Adjustment  float32
	Adjustments Adjustments
	Sources     uint16
	Slot        int
	Seeds       []Seed

	evidence float32
}

// order makes numbers that fall from the best row to the last: by score falling, ties by song.
func order(score float32, song int32) uint64 {
	b := math.Float32bits(score)
	if b>>31 != 0 {
		b = ^b
	} else {
		b |= 1 << 31
	}
	return uint64(b)<<32 | uint64(^uint32(song))
}

func songOf(key uint64) int32 { return int32(^uint32(key)) }

// pick is one list in the making.
type pick struct {
	m       *Model
	s       *Scratch
	w       Weights
	length  int
	rows    []Row
	fresh   int // rows new to the listener
	ranked  int // rows that are not drawn by lot
	forFree int // least number of fresh ones among the ranked
}

// choose fills a list greedily with the row that scores best next to those chosen: one version a recording, caps an
// artist and album, each repetition of an artist or album discounted by one more step. Scores only fall while the list
// grows, so a stale top is scored again and put back. Some rows are drawn by lot; draw decides which.
//
// It becomes list number n, the general one being 0; the rows are valid until the scratch makes that list again.
func (m *Model) choose(s *Scratch, n int, w Weights, draw uint64) []Row {
	length := m.Settings.ContextLength
	if n == 0 {
		length = m.Settings.Length
	}
	for len(s.rows) <= n {
		s.rows = append(s.rows, nil)
	}
	p := &pick{m: m, s: s, w: w, length: length, rows: slices.Grow(s.rows[n][:0], length)}
	s.round++
	lots := int(float32(length) * m.Settings.Explore)
	p.ranked = length - lots
	if m.Settings.Mode != Discovery {
		p.forFree = int(float32(p.ranked) * m.Settings.FreshFloor)
	}
	s.keys = s.keys[:0]
	for i := range s.candidates {
		c := &s.candidates[i]
		s.keys = append(s.keys, order(Score(w, Terms{c.taste, c.context, c.popular}, c.base), c.Song))
	}
	heapify(s.keys)
	var passed []uint64 // known songs that had to let fresh ones pass
	for len(s.keys) > 0 && len(p.rows) < p.ranked {
		passed = p.next(passed)
	}
	if s.keys = append(s.keys, passed...); len(passed) > 0 { // not enough fresh ones after all
		heapify(s.keys)
	}
	p.forFree = 0
	for len(s.keys) > 0 && len(p.rows) < p.ranked {
		p.next(nil)
	}
	p.explore(lots, draw)
	for p.ranked = length; len(s.keys) > 0 && len(p.rows) < length; { // lots that found nothing
		p.next(nil)
	}
	for i := range p.rows {
		p.count(p.rows[i].Song, -1)
	}
	s.rows[n] = p.rows
	return p.rows
}

// next takes the top candidate: into the list, back with a new score, or away.
func (p *pick) next(passed []uint64) []uint64 {
	s, top := p.s, p.s.keys[0]
	c := &s.candidates[s.slot[songOf(top)]-1]
	if p.barred(c.Song) {
		s.keys = pop(s.keys)
		return passed
	}
	r := p.row(c)
	if again := order(r.Score, c.Song); again != top {
		s.keys[0] = again
		sink(s.keys, 0)
		return passed
	}
	s.keys = pop(s.keys)
	short := p.forFree-p.fresh >= p.ranked-len(p.rows)
	if known := c.marks&markKnown != 0; known && short {
		return append(passed, top)
	} else if !known {
		p.fresh++
		if short {
			r.Slot = Fresh
		}
	}
	p.keep(r)
	return passed
}

// barred reports whether caps or another version keep a song out of the list.
func (p *pick) barred(song int32) bool {
	c := &p.m.Catalogue
	artist, album := c.Artist[song], c.Album[song]
	return p.s.taken[c.Group[song]] == p.s.round ||
		artist >= 0 && int(p.s.artists[artist]) >= p.m.Settings.ArtistCap || album >= 0 && int(p.s.albums[album]) >= p.m.Settings.AlbumCap
}

func (p *pick) row(c *Candidate) Row {
	r := Row{Song: c.Song, Terms: Terms{c.taste, c.context, c.popular}, Sources: c.Sources, evidence: c.Evidence}
	r.Adjustments = p.m.adjusted(p.s, c)
	r.Adjustment = r.Adjustments.Sum()
	r.Score = Score(p.w, r.Terms, r.Adjustment)
	return r
}

func (p *pick) keep(r Row) {
	p.rows = append(p.rows, r)
	p.count(r.Song, 1)
	p.s.taken[p.m.Catalogue.Group[r.Song]] = p.s.round
}

func (p *pick) count(song, n int32) {
	if a := p.m.Catalogue.Artist[song]; a >= 0 {
		p.s.artists[a] += n
	}
	if a := p.m.Catalogue.Album[song]; a >= 0 {
		p.s.albums[a] += n
	}
}

// explore puts rows drawn by lot from the remaining candidates at places drawn by lot in the last four fifths of the list,
// as long as each has a whole list before it is filled; disliked songs are not drawn.
func (p *pick) explore(lots int, draw uint64) {
	if lots == 0 || len(p.rows) < p.ranked {
		return
	}
	h := p.s.lots[:0]
	for _, k := range p.s.keys {
		h = append(h, ^(mix(draw^uint64(uint32(songOf(k))))&^(1<<32-1) | k&(1<<32-1)))
	}
	p.s.lots = h
	heapify(h)
	var drawn []Row
	for len(h) > 0 && len(drawn) < lots { // least lot first
		c := &p.s.candidates[p.s.slot[songOf(^h[0])]-1]
		h = pop(h)
		if c.base < 0 || c.marks&markKnown != 0 || p.barred(c.Song) {
			continue
		}
		r := p.row(c)
		r.Slot = Exploration
		p.keep(r)
		drawn = append(drawn, r)
	}
	p.rows = p.rows[:len(p.rows)-len(drawn)]
	for i, r := range drawn { // one in each part of the list
		part := (p.length - p.length/5) / lots
		at := p.length/5 + i*part + int(mix(draw+uint64(i))%uint64(max(1, part)))
		p.rows = slices.Insert(p.rows, min(at, len(p.rows)), r)
	}
}

// mix is the finalizer of SplitMix64: a permutation of 64 bits.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func heapify(h []uint64) {
	for i := len(h)/2 - 1; i >= 0; i-- {
		sink(h, i)
	}
}

// sink restores the heap, largest on top, below one changed place.
func sink(h []uint64, i int) {
	x := h[i]
	for {
		k := 2*i + 1
		if k >= len(h) {
			break
		}
		if k+1 < len(h) && h[k+1] > h[k] {
			k++
		}
		if h[k] <= x {
			break
		}
		h[i], i = h[k], k
	}
	h[i] = x
}

func pop(h []uint64) []uint64 {
	n := len(h) - 1
	h[0] = h[n]
	if h = h[:n]; n > 0 {
		sink(h, 0)
	}
	return h
}
