package sgns

import (
	"math"
	"slices"
)

// thin sets the probability that an entry of a song is kept: all of them up to a share of Sample.
//
// Source: word2vec.c.
func (t *training) thin() {
	if t.p.Sample == 0 {
		return
	}
	var total float64
	for _, c := range t.Counts {
		total += float64(c)
	}
	t.keep = make([]float32, len(t.Counts))
	for i, c := range t.Counts {
		x := t.p.Sample * total / float64(max(c, 1))
		t.keep[i] = float32(min(math.Sqrt(x)+x, 1))
	}
}

// walker goes through playlists window by window.
type walker struct {
	t    *training
	r    random
	rows []int32 // of the playlist, thinned, in the order drawn for this time
}

// load takes a playlist and returns how many songs are left of it.
func (w *walker) load(playlist int32) int {
	w.rows = w.rows[:0]
	for _, song := range w.t.Playlists.Prefix(int(playlist), int32(len(w.t.Keys))) {
		if w.t.keep == nil || float32(w.r.next()>>40)/(1<<24) < w.t.keep[song] {
			w.rows = append(w.rows, w.t.layout.row[song])
		}
	}
	shuffle(&w.r, w.rows)
	return len(w.rows)
}

// window draws the places [lo, hi] around place i whose songs are its contexts; i is between them.
func (w *walker) window(i int) (lo, hi int) {
	b := 1 + w.r.below(w.t.p.Window)
	return max(0, i-b), min(len(w.rows)-1, i+b)
}

// epochOrder returns the playlists in the order of an epoch.
func (t *training) epochOrder(order []int32, epoch int) []int32 {
	order = slices.Grow(order[:0], t.Playlists.Rows())[:t.Playlists.Rows()]
	for i := range order {
		order[i] = int32(i)
	}
	r := newRandom(t.Seed, 1, epoch)
	shuffle(&r, order)
	return order
}

// entries returns the entries of a playlist before thinning.
func (t *training) entries(playlist int32) int {
	return len(t.Playlists.Prefix(int(playlist), int32(len(t.Keys))))
}

// rate returns the learning rate when a share of all work is done.
func (t *training) rate(done float64) float32 {
	return float32(t.p.Alpha * max(1-done, 1e-4))
}
