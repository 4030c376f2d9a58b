package scoring

import (
	"math/bits"
	"slices"

	"segue/transforms/algo/topk"
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

// order makes keys that fall from the best row to the last: by score falling, ties by song.
func order(score float32, song int32) topk.Key { return topk.NewKey(song, score) }

func songOf(key topk.Key) int32 { return int32(^uint32(key)) }

// pick is one list in the making.
type pick struct {
	m       *Model
	s       *Scratch
	w       Weights
	length  int
	rows    []Row
	fresh   int        // rows new to the listener
	ranked  int        // rows that are not drawn by lot
	forFree int        // least number of fresh ones among the ranked
	low     []topk.Key // candidates that need not be looked at yet: no key is above high
	high    topk.Key

	groups          []int32 // recordings of the rows
	taken           filter  // those
	artists, albums filter  // of the rows
}

// early is how many halves of a list's length of candidates are put in order at first.
const early = 3

// divide makes the heap of the best keys; the others wait.
func (p *pick) divide() {
	keys := p.s.order
	if n := early * p.length / 2; len(keys) > 2*n {
		topk.Select(keys, n)
		keys, p.low = keys[:n], keys[n:]
		p.high = slices.Max(p.low)
	}
	p.s.keys = append(p.s.keys[:0], keys...)
	heapify(p.s.keys)
}

// more reports whether candidates are left; it has those that wait join the heap as soon as one might be on top.
func (p *pick) more() bool {
	if len(p.low) > 0 && (len(p.s.keys) == 0 || p.s.keys[0] < p.high) {
		p.s.keys = append(p.s.keys, p.low...)
		p.low = nil
		heapify(p.s.keys)
	}
	return len(p.s.keys) > 0
}

// choose fills a list greedily with the row that scores best next to those chosen: one version a recording, caps an
// artist and album, each repetition of an artist or album discounted by one more step. Scores only fall while the list
// grows, so a stale top is scored again and put back. Some rows are drawn by lot; draw decides which.
//
// The order of the candidates is set. It becomes list number n, the general one being 0; the rows are valid until the scratch makes that list again.
func (m *Model) choose(s *Scratch, n int, w Weights, draw uint64) []Row {
	length := m.Settings.ContextLength
	if n == 0 {
		length = m.Settings.Length
	}
	p := &pick{m: m, s: s, w: w, length: length, rows: slices.Grow(s.list(n)[:0], length), groups: s.groups[:0]}
	lots := int(float32(length) * m.Settings.Explore)
	p.ranked = length - lots
	if m.Settings.Mode != Discovery {
		p.forFree = int(float32(p.ranked) * m.Settings.FreshFloor)
	}
	p.divide()
	var passed []topk.Key // known songs that had to let fresh ones pass
	for p.more() && len(p.rows) < p.ranked {
		passed = p.next(passed)
	}
	if s.keys = append(s.keys, passed...); len(passed) > 0 { // not enough fresh ones after all
		heapify(s.keys)
	}
	p.forFree = 0
	for p.more() && len(p.rows) < p.ranked {
		p.next(nil)
	}
	p.explore(lots, draw)
	for p.ranked = length; p.more() && len(p.rows) < length; { // lots that found nothing
		p.next(nil)
	}
	for i := range p.rows {
		c := &s.candidates[s.slot[p.rows[i].Song]-1]
		p.count(c.artist, c.album, -1)
	}
	s.rows[n], s.groups = p.rows, p.groups
	return p.rows
}

// next takes the top candidate: into the list, back with a new score, or away.
func (p *pick) next(passed []topk.Key) []topk.Key {
	s, top := p.s, p.s.keys[0]
	c := &s.candidates[s.slot[songOf(top)]-1]
	if p.barred(c) {
		s.keys = pop(s.keys)
		return passed
	}
	if p.again(c) {
		a := p.m.adjusted(s, c)
		if now := order(Score(p.w, Terms{c.taste, c.context, c.popular}, a.Sum()), c.Song); now != top {
			s.keys[0] = now
			sink(s.keys, 0)
			return passed
		}
	}
	s.keys = pop(s.keys)
	short, slot := p.forFree-p.fresh >= p.ranked-len(p.rows), Ranked
	if known := c.marks&markKnown != 0; known && short {
		return append(passed, top)
	} else if !known {
		p.fresh++
		if short {
			slot = Fresh
		}
	}
	p.keep(c, slot)
	return passed
}

// again reports whether the list has a row of a song's artist or album, so that its first score may not stand.
func (p *pick) again(c *Candidate) bool { return p.ofArtist(c.artist) > 0 || p.ofAlbum(c.album) > 0 }

// barred reports whether caps or another version keep a song out of the list.
func (p *pick) barred(c *Candidate) bool {
	caps := &p.m.Settings
	return p.ofArtist(c.artist) >= caps.ArtistCap || p.ofAlbum(c.album) >= caps.AlbumCap || p.taken.has(c.group) && slices.Contains(p.groups, c.group)
}

// ofArtist returns how many rows are of an artist. Of most songs the filter knows that none is, and spares a distant read.
func (p *pick) ofArtist(artist int32) int {
	if artist < 0 || !p.artists.has(artist) {
		return 0
	}
	return int(p.s.artists[artist])
}

// ofAlbum returns how many rows are of an album.
func (p *pick) ofAlbum(album int32) int {
	if album < 0 || !p.albums.has(album) {
		return 0
	}
	return int(p.s.albums[album])
}

// row writes the row of a candidate next to those chosen so far.
func (p *pick) row(r *Row, c *Candidate) {
	*r = Row{}
	r.Song, r.Sources, r.evidence, r.Adjustment = c.Song, c.Sources, c.Evidence, c.base
	r.Terms.Taste, r.Terms.Context, r.Terms.Popularity = c.taste, c.context, c.popular
	if c.marks != 0 || p.again(c) {
		r.Adjustments = p.m.adjusted(p.s, c)
		r.Adjustment = r.Adjustments.Sum()
	}
	r.Score = Score(p.w, r.Terms, r.Adjustment)
}

// keep takes a candidate into the list.
func (p *pick) keep(c *Candidate, slot int) {
	n := len(p.rows)
	p.rows = slices.Grow(p.rows, 1)[:n+1]
	p.row(&p.rows[n], c)
	p.rows[n].Slot = slot
	p.count(c.artist, c.album, 1)
	p.groups = append(p.groups, c.group)
	p.taken.add(c.group)
}

func (p *pick) count(artist, album, n int32) {
	if artist >= 0 {
		p.artists.add(artist)
		p.s.artists[artist] += n
	}
	if album >= 0 {
		p.albums.add(album)
		p.s.albums[album] += n
	}
}

// explore puts rows drawn by lot from the remaining candidates at places drawn by lot in the last four fifths of the list,
// as long as each has a whole list before it is filled; disliked songs are not drawn.
func (p *pick) explore(lots int, draw uint64) {
	if lots == 0 || len(p.rows) < p.ranked {
		return
	}
	drawn := make([]Row, 0, lots)
	few := (manyLots << 32) * uint64(lots) / uint64(1+len(p.s.keys)+len(p.low))
	for from, to := uint64(0), min(few, 1<<32); from < 1<<32 && len(drawn) < lots; from, to = to, 1<<32 {
		drawn = p.draw(drawn, lots, draw, [2]uint64{from, to})
	}
	p.place(drawn, lots, draw)
}

// place puts rows that were drawn, and stand last, at their places, the last first: one in each of so many parts of the list.
func (p *pick) place(drawn []Row, lots int, draw uint64) {
	end := len(p.rows)
	for i, first := len(drawn)-1, len(p.rows)-len(drawn); i >= 0; i-- {
		part := max(1, (p.length-p.length/5)/lots)
		at := min(p.length/5+i*part+int(mix(draw+uint64(i))%uint64(part)), first+i)
		copy(p.rows[at+1:end], p.rows[at-i:])
		p.rows[at], end = drawn[i], at
	}
}

// manyLots is how many candidates for each row that is drawn by lot are put in order at first.
const manyLots = 8

// draw draws rows, least lot first, among the candidates whose lots are in a range, until there are so many.
func (p *pick) draw(drawn []Row, lots int, draw uint64, between [2]uint64) []Row {
	h := p.s.lots[:0]
	for _, keys := range [][]topk.Key{p.s.keys, p.low} {
		for _, k := range keys {
			if lot := mix(draw^uint64(uint32(songOf(k)))) >> 32; lot >= between[0] && lot < between[1] {
				h = append(h, ^(topk.Key(lot<<32) | k&(1<<32-1)))
			}
		}
	}
	p.s.lots = h
	heapify(h)
	for len(h) > 0 && len(drawn) < lots {
		c := &p.s.candidates[p.s.slot[songOf(^h[0])]-1]
		h = pop(h)
		if c.base < 0 || c.marks&markKnown != 0 || p.barred(c) {
			continue
		}
		p.keep(c, Exploration)
		drawn = append(drawn, p.rows[len(p.rows)-1])
	}
	return drawn
}

// mix is the finalizer of SplitMix64: a permutation of 64 bits.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func heapify(h []topk.Key) {
	for i := len(h)/2 - 1; i >= 0; i-- {
		sink(h, i)
	}
}

// sink restores the heap, largest on top, below one changed place.
func sink(h []topk.Key, i int) {
	x := h[i]
	for {
		k := 2*i + 1
		if k >= len(h) {
			break
		}
		if k+1 < len(h) { // the larger child, without a branch on which it is
			_, above := bits.Sub64(uint64(h[k]), uint64(h[k+1]), 0)
			k += int(above)
		}
		if h[k] <= x {
			break
		}
		h[i], i = h[k], k
	}
	h[i] = x
}

func pop(h []topk.Key) []topk.Key {
	n := len(h) - 1
	h[0] = h[n]
	if h = h[:n]; n > 0 {
		sink(h, 0)
	}
	return h
}
