package evaluate

import (
	"slices"

	"segue/transforms/algo/metrics"
)

// figures is what is known of each case, a row a case:
//
//	seeds, hidden songs by part, then by method: hit metrics by stratum, list metrics, hits among the first 100 by part
type figures struct {
	methods []string
	data    []float64 // [cases × width]
}

// Columns of a row.
const (
	atSeeds   = 0
	atHidden  = 1
	atMethods = atHidden + caseParts
)

func (f figures) block() int { return len(strata)*len(hitMetrics) + len(listMetrics) + caseParts }
func (f figures) width() int { return atMethods + len(f.methods)*f.block() }
func (f figures) cases() int { return len(f.data) / f.width() }

// Offsets of a method's figures.
func (f figures) hit(m, stratum, metric int) int {
	return atMethods + m*f.block() + stratum*len(hitMetrics) + metric
}
func (f figures) list(m, metric int) int { return f.hit(m, len(strata), metric) }
func (f figures) found(m, part int) int  { return f.list(m, len(listMetrics)) + part }

// column returns one figure of some cases, ascending; nil = of all.
func (f figures) column(at int, cases []int32) []float64 {
	w := f.width()
	if cases == nil {
		out := make([]float64, f.cases())
		for i := range out {
			out[i] = f.data[i*w+at]
		}
		return out
	}
	out := make([]float64, len(cases))
	for i, c := range cases {
		out[i] = f.data[int(c)*w+at]
	}
	return out
}

// where returns the cases of which a figure is at least a bound.
func (f figures) where(at int, least float64) []int32 {
	out := []int32{}
	for i, x := range f.column(at, nil) {
		if x >= least {
			out = append(out, int32(i))
		}
	}
	return out
}

// judge measures cases one after another. Not safe for concurrent use.
type judge struct {
	*bench
	figures
	facts *facts
	tops  []int32 // [cases × methods × shown] the first columns by every method with all seeds given; -1 = none
}

// addAll measures cases by all methods.
func (j *judge) addAll(cases []Case) {
	for _, c := range cases {
		j.add(c)
	}
}

// add measures one case by all methods.
func (j *judge) add(c Case) {
	row := make([]float64, j.width())
	row[atSeeds] = float64(len(c.Seeds))
	for _, s := range slices.Concat(c.Hidden, c.Cold) {
		row[atHidden+j.facts.part(s)]++
	}
	given := make([]int, len(strata))
	for k, s := range strata {
		given[k] = s.seeds
	}
	j.rankings(c, given, func(k int, ranked [][]int32) {
		for m, list := range ranked {
			copy(row[j.hit(m, k, 0):], measure(list, c, j.facts.artist))
			if k == len(strata)-1 {
				j.look(row, m, list, c)
			}
		}
	})
	j.data = append(j.data, row...)
}

// look measures what a list is like, and which hidden songs it finds.
func (j *judge) look(row []float64, m int, list []int32, c Case) {
	first := list[:min(shown, len(list))]
	f := j.facts
	copy(row[j.list(m, 0):], []float64{
		metrics.Novelty(first, f.n, f.playlists, shown), metrics.PopularityLift(first, c.Seeds, f.n, shown),
		metrics.ArtistEntropy(first, f.artist, shown), f.distance(first),
	})
	for _, s := range first {
		if slices.Contains(c.Hidden, s) {
			row[j.found(m, f.part(s))]++
		}
	}
	if len(c.Cold) > 0 {
		for _, s := range j.whole(m, c, list) {
			if slices.Contains(c.Cold, s) {
				row[j.found(m, coldPart)]++
			}
		}
	}
	for r := range shown {
		s := int32(-1)
		if r < len(first) {
			s = first[r]
		}
		j.tops = append(j.tops, s)
	}
}
