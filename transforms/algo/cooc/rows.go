package cooc

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/simd"
	"segue/transforms/algo/topk"
)

// Rows computes rows of scores one by one. Not safe for concurrent use: it keeps the sums of the row at hand.
type Rows struct {
	*memory
	m     Model
	cols  csr.Matrix // columns × playlists, of the whole matrix
	songs []int32    // song of each column
	p     Params
}

// memory is what rows are computed in. Between rows the sums are 0, so it goes from one Rows to the next as it is.
type memory struct {
	sums    []float32 // by column
	touched []int32   // columns with a sum, and room for those of one playlist more
	ones    []float32 // as many as a playlist has columns at most
	most    []float32 // largest factor of each stretch of columns, which bounds scores without a look at every factor
	sample  []topk.Key
	found   [chunk]summed
	best    topk.Selection
}

// summed is a column and what was added up of it.
type summed struct {
	sum    float32
	column int32
}

// stretch is the logarithm of how many columns share a bound.
const stretch = 8

// chunk is how many columns are scored before the best of them are looked for.
const chunk = 512

var memories sync.Pool // of *memory

// NewRows returns rows of a model; cols and songs are those of the matrix it was cut from. It needs 8 bytes a column,
// which Close hands to the next.
func NewRows(m Model, cols csr.Matrix, songs []int32, p Params) *Rows {
	r := &Rows{m: m, cols: cols, songs: songs, p: p}
	n := len(m.Right)
	if r.memory, _ = memories.Get().(*memory); r.memory == nil || len(r.sums) < n || len(r.touched) < n+p.Cap || len(r.ones) < p.Cap {
		r.memory = &memory{sums: make([]float32, n), touched: make([]int32, n+p.Cap), ones: slices.Repeat([]float32{1}, p.Cap)}
	}
	r.most = r.most[:0]
	for some := range slices.Chunk(m.Right, 1<<stretch) {
		r.most = append(r.most, slices.Max(some))
	}
	return r
}

// Close ends the use of the rows and of the lists they returned.
func (r *Rows) Close() {
	memories.Put(r.memory)
	r.memory = nil
}

// List returns the best neighbours of a column as songs, best first; none for a column outside the vocabulary.
// They are valid until the next call. Cost: Σ over its playlists of their songs.
func (r *Rows) List(col int) []topk.Entry {
	if col >= len(r.m.Right) {
		return nil
	}
	left, touched := r.m.Left[col], r.add(int32(col))
	floor := r.guess(touched, left)
	if r.choose(touched, left, floor) < r.p.Depth && floor > 0 { // too high, and the sums are gone
		r.choose(r.add(int32(col)), left, 0)
	}
	if found := r.best.Sorted(); len(found) > 0 {
		return found
	}
	return nil
}

// A list's last score is guessed from some of the columns where it is at most so long a part of them.
const (
	guessShare  = 1. / 3
	guessSample = 256 // columns at least
	guessOneIn  = 32  // of more
)

// guess returns a score that somewhat more columns reach than a list is long, as a sample of them tells; 0 where they are few. That it is too high,
// three standard deviations off, is rare.
func (r *Rows) guess(columns []int32, left float32) float32 {
	share := float64(r.p.Depth) / float64(len(columns))
	if share > guessShare {
		return 0
	}
	size := max(guessSample, len(columns)/guessOneIn)
	r.sample = r.sample[:0]
	for i := range size {
		j := columns[i*len(columns)/size]
		r.sample = append(r.sample, topk.NewKey(0, r.score(summed{r.sums[j], j}, left)))
	}
	reach := share * float64(size)
	return topk.Select(r.sample, int(reach+3*math.Sqrt(reach)+2)).Entry().Score
}

// choose selects the best of some columns whose scores are at least floor, and returns how many it looked at. Their sums are 0 afterwards.
func (r *Rows) choose(columns []int32, left, floor float32) (offered int) {
	r.best.Reset(r.p.Depth)
	r.best.Floor = floor
	for some := range slices.Chunk(columns, chunk) {
		offered += r.offer(some, left)
	}
	return offered
}

// offer takes the sums of some columns, offers those that may be among the best, and returns how many: scores are at least 0, and so ordered as
// their bits are; which pass by the largest factor of their stretch is counted, not branched on, for it is as good as random. A sum of 0 is the
// column itself.
func (r *Rows) offer(columns []int32, left float32) (offered int) {
	sums, most, found, n := r.sums, r.most, &r.found, 0
	floor := max(math.Float32bits(r.best.Floor), 1)
	for _, j := range columns {
		sum := sums[j]
		sums[j] = 0
		bound := math.Float32bits(float32(float32(sum*left) * most[j>>stretch]))
		found[n%chunk] = summed{sum, j}
		_, below := bits.Sub32(bound, floor, 0)
		n += int(1 - below)
	}
	for _, f := range found[:n] {
		if score := r.score(f, left); score >= r.best.Floor && score > 0 {
			r.best.Offer(r.songs[f.column], score)
			offered++
		}
	}
	return offered
}

// score returns the score of a sum.
func (r *Rows) score(f summed, left float32) float32 {
	return float32(float32(f.sum*left) * r.m.Right[f.column])
}

// add sums the playlists of a column in ascending order and returns the columns it touched; its own sum is 0.
func (r *Rows) add(col int32) []int32 {
	sums, touched, n := r.sums, r.touched, 0
	playlists := r.cols.Row(int(col))
	for i, p := range playlists {
		r.m.Rows.FetchAfter(playlists, i)
		row := r.m.Rows.Row(int(p))
		if len(row) == r.p.Cap { // perhaps a sample, perhaps without the song
			if _, in := slices.BinarySearch(row, col); !in {
				continue
			}
		}
		n += simd.AddAt(sums, row, r.ones, r.m.Weight[p], touched[n:])
	}
	sums[col] = 0
	return touched[:n]
}
