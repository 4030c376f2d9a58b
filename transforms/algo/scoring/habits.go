package scoring

import "slices"

// Habits collects what one listener did with every song; the zero value is empty. Events come in time order.
type Habits struct {
	songs map[int32]habit
}

// habit counts plays and skips of one song; verdict is 1 after a like or save, -1 after an unlike.
type habit struct {
	plays, skips int32
	verdict      int8
}

// Play counts one play, skipped or not.
func (h *Habits) Play(song int32, skipped bool) {
	h.change(song, func(x *habit) {
		if x.plays++; skipped {
			x.skips++
		}
	})
}

// Like keeps the last word on a song: a like or save, or an unlike.
func (h *Habits) Like(song int32, likes bool) {
	h.change(song, func(x *habit) {
		if x.verdict = -1; likes {
			x.verdict = 1
		}
	})
}

func (h *Habits) change(song int32, f func(x *habit)) {
	if h.songs == nil {
		h.songs = map[int32]habit{}
	}
	x := h.songs[song]
	f(&x)
	h.songs[song] = x
}

// Known returns every song met, ascending.
func (h *Habits) Known() []int32 {
	out := make([]int32, 0, len(h.songs))
	for s := range h.songs {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// Disliked returns the songs whose last word is an unlike, or that were skipped more often than not and never liked, ascending.
func (h *Habits) Disliked() []int32 {
	var out []int32
	for s, x := range h.songs {
		if x.verdict < 0 || x.verdict == 0 && 2*x.skips > x.plays {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// fewSkips is the number of skips below which nothing is said about an artist.
const fewSkips = 3

// DislikedArtists returns the artists skipped at least three times and in most of their plays, without a like, ascending.
func (h *Habits) DislikedArtists(artist []int32) []int32 {
	sums := map[int32]habit{}
	for s, x := range h.songs {
		a := sums[artist[s]]
		a.plays, a.skips, a.verdict = a.plays+x.plays, a.skips+x.skips, max(a.verdict, x.verdict)
		sums[artist[s]] = a
	}
	var out []int32
	for a, x := range sums {
		if a >= 0 && x.verdict <= 0 && x.skips >= fewSkips && 2*x.skips > x.plays {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return out
}
