package scoring

import (
	"cmp"
	"math"
	"slices"
)

// MaxNeighbours is how many candidates by neighbour evidence are looked at closely.
const MaxNeighbours = 400

// CosineShare is what a cosine of 1 to the taste vector adds to the raw taste term.
const CosineShare = 0.5

// Sources of a candidate, as bits; a row lists them in this order.
const (
	FromNeighbours = 1 << iota
	FromContext
	FromRegion
	FromWorld
	FromPopular
)

// Candidate is a song that may enter a list.
type Candidate struct {
	Song     int32
	Sources  uint8
	Evidence float64 // neighbour evidence, not normalised
	Raw      Raw
}

// Scratch is the memory one goroutine needs to make lists; reusable.
type Scratch struct {
	sum  []float64 // evidence by song, zero between lists
	slot []int32   // 1 + position among candidates by song, zero between lists
}

// NewScratch returns memory for a catalogue of songs.
func NewScratch(songs int) *Scratch {
	return &Scratch{sum: make([]float64, songs), slot: make([]int32, songs)}
}

// Candidates returns the songs of both pools that the listener may be given, with raw terms; extra are songs of the fill.
func (m *Model) Candidates(l *Listener, s *Scratch, extra []int32, keepKnown bool) []Candidate {
	touched := m.Lists.Evidence(l.Favourites, s.sum)
	defer func() {
		for _, j := range touched {
			s.sum[j] = 0
		}
	}()
	var out []Candidate
	add := func(songs []int32, depth int, source uint8) {
		for _, j := range songs[:min(depth, len(songs))] {
			if k := s.slot[j]; k > 0 {
				out[k-1].Sources |= source
			} else if m.allowed(l, j, keepKnown) {
				out = append(out, Candidate{Song: j, Sources: source, Evidence: s.sum[j]})
				s.slot[j] = int32(len(out))
			}
		}
	}
	add(m.best(l, s, touched, keepKnown), MaxNeighbours, FromNeighbours)
	if l.Cell != nil {
		add(l.Cell.Chart.songs(), m.Settings.PoolDepth, FromContext)
	}
	add(l.Regional.songs(), m.Settings.PoolDepth, FromRegion)
	add(m.World.songs(), m.Settings.PoolDepth, FromWorld)
	add(extra, len(extra), FromPopular)
	scale := norm(l.Favourites)
	for i := range out {
		if s.slot[out[i].Song] = 0; out[i].Evidence > 0 {
			out[i].Sources |= FromNeighbours
		}
		out[i].Raw = m.raw(l, out[i], scale)
	}
	return out
}

// evident is a song with its evidence.
type evident struct {
	sum  float64
	song int32
}

func compareEvident(a, b evident) int {
	return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.song, b.song))
}

// best returns the MaxNeighbours allowed songs of most evidence, ties by song. A buffer of twice as many is cut whenever
// it is full; a song below the last one kept is not looked at.
func (m *Model) best(l *Listener, s *Scratch, touched []int32, keepKnown bool) []int32 {
	keep := make([]evident, 0, 2*MaxNeighbours)
	var last evident
	for _, j := range touched {
		e := evident{s.sum[j], j}
		if last.sum > 0 && (e.sum < last.sum || compareEvident(e, last) > 0) || !m.allowed(l, j, keepKnown) {
			continue
		}
		if keep = append(keep, e); len(keep) == cap(keep) {
			slices.SortFunc(keep, compareEvident)
			keep = keep[:MaxNeighbours]
			last = keep[MaxNeighbours-1]
		}
	}
	slices.SortFunc(keep, compareEvident)
	songs := make([]int32, min(MaxNeighbours, len(keep)))
	for i := range songs {
		songs[i] = keep[i].song
	}
	return songs
}

// allowed reports whether a listener may be given a song: to be had in the home country and, unless known songs are
// kept, neither known nor another version of a known one.
func (m *Model) allowed(l *Listener, song int32, keepKnown bool) bool {
	if c := m.Catalogue.Countries[song]; len(c) > 0 && l.Region != "" && !slices.Contains(c, l.Region) {
		return false
	}
	return keepKnown || !contains(l.Known, song) && !contains(l.Known, m.Catalogue.Group[song])
}

func (m *Model) raw(l *Listener, c Candidate, scale float64) Raw {
	cos := float64(CosineShare * max(0, m.Vectors.cosine(l.Taste, c.Song)))
	r := Raw{Taste: c.Evidence/scale + cos, Popularity: m.popularity(l, c.Song)}
	if l.Cell != nil {
		r.Context = (l.Cell.reach(c.Song) + l.Cell.fit(m.Catalogue.Classes[c.Song])) / 2
	}
	return r
}

// popularity returns log(1+listeners) in the home region's chart over that of its first song, in the world's where the
// region has none; without charts, by all listeners or playlists ever. A song outside the chart is taken to have no more
// listeners than the chart's last.
func (m *Model) popularity(l *Listener, song int32) float64 {
	c := l.Regional
	if c == nil || c.most == 0 {
		c = m.World
	}
	if c == nil || c.most == 0 {
		return logShare(m.Count[song], m.MaxCount)
	}
	if n, ok := c.heard[song]; ok {
		return logShare(n, c.most)
	}
	return logShare(min(m.Count[song], c.least), c.most)
}

func (c *Cell) reach(song int32) float64 {
	if c.Chart == nil {
		return 0
	}
	return logShare(c.Chart.heard[song], c.Chart.most)
}

// fit returns the mean of lift/(1+lift) over the classes whose lift is known, one half without any.
func (c *Cell) fit(classes []int32) float64 {
	var sum, n float64
	for _, k := range classes {
		if lift, ok := c.Lift[k]; ok {
			sum += lift / (1 + lift)
			n++
		}
	}
	if n == 0 {
		return 0.5
	}
	return sum / n
}

func logShare(n, most int64) float64 {
	if n <= 0 || most <= 0 {
		return 0
	}
	return math.Log1p(float64(n)) / math.Log1p(float64(most))
}
