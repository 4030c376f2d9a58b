package evaluate

import (
	"segue/schemas"
	"segue/transforms/algo/metrics"
)

// draws of the bootstrap.
const draws = 1000

// board collects the rows of table evaluation, each with the series it is the value of.
type board struct {
	rows   []schemas.Evaluation
	series []metrics.Series // by row
}

// add adds a row of some cases, unless they are none or its value is not known.
func (b *board) add(metric, stratum, method string, s metrics.Series) {
	if len(s.Num) == 0 {
		return
	}
	if v := s.Value(); v != v { // a share of nothing, a ratio to 0
		return
	}
	b.rows = append(b.rows, schemas.Evaluation{Metric: metric, Stratum: stratum, Method: method, Cases: int64(len(s.Num))})
	b.series = append(b.series, s)
}

// finish fills in values and intervals.
func (b *board) finish(cases int, seed uint64) []schemas.Evaluation {
	for i, x := range metrics.Bootstrap(cases, b.series, draws, seed) {
		r := &b.rows[i]
		if r.Value = x.Value; r.Cases > 1 {
			r.Low, r.High = &x.Low, &x.High
		}
	}
	return b.rows
}

// rows returns the table's rows of held-out playlists. Intervals follow from seed.
func (m measured) rows(seed uint64, distances bool) []schemas.Evaluation {
	var b board
	long := m.where(atSeeds, metrics.MaxSeeds)
	for k, s := range strata {
		m.stratum(&b, s.name, k, nil)
	}
	m.stratum(&b, longStratum, len(strata)-1, long)
	for i, method := range m.methods {
		for k, metric := range listMetrics {
			if metric != MetricDistance || distances {
				b.add(metric, schemas.All, method, metrics.Series{Num: m.column(m.list(i, k), nil)})
			}
		}
	}
	m.pooled(&b)
	rows := b.finish(m.cases(), schemas.Hash64(seed, "evaluate/bootstrap"))
	for i, method := range m.methods {
		rows = append(rows,
			schemas.Evaluation{Metric: MetricCoverage, Stratum: schemas.All, Method: method, Value: metrics.Coverage(m.shown[i]), Cases: int64(m.cases())},
			schemas.Evaluation{Metric: MetricGini, Stratum: schemas.All, Method: method, Value: metrics.Gini(m.shown[i]), Cases: int64(m.cases())})
	}
	return rows
}

// stratum adds the hit metrics of some cases, and the ratios of nDCG; nil = all cases.
func (m measured) stratum(b *board, name string, k int, cases []int32) {
	for i, method := range m.methods {
		for x, metric := range hitMetrics {
			b.add(metric, name, method, metrics.Series{Cases: cases, Num: m.column(m.hit(i, k, x), cases)})
		}
	}
	for _, base := range []int{untruncated, truncated, len(methods)} {
		if base < len(m.methods) {
			b.add(MetricNDCG+Ratio, name, MethodPublished+"/"+m.methods[base], metrics.Series{
				Cases: cases, Num: m.column(m.hit(published, k, 0), cases), Den: m.column(m.hit(base, k, 0), cases),
			})
		}
	}
}

// pooled adds recall@100 by the popularity of the hidden songs: hits over hidden songs, over all cases that have some. Only
// methods that rank the whole catalogue have cold songs.
func (m measured) pooled(b *board) {
	for p, name := range parts {
		cases := m.where(atHidden+p, 1)
		hidden := m.column(atHidden+p, cases)
		for i, method := range m.methods {
			if p == coldPart && (i == truncated || i == popularity) {
				continue
			}
			found := m.column(m.found(i, p), cases)
			b.add(MetricRecall100, name, method, metrics.Series{Cases: cases, Num: found, Den: hidden})
			if i == untruncated || i == len(methods) {
				b.add(MetricRecall100+Ratio, name, MethodPublished+"/"+method, metrics.Series{
					Cases: cases, Num: m.column(m.found(published, p), cases), Den: found,
				})
			}
		}
	}
}
