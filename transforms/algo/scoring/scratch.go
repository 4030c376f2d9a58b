package scoring

import "segue/transforms/algo/topk"

// Candidate is a song that may enter a list.
type Candidate struct {
	Song    int32
	Sources uint16
	marks   uint8
	fact
	Evidence float32 // neighbour evidence, not normalised
	persona  float32 // score among the persona's favourites
	home     float32 // reach in the home chart; below 0 = not in it
	reach    float32 // reach in the context's charts, by their shares; 0 but while they are looked through
	Raw      Raw
	taste    float32 // calibrated
	popular  float32
	context  float32 // of the list that is being made
	base     float32 // adjustment without repetitions
}

// marks of a song for the listener at work.
const (
	markKnown = 1 << iota
	markDisliked
	markRecent
	markPushed // of an artist that is disliked; of candidates only
	markBits   = 3
)

// Scratch is the memory one goroutine needs to make lists; reusable. 12 bytes a song, and those of Pack where the model is not packed.
type Scratch struct {
	packed
	sum     []float32 // evidence by song, zero between listeners
	slot    []int32   // 1 + position among candidates by song, zero between listeners
	mark    []uint32  // epoch and marks by song
	marked  filter    // songs with marks, which few are
	artists []int32   // rows by artist, zero between lists
	albums  []int32
	pushed  []uint32 // epoch in which an artist is disliked
	pushes  bool     // whether one is
	fit     []float32
	epoch   uint32
	trust   float32 // of the listener at work
	cut     float32 // of the listener's cosines
	mine    int     // how many of columns are theirs

	touched    []int32
	candidates []Candidate
	order      []topk.Key // candidates by score, in any order
	keys       []topk.Key // heap of those that are next
	lots       []topk.Key
	strong     []topk.Key // candidates for candidates, by evidence
	recent     []Recent   // of the listener at work
	rows       [][]Row    // of the lists last made
	explained  []explained
	listed     filter    // songs of explained
	own        []float32 // vectors of the listener and, last, of the persona
	columns    columns   // those, rounded
	sums       []int32   // of all candidates' rows with the columns
	near       []int32   // songs whose data are read next
	groups     []int32   // recordings of the list in the making

	country string
	open    []bool // markets open to country
}

// NewScratch returns memory for the songs of a model.
func (m *Model) NewScratch() *Scratch {
	n, p := len(m.LogCount), m.packed
	if p.facts == nil {
		p = m.pack()
	}
	return &Scratch{
		packed: p,
		sum:    make([]float32, n), slot: make([]int32, n), mark: make([]uint32, n),
		artists: make([]int32, m.Catalogue.Artists), albums: make([]int32, m.Catalogue.Albums), pushed: make([]uint32, m.Catalogue.Artists),
		fit: make([]float32, m.Catalogue.ClassCount), country: "?",
	}
}

// begin notes what the listener knows and dislikes.
func (s *Scratch) begin(m *Model, l *Listener) {
	if s.epoch++; s.epoch >= 1<<(32-markBits) {
		clear(s.mark)
		clear(s.pushed)
		s.epoch = 1
	}
	s.marked = filter{}
	set := func(songs []int32, mark uint32) {
		for _, j := range songs {
			s.marked.add(j)
			if s.mark[j]>>markBits != s.epoch {
				s.mark[j] = s.epoch << markBits
			}
			s.mark[j] |= mark
		}
	}
	s.pushes = len(l.DislikedArtists) > 0
	set(l.Known, markKnown)
	set(l.Disliked, markDisliked)
	for _, a := range l.DislikedArtists {
		s.pushed[a] = s.epoch
	}
	s.recent = l.Recent
	for i := range l.Recent {
		set([]int32{l.Recent[i].Song}, markRecent)
	}
	m.tastes(l, s)
	m.setTrust(l, s)
	if l.Region != s.country {
		s.country, s.open = l.Region, m.Catalogue.Markets.open(l.Region)
	}
}

// list returns the rows of list n, as they were last made.
func (s *Scratch) list(n int) []Row {
	for len(s.rows) <= n {
		s.rows = append(s.rows, nil)
	}
	return s.rows[n]
}

// days returns how many days ago a recent song was last played.
func (s *Scratch) days(song int32) float32 {
	for i := len(s.recent) - 1; i >= 0; i-- {
		if s.recent[i].Song == song {
			return s.recent[i].Days
		}
	}
	return 0
}

// marks returns the marks of a song, the known mark also where another version of it is known.
func (s *Scratch) marks(song int32) uint8 {
	out := s.markOf(song)
	if g := s.facts[song].group; g != song {
		out |= s.markOf(g) & markKnown
	}
	return out
}

// markOf returns the marks of one version of a song.
func (s *Scratch) markOf(song int32) uint8 {
	if s.marked.has(song) && s.mark[song]>>markBits == s.epoch {
		return uint8(s.mark[song] & (1<<markBits - 1))
	}
	return 0
}
