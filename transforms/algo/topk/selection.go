package topk

// Selection collects the k best of many entries; faster than List where many of those offered enter. Scores are numbers;
// those below 0 are as good as others if all are offered, but sorted one by one. Reset makes it usable.
//
// Entries wait in a buffer. When it is full, and at the end, they are counted in bins by the leading bits of their scores,
// the bins beyond the k-th entry are dropped, and Floor rises: no comparisons of entries, so no branches to mispredict.
type Selection struct {
	Floor float32 // entries of lower scores are not among the best: they need not be offered, unless it is 0 and scores may be below

	k       int
	waiting []Key
	spare   []Key
	best    []Entry
	bins    [selectionBins]int32
}

// Scores fall into bins by their exponent and five bits of mantissa; those below 2^-24 share the last bin, those from 2^8 on the first.
const (
	selectionBins  = 1024
	selectionShift = 32 + 23 - 5
	selectionTop   = 1<<13 + (127+8)<<5 - 1 // keys of scores of at least 0 have their first bit set
	smallBin       = 24                     // entries that are sorted by insertion
)

// Reset empties the selection and sets how many entries it keeps, at least 1.
func (s *Selection) Reset(k int) {
	if size := max(4*k, 1024); s.k != k || cap(s.waiting) != size {
		s.k, s.waiting, s.spare = k, make([]Key, 0, size), make([]Key, size)
	}
	s.Floor, s.waiting = 0, s.waiting[:0]
}

// Offer takes an entry into account. Cost: O(1).
func (s *Selection) Offer(id int32, score float32) {
	if len(s.waiting) == cap(s.waiting) {
		s.cut()
	}
	s.waiting = append(s.waiting, NewKey(id, score))
}

// Sorted returns the k best, best first. They are valid until the next call; the selection must be reset before more is offered.
func (s *Selection) Sorted() []Entry {
	s.sort(s.spread())
	s.best = s.best[:0]
	for _, e := range s.waiting[:min(s.k, len(s.waiting))] {
		s.best = append(s.best, e.Entry())
	}
	return s.best
}

func bin(e Key) int {
	return min(max(selectionTop-int(e>>selectionShift), 0), selectionBins-1)
}

// spread leaves the entries of the bins up to the one that holds the k-th, bin after bin, and returns how many bins there are;
// bins then holds where each ends.
func (s *Selection) spread() int {
	clear(s.bins[:])
	for _, e := range s.waiting {
		s.bins[bin(e)]++
	}
	used, n := 0, int32(0)
	for used < selectionBins && int(n) < min(s.k, len(s.waiting)) {
		n, s.bins[used] = n+s.bins[used], n
		used++
	}
	for _, e := range s.waiting {
		if b := bin(e); b < used {
			s.spare[s.bins[b]] = e
			s.bins[b]++
		}
	}
	s.waiting, s.spare = s.spare[:n], s.waiting[:cap(s.waiting)]
	return used
}

// cut keeps the k best and raises Floor to the least of them.
func (s *Selection) cut() {
	used := s.spread()
	last := int32(0)
	if used > 1 {
		last = s.bins[used-2]
	}
	s.Floor = Select(s.waiting[last:], s.k-int(last)).Entry().Score
	s.waiting = s.waiting[:s.k]
}

// sort orders the entries within each bin.
func (s *Selection) sort(used int) {
	from := int32(0)
	for _, to := range s.bins[:used] {
		if part := s.waiting[from:to]; len(part) > smallBin {
			Sort(part)
		} else {
			insert(part)
		}
		from = to
	}
}

// insert sorts a few entries, falling.
func insert(part []Key) {
	for i := 1; i < len(part); i++ {
		e, k := part[i], i
		for ; k > 0 && part[k-1] < e; k-- {
			part[k] = part[k-1]
		}
		part[k] = e
	}
}
