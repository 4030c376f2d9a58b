package scoring

import (
	"cmp"
	"container/heap"
)

// Row is one song of a finished list.
type Row struct {
	Song       int32
	Score      float32
	Terms      Terms
	Adjustment float32
	Sources    uint8
	Seeds      []Favourite // weight = share of the row's evidence

	evidence float64
	base     float32 // adjustment that does not depend on other rows
}

// rowHeap keeps the best row on top: score falling, ties by song.
type rowHeap []Row

func (h rowHeap) Len() int { return len(h) }
func (h rowHeap) Less(a, b int) bool {
	return cmp.Or(cmp.Compare(h[b].Score, h[a].Score), cmp.Compare(h[a].Song, h[b].Song)) < 0
}
func (h rowHeap) Swap(a, b int) { h[a], h[b] = h[b], h[a] }

// Push adds a row; for container/heap.
func (h *rowHeap) Push(x any) { *h = append(*h, x.(Row)) }

// Pop removes the last row; for container/heap.
func (h *rowHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// choose fills a list greedily with the row that scores best next to those chosen: one version a recording, at most
// ArtistCap rows an artist, each repetition of an artist discounted by one more ArtistStep.
// A row's score only falls while the list grows, so a stale top is scored again and put back.
func (m *Model) choose(l *Listener, w Weights, candidates []Candidate) []Row {
	h := make(rowHeap, len(candidates))
	for i, c := range candidates {
		r := Row{Song: c.Song, Terms: m.Settings.Calibration.Terms(c.Raw), Sources: c.Sources, evidence: c.Evidence, base: m.push(l, c.Song)}
		r.Adjustment = r.base
		r.Score = Score(w, r.Terms, r.Adjustment)
		h[i] = r
	}
	heap.Init(&h)
	var rows []Row
	byArtist, recorded := map[int32]int{}, map[int32]bool{}
	for len(h) > 0 && len(rows) < m.Settings.Length {
		r := h[0]
		artist, group := m.Catalogue.Artist[r.Song], m.Catalogue.Group[r.Song]
		if recorded[group] || artist >= 0 && byArtist[artist] >= m.Settings.ArtistCap {
			heap.Pop(&h)
			continue
		}
		if artist >= 0 {
			r.Adjustment = r.base - float32(m.Settings.ArtistStep*float32(byArtist[artist]))
			r.Score = Score(w, r.Terms, r.Adjustment)
		}
		if r.Score != h[0].Score {
			h[0] = r
			heap.Fix(&h, 0)
			continue
		}
		heap.Pop(&h)
		rows = append(rows, r)
		recorded[group] = true
		if artist >= 0 {
			byArtist[artist]++
		}
	}
	return rows
}

// Tier returns the number of the rung that supplied a row: 0 personal, 1 context, 2 region, 3 world.
func (r Row) Tier() int {
	switch {
	case r.Sources&FromNeighbours != 0:
		return 0
	case r.Sources&FromContext != 0:
		return 1
	case r.Sources&FromRegion != 0:
		return 2
	default:
		return 3
	}
}

// push returns the discount of what the listener dislikes, 0 or below.
func (m *Model) push(l *Listener, song int32) float32 {
	var a float32
	if contains(l.Disliked, song) {
		a -= m.Settings.SongPush
	}
	if artist := m.Catalogue.Artist[song]; artist >= 0 && contains(l.DislikedArtists, artist) {
		a -= m.Settings.ArtistPush
	}
	return a
}
