// Package ranking orders a whole catalogue by score: the highest first, ties by id; songs without a score stand at 0 and take
// part. Most have none, so the cost is that of those that do.
package ranking

import (
	"math"
	"math/bits"
	"slices"

	"segue/transforms/algo/simd"
)

// Sums holds the scores of one case over a catalogue, most of which are 0 unless they are scaled. Not safe for concurrent use.
type Sums struct {
	score   []float64
	seen    []bool
	touched []int32
	scale   []float64 // of scaled sums: what their scores are multiplied with
	dense   int       // of scaled sums: columns before may all have scores
	above   []int32   // of scaled sums those that reach a guess
	marks   []uint64  // of them
	sample  []Entry
}

// NewSums returns zero scores for columns [0,n).
func NewSums(n int) *Sums { return &Sums{score: make([]float64, n), seen: make([]bool, n)} }

// Scaled returns the scores x[c]·scale[c], for ranking alone: of the first dense columns, and of others that Touch names.
func Scaled(x, scale []float64, dense int) *Sums { return &Sums{score: x, scale: scale, dense: dense} }

// Touch says which columns of scaled sums have scores beside the dense ones.
func (s *Sums) Touch(columns []int32) { s.touched = columns }

// Add adds x to the score of column c.
func (s *Sums) Add(c int32, x float64) {
	if !s.seen[c] {
		s.seen[c] = true
		s.touched = append(s.touched, c)
	}
	s.score[c] += x
}

// AddAll adds the scores of a row, each column once.
func (s *Sums) AddAll(row []Entry) {
	n := len(s.touched)
	s.touched = slices.Grow(s.touched, len(row)+1)[:n+len(row)+1]
	score, seen, touched := s.score, s.seen, s.touched
	for i := range row {
		c := row[i].Column
		touched[n] = c
		next := n + 1
		if seen[c] {
			next = n
		}
		n = next
		seen[c] = true
		score[c] += row[i].Score
	}
	s.touched = touched[:n]
}

// Score returns the score of column c.
func (s *Sums) Score(c int32) float64 {
	if s.scale == nil {
		return s.score[c]
	}
	return s.score[c] * s.scale[c]
}

// Reset sets all scores to 0. Cost: what was added since the last time.
func (s *Sums) Reset() {
	for _, c := range s.touched {
		s.score[c], s.seen[c] = 0, false
	}
	s.touched = s.touched[:0]
}

// One in how many scores is looked at to guess a bound: of columns that were added to, and of scaled sums.
const (
	sampleStep = 16
	scaledStep = 64
)

// guess returns a score that at least depth of the first limit columns should reach, from a sample: what is below it need not be
// ordered. It is the lowest number there is where a guess does not pay.
func (s *Sums) guess(limit, depth int) float64 {
	n, step := len(s.touched), sampleStep
	if s.scale != nil {
		n, step = min(s.dense, limit), scaledStep
	}
	if n < 2*step*step || n < 8*depth {
		return math.Inf(-1)
	}
	s.sample = s.sample[:0]
	for i := 0; i < n; i += step {
		c := int32(i)
		if s.scale == nil {
			c = s.touched[i]
		}
		if int(c) < limit && s.score[c] != 0 {
			s.sample = append(s.sample, Entry{Score: s.Score(c), ID: c})
		}
	}
	k := min(2*depth/step+sampleStep, len(s.sample))
	if k == 0 {
		return math.Inf(-1)
	}
	_, guess := Keep(s.sample, k)
	if guess <= 0 {
		return math.Inf(-1)
	}
	return guess
}

// Order ranks the columns of one catalogue. It keeps scratch memory: not safe for concurrent use.
type Order struct {
	ids  []int32 // breaks ties; nil = the column itself
	byID []int32 // columns by id, ascending
	skip []bool
	kept []Entry
}

// Entry is a column with its score; ID breaks ties.
type Entry struct {
	Score      float64
	ID, Column int32
}

func before(a, b Entry) bool {
	return a.Score > b.Score || a.Score == b.Score && a.ID < b.ID
}

func compare(a, b Entry) int {
	if before(a, b) {
		return -1
	}
	return 1 // ids differ
}

