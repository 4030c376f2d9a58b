package sessions

import (
	"cmp"
	"math"
	"slices"

	"segue/transforms/algo/vec"
)

// decay is the weight of a play in the mixes beside that of the next one.
const decay = 0.9

var weights = func() (w [RecentSongs]float64) {
	w[0] = 1
	for i := 1; i < len(w); i++ {
		w[i] = w[i-1] * decay
	}
	return w
}()

// part is one entry of a mix.
type part struct {
	name  string
	share float64
}

// mixer works out what follows from the songs of a session heard last, at most RecentSongs. Its buffers are used again.
type mixer struct {
	moods, genres, tempos []part
	artists               []string
	songs                 []uint32
	vector                []float32
	unknown, repeats      int
	vectors               int // songs that have one
}

// of fills the mixer with the songs of the session of f; without tracks only repetitions are counted.
func (m *mixer) of(f *fold, tracks []Track) {
	m.moods, m.genres, m.tempos, m.artists, m.songs = m.moods[:0], m.genres[:0], m.tempos[:0], m.artists[:0], m.songs[:0]
	m.vector, m.unknown, m.repeats, m.vectors = m.vector[:0], 0, 0, 0
	n := int(min(f.plays, int64(f.heard)))
	for i := int(f.heard) - n; i < int(f.heard); i++ {
		song, outcome := f.song(i)
		if slices.Contains(m.songs, song) {
			m.repeats++
		}
		m.songs = append(m.songs, song)
		if len(tracks) > 0 {
			m.track(&tracks[song], weights[int(f.heard)-1-i], outcome)
		}
	}
	for _, mix := range [][]part{m.moods, m.genres, m.tempos} {
		settleShares(mix)
	}
	m.unit()
}

// track adds one song. Skipped songs say nothing of moods and vectors.
func (m *mixer) track(t *Track, weight float64, outcome uint8) {
	if !t.Known {
		m.unknown++
		return
	}
	if t.Artist != "" && !slices.Contains(m.artists, t.Artist) {
		m.artists = append(m.artists, t.Artist)
	}
	if outcome == outcomeSkip {
		return
	}
	m.moods = weigh(m.moods, t.Mood, weight)
	m.genres = weigh(m.genres, t.Genre, weight)
	m.tempos = weigh(m.tempos, t.Tempo, weight)
	if len(t.Vector) == 0 || len(m.vector) > 0 && len(m.vector) != len(t.Vector) {
		return
	}
	m.vectors++
	if len(m.vector) == 0 {
		m.vector = append(m.vector, make([]float32, len(t.Vector))...)
	}
	vec.Axpy(1, t.Vector, m.vector)
}

// weigh adds weight to the entry of name; unknown names do not count.
func weigh(mix []part, name string, weight float64) []part {
	if name == "" {
		return mix
	}
	for i := range mix {
		if mix[i].name == name {
			mix[i].share += weight
			return mix
		}
	}
	return append(mix, part{name, weight})
}

// settleShares makes the shares add up to 1, ordered by share falling, then name.
func settleShares(mix []part) {
	var sum float64
	for _, p := range mix {
		sum += p.share
	}
	for i := range mix {
		mix[i].share /= sum
	}
	slices.SortFunc(mix, func(a, b part) int { return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.name, b.name)) })
}

// unit scales the vector to length 1; a zero one is none.
func (m *mixer) unit() {
	if !vec.Unit(m.vector) {
		m.vector = m.vector[:0]
	}
}

// distance returns 1 - cosine of the session's vector and a taste; false where either is unknown.
func (m *mixer) distance(taste []float32) (float64, bool) {
	if len(m.vector) == 0 || len(taste) != len(m.vector) {
		return 0, false
	}
	var dot, sum float64
	for i, x := range taste {
		dot += float64(float64(x) * float64(m.vector[i]))
		sum += float64(float64(x) * float64(x))
	}
	if sum == 0 {
		return 0, false
	}
	return 1 - dot/math.Sqrt(sum), true
}
