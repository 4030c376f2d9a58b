package recommend

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/algo/simd"
	"segue/transforms/algo/spread"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// Measures of one list, in the order of measured.Sums.
const (
	headShare = iota
	artistEntropy
	intraListDistance
	novelty
	miscalibration
	measures
)

var measureNames = [measures]string{"head_share", "artist_entropy", "intra_list_distance", "novelty", "miscalibration"}

// micro makes values whole numbers, so that sums do not depend on their order.
const micro = 1e6

// Exposures are of all lists; the other measures, which cost more, of the lists of some listeners: of so many, or of this share of all if that
// is more, drawn by a hash of the listener, the same every night.
const (
	measuredLists = 5_000
	measuredShare = 1.0 / 16
)

// measured sums the measures of the general lists of one bucket.
type measured struct {
	Lists     int64           // with rows
	Sums      [measures]int64 // of millionths
	Counts    [measures]int64 // lists that have the measure
	Exposures lake.FileRef    // .npy int32 [songs]: lists that hold each song
}

// meter measures lists.
type meter struct {
	m        *model
	seed     uint64
	out      measured
	exposed  []int32
	artists  map[int32]int
	favoured []float64 // by class
	given    []float64
	near     []int32 // songs of the list at work
	vectors  [][]float32
	elements []float32 // of them
}

func (m *model) meter(seed uint64) *meter {
	n := len(m.classes)
	return &meter{m: m, seed: seed, exposed: make([]int32, len(m.ids)), artists: map[int32]int{}, favoured: make([]float64, n), given: make([]float64, n)}
}

func (q *meter) sum(measure int, value float64) {
	q.out.Sums[measure] += int64(math.Round(value * micro))
	q.out.Counts[measure]++
}

// of counts the songs of a general list, and measures it if the hash of the listener is not above some.
func (q *meter) of(p *person, rows []scoring.Row, above uint64) {
	if len(rows) == 0 {
		return
	}
	q.out.Lists++
	q.near = q.near[:0]
	for i := range rows {
		q.near = append(q.near, rows[i].Song)
	}
	simd.FetchEach(q.exposed, q.near)
	for _, song := range q.near {
		q.exposed[song]++
	}
	if schemas.Hash64(q.seed, "recommend/measure", p.row.UserID) <= above {
		q.add(&p.listener, rows)
	}
}

// add measures the list of q.near.
func (q *meter) add(l *scoring.Listener, rows []scoring.Row) {
	m, head, bits := q.m, 0, 0.0
	clear(q.artists)
	simd.FetchEach(m.scoring.Catalogue.Artist, q.near)
	simd.FetchEach(m.scoring.LogCount, q.near)
	simd.FetchEach(m.head, q.near)
	for _, song := range q.near {
		artist := m.scoring.Catalogue.Artist[song]
		if artist < 0 { // nobody known: another one each time
			artist = -2 - song
		}
		q.artists[artist]++
		if m.head[song] {
			head++
		}
		bits += float64(m.scoring.MaxLog-m.scoring.LogCount[song]) / math.Ln2
	}
	q.sum(headShare, float64(head)/float64(len(rows)))
	q.sum(novelty, bits/float64(len(rows)))
	counts := make([]int, 0, len(q.artists))
	for _, n := range q.artists {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	q.sum(artistEntropy, spread.Entropy(counts))
	if d, ok := spread.Distance(q.directions()); ok {
		q.sum(intraListDistance, d)
	}
	q.calibration(l, rows)
}

// directions returns the vectors of q.near; they are valid until the next list.
func (q *meter) directions() [][]float32 {
	dim := q.m.scoring.Vectors.Dim
	q.vectors = q.vectors[:0]
	q.elements = slices.Grow(q.elements[:0], dim*len(q.near))[:dim*len(q.near)]
	for i, song := range q.near {
		v := q.elements[i*dim : (i+1)*dim]
		q.m.scoring.Direction(song, v)
		q.vectors = append(q.vectors, v)
	}
	return q.vectors
}

// calibration compares the classes of a list with those of the favourites by weight.
func (q *meter) calibration(l *scoring.Listener, rows []scoring.Row) {
	clear(q.favoured)
	clear(q.given)
	c := &q.m.scoring.Catalogue
	add := func(to []float64, song int32, weight float64) {
		classes := c.Classes[c.ClassStart[song]:c.ClassStart[song+1]]
		for _, k := range classes {
			to[k] += weight / float64(len(classes))
		}
	}
	for _, f := range l.Favourites {
		add(q.favoured, f.Song, float64(f.Weight))
	}
	for i := range rows {
		add(q.given, rows[i].Song, 1)
	}
	if d, ok := spread.Apart(q.favoured, q.given); ok {
		q.sum(miscalibration, d)
	}
}

// close writes the exposures of songs and returns all sums.
func (q *meter) close(ctx context.Context, env *work.Env, item string) (measured, error) {
	var err error
	q.out.Exposures, err = npy.Write(ctx, env.Lake, env.File("exposure", item, ".npy"), q.exposed, len(q.exposed))
	return q.out, err
}

// markHead marks the songs that make up the first third of all listening.
func (m *model) markHead() {
	m.head = make([]bool, len(m.ids))
	var total, so float64
	for _, x := range m.scoring.LogCount {
		total += math.Expm1(float64(x))
	}
	for _, song := range m.scoring.Popular {
		if so >= total/3 {
			break
		}
		m.head[song] = true
		so += math.Expm1(float64(m.scoring.LogCount[song]))
	}
}

// writeQuality adds up the measures of all buckets and writes table list_quality.
func writeQuality(ctx context.Context, sc *work.Context, parts []measured) error {
	var all measured
	var exposed []int64
	for _, p := range parts {
		all.Lists += p.Lists
		for i := range p.Sums {
			all.Sums[i], all.Counts[i] = all.Sums[i]+p.Sums[i], all.Counts[i]+p.Counts[i]
		}
		a, err := npy.Open[int32](ctx, sc.Env().Lake, p.Exposures)
		if err != nil {
			return fmt.Errorf("read exposures: %w", err)
		}
		if exposed == nil {
			exposed = make([]int64, len(a.Data))
		}
		for i, n := range a.Data {
			exposed[i] += int64(n)
		}
		a.Close() // read-only: nothing is lost
	}
	before, err := tables.Read[schemas.ListQuality](ctx, sc.Env().Lake, sc.Previous(schemas.TableListQuality))
	if err != nil {
		return err
	}
	return writeTable(ctx, sc, schemas.TableListQuality, "all", qualityRows(all, exposed, before))
}

// qualityRows returns the table's rows by metric; none without lists.
func qualityRows(all measured, exposed []int64, before []schemas.ListQuality) []schemas.ListQuality {
	if all.Lists == 0 {
		return nil
	}
	rows := []schemas.ListQuality{
		{Metric: "catalogue_coverage", Value: spread.Covered(exposed), Lists: all.Lists},
		{Metric: "exposure_gini", Value: spread.Gini(exposed), Lists: all.Lists},
	}
	for i, name := range measureNames {
		if n := all.Counts[i]; n > 0 {
			rows = append(rows, schemas.ListQuality{Metric: name, Value: float64(all.Sums[i]) / micro / float64(n), Lists: n})
		}
	}
	slices.SortFunc(rows, func(a, b schemas.ListQuality) int { return strings.Compare(a.Metric, b.Metric) })
	for i := range rows {
		for _, b := range before {
			if b.Metric == rows[i].Metric {
				rows[i].Previous = &b.Value
			}
		}
	}
	return rows
}