// NewOrder returns the order of columns [0,n); ids breaks ties and is unique, nil = the column itself.
// Cost: n, and the highest id.
func NewOrder(n int, ids []int32) *Order {
	o := &Order{ids: ids, byID: make([]int32, 0, n), skip: make([]bool, n)}
	if ids == nil || n == 0 {
		for c := range n {
			o.byID = append(o.byID, int32(c))
		}
		return o
	}
	next := make([]int32, slices.Max(ids[:n])+1) // by id, the place behind its column; 0 = it has none
	for c, id := range ids[:n] {
		next[id] = int32(c + 1)
	}
	for _, c := range next {
		if c > 0 {
			o.byID = append(o.byID, c-1)
		}
	}
	return o
}

// Top returns the depth best of the first limit columns by (score falling, id rising), without those in skip.
//
// Cost: the columns that were added to, the sort of those that are returned, and the zeros up to the last one returned.
func (o *Order) Top(s *Sums, limit int, skip []int32, depth int) []int32 {
	for _, c := range skip {
		o.skip[c] = true
	}
	least := s.guess(limit, depth)
	positive, negative := o.reaching(s, limit, least)
	if len(positive) < depth && !math.IsInf(least, -1) { // the guess was too high
		positive, negative = o.reaching(s, limit, math.Inf(-1))
	}
	out := appendBest(make([]int32, 0, depth), positive, depth)
	out = o.fill(out, s, limit, depth)
	out = appendBest(out, negative, depth)
	for _, c := range skip {
		o.skip[c] = false
	}
	return out
}

// reaching returns the first limit columns with a score of at least least that is not 0 and that are not passed over.
func (o *Order) reaching(s *Sums, limit int, least float64) (positive, negative []Entry) {
	positive = o.kept[:0]
	columns := s.touched
	if s.scale != nil {
		s.above = append(s.reach(s.above[:0], min(s.dense, limit), least), s.touched...)
		columns = s.above
	}
	for _, c := range columns {
		score := s.Score(c)
		if score < least || int(c) >= limit || score == 0 || o.skip[c] {
			continue
		}
		e := Entry{score, c, c}
		if o.ids != nil {
			e.ID = o.ids[c]
		}
		if e.Score > 0 {
			positive = append(positive, e)
		} else {
			negative = append(negative, e)
		}
	}
	o.kept = positive
	return positive, negative
}

// reach appends those of the first n columns of scaled sums whose score is at least least.
func (s *Sums) reach(to []int32, n int, least float64) []int32 {
	s.marks = slices.Grow(s.marks[:0], (n+63)/64)[:(n+63)/64]
	simd.Reaching(s.marks, s.score[:n], s.scale[:n], least)
	for w, marked := range s.marks {
		for ; marked != 0; marked &= marked - 1 {
			to = append(to, int32(64*w+bits.TrailingZeros64(marked)))
		}
	}
	return to
}

// fill appends columns with score 0 by id.
func (o *Order) fill(out []int32, s *Sums, limit, depth int) []int32 {
	for _, c := range o.byID {
		if len(out) >= depth {
			break
		}
		if int(c) < limit && s.score[c] == 0 && !o.skip[c] {
			out = append(out, c)
		}
	}
	return out
}

// appendBest appends the best entries until out has depth columns; it reorders all.
func appendBest(out []int32, all []Entry, depth int) []int32 {
	for _, e := range Best(all, depth-len(out)) {
		out = append(out, e.Column)
	}
	return out
}

// Best returns the k best entries, or all that there are, by (score falling, id rising). It reorders all, of which the result
// is the front.
func Best(all []Entry, k int) []Entry {
	k = min(k, len(all))
	selectBest(all, k)
	slices.SortFunc(all[:k], compare)
	return all[:k]
}

// Keep returns the k best entries in any order, and the lowest score among them; there are at least k > 0. It reorders all.
func Keep(all []Entry, k int) (best []Entry, lowest float64) {
	selectBest(all, k)
	lowest = all[0].Score
	for _, e := range all[:k] {
		lowest = min(lowest, e.Score)
	}
	return all[:k], lowest
}

// selectBest moves the k best entries to the front, in any order (Hoare's quickselect, the median of three as pivot).
func selectBest(all []Entry, k int) {
	lo, hi := 0, len(all)-1
	for k > 0 && lo < hi {
		pivot := median(all[lo], all[(lo+hi)/2], all[hi])
		i, j := lo, hi
		for i <= j {
			for before(all[i], pivot) {
				i++
			}
			for before(pivot, all[j]) {
				j--
			}
			if i <= j {
				all[i], all[j] = all[j], all[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}

func median(a, b, c Entry) Entry {
	if before(b, a) {
		a, b = b, a
	}
	if before(c, b) {
		b = c
	}
	if before(b, a) {
		b = a
	}
	return b
}
