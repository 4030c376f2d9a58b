package scoring

import "slices"

// Habits collects what one listener did with every song; made by NewHabits. Events come in time order.
type Habits struct {
	at    []int32 // 1 + place in all, by song
	all   []habit
	songs []int32
}

// habit counts plays and skips of one song; verdict is 1 after a like or save, -1 after an unlike.
type habit struct {
	plays, skips int32
	verdict      int8
	day          int32 // of the last play
}

// NewHabits returns room for the songs of a catalogue; reusable after Reset.
func NewHabits(songs int) *Habits { return &Habits{at: make([]int32, songs)} }

// Reset forgets everything.
func (h *Habits) Reset() {
	for _, s := range h.songs {
		h.at[s] = 0
	}
	h.songs, h.all = h.songs[:0], h.all[:0]
}

// Add counts what was done with a song on a day: plays, skips among them, and the last word, 1 = liked, -1 = unliked, 0 = none.
func (h *Habits) Add(song, day, plays, skips int32, verdict int8) {
	k := h.at[song]
	if k == 0 {
		h.songs, h.all = append(h.songs, song), append(h.all, habit{day: -1 << 30})
		k = int32(len(h.all))
		h.at[song] = k
	}
	x := &h.all[k-1]
	x.plays, x.skips = x.plays+plays, x.skips+skips
	if plays > 0 {
		x.day = max(x.day, day)
	}
	if verdict != 0 {
		x.verdict = verdict
	}
}

// Known returns every song met, ascending.
func (h *Habits) Known() []int32 { return slices.Sorted(slices.Values(h.songs)) }

// Disliked returns the songs whose last word is an unlike, or that were skipped more often than not and never liked, ascending.
func (h *Habits) Disliked() []int32 {
	var out []int32
	for i, x := range h.all {
		if x.verdict < 0 || x.verdict == 0 && 2*x.skips > x.plays {
			out = append(out, h.songs[i])
		}
	}
	slices.Sort(out)
	return out
}

// Recent returns the songs played within days before today, by song.
func (h *Habits) Recent(today, days int32) []Recent {
	var out []Recent
	for i, x := range h.all {
		if age := today - x.day; age < days {
			out = append(out, Recent{h.songs[i], float32(max(age, 0))})
		}
	}
	slices.SortFunc(out, func(a, b Recent) int { return int(a.Song) - int(b.Song) })
	return out
}

// fewSkips is the number of skips below which nothing is said about an artist.
const fewSkips = 3

// DislikedArtists returns the artists skipped at least three times and in most of their plays, without a like, ascending.
func (h *Habits) DislikedArtists(artist []int32) []int32 {
	sums := map[int32]habit{}
	for i, x := range h.all {
		a := sums[artist[h.songs[i]]]
		a.plays, a.skips, a.verdict = a.plays+x.plays, a.skips+x.skips, max(a.verdict, x.verdict)
		sums[artist[h.songs[i]]] = a
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
