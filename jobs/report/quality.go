package report

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"segue/schemas"
)

// Names of table evaluation that the page leads with.
const (
	leadMetric = "ndcg@100"
	published  = "published"
	itemKNN    = "item_knn"
	lastNight  = "last_night"
)

// measure is one row of table evaluation.
type measure struct {
	value, low, high float64 // low and high are NaN without an interval
	cases            int64
}

// cell shows a measure with its interval.
func (m measure) cell() Cell {
	c := Cell{Text: decimals(m.value, 3)}
	if !math.IsNaN(m.low) {
		c.Small = decimals(m.low, 3) + " – " + decimals(m.high, 3)
	}
	return c
}

// evaluated is table evaluation by metric, stratum and method, each in the order met.
type evaluated struct {
	metrics, strata, methods []string
	of                       map[[3]string]measure
}

func (e evaluated) at(metric, stratum, method string) (measure, bool) {
	m, ok := e.of[[3]string{metric, stratum, method}]
	return m, ok
}

func (n *night) evaluation(ctx context.Context) (evaluated, error) {
	rows, err := n.read(ctx, schemas.TableEvaluation)
	e := evaluated{of: map[[3]string]measure{}}
	for _, r := range rows {
		v, ok := r.number("value")
		if !ok {
			continue
		}
		m := measure{value: v, low: math.NaN(), high: math.NaN(), cases: int64(r.orZero("cases"))}
		if low, ok := r.number("low"); ok {
			if high, ok := r.number("high"); ok {
				m.low, m.high = low, high
			}
		}
		key := [3]string{r.text("metric"), r.text("stratum"), r.text("method")}
		e.of[key] = m
		for i, names := range []*[]string{&e.metrics, &e.strata, &e.methods} {
			if !slices.Contains(*names, key[i]) {
				*names = append(*names, key[i])
			}
		}
	}
	return e, err
}

// methodClasses gives methods their colours; others are quiet.
var methodClasses = map[string]int{published: 1, lastNight: 3, itemKNN: 2, itemKNN + "@100": 6, "context_lists": 5}

// hitMetrics are those of finding hidden songs, in the order they are shown; others say what lists are like.
var hitMetrics = []string{leadMetric, "r_precision", "r_precision_artist", "recall@10", "recall@100", "mrr", "clicks"}

// quality shows the metrics of all cases by method, ratios to baselines, strata, and lists published earlier against what followed.
func quality(ctx context.Context, n *night) ([]Block, error) {
	e, err := n.evaluation(ctx)
	if err != nil {
		return nil, err
	}
	hits, like, parts, days := e.groups()
	all := func(metric, method string) (measure, bool) { return e.at(metric, schemas.All, method) }
	lead := func(stratum, method string) (measure, bool) { return e.at(leadMetric, stratum, method) }
	var blocks []Block
	for _, f := range []struct {
		title, note string
		table       *Table
	}{
		{"All cases", "", e.table("metric", hits, all)},
		{"Against baselines", "Ratios on paired cases: above 1 the published lists are better; an interval that spans 1 decides nothing.", e.ratios(schemas.All)},
		{leadMetric + " by part of the cases", "", e.table("part", slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == schemas.All }), lead)},
		{"What the lists are like", "", e.table("metric", like, all)},
		{leadMetric + " of lists published earlier", "Against what the listeners came to hear in the days after.", e.table("lists", days, lead)},
	} {
		if len(f.table.Rows) > 0 {
			blocks = append(blocks, Block{Title: f.title, Note: f.note, Table: f.table})
		}
	}
	figures, err := e.figures([]rowsOf{{"All cases", hits, all}, {leadMetric + " by part of the cases", parts, lead}, {leadMetric + " of lists published earlier", days, lead}})
	if err != nil || len(figures) == 0 {
		return blocks, err
	}
	return append([]Block{{Figures: figures, Note: "Points with 95 % intervals over the same cases."}}, blocks...), nil
}

// groups sorts methods and metrics, and returns the metrics of hits, those of lists, the strata of playlists and those of days.
func (e evaluated) groups() (hits, like, parts, days []string) {
	slices.SortStableFunc(e.methods, func(a, b string) int { return rankIn(methodOrder, a) - rankIn(methodOrder, b) })
	slices.SortStableFunc(e.metrics, func(a, b string) int { return rankIn(hitMetrics, a) - rankIn(hitMetrics, b) })
	slices.SortStableFunc(e.strata, func(a, b string) int { return seedsOf(a) - seedsOf(b) })
	for _, m := range e.metrics {
		switch {
		case slices.Contains(hitMetrics, m):
			hits = append(hits, m)
		case !strings.HasSuffix(m, "_ratio"):
			like = append(like, m)
		}
	}
	for _, s := range e.strata {
		if strings.HasPrefix(s, schemas.StratumDays) {
			days = append(days, s)
		} else {
			parts = append(parts, s)
		}
	}
	return hits, like, parts, days
}

// seedsOf returns the number of seeds of a stratum by seeds, 0 of others: they go first.
func seedsOf(stratum string) (n int) {
	if digits, ok := strings.CutPrefix(stratum, "seeds="); ok {
		n, _ = strconv.Atoi(digits)
	}
	return n
}

// methodOrder is the order of methods; others follow.
var methodOrder = []string{published, lastNight, itemKNN, itemKNN + "@100"}

// rankIn returns the place of a name in an order; the names that are not in it share the last.
func rankIn(order []string, name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// rowsOf are the rows of a figure or table: their names, and the measure of each by method.
type rowsOf struct {
	caption string
	names   []string
	of      func(name, method string) (measure, bool)
}

// mostRows bounds the rows of a figure.
const mostRows = 16

// figures plots rows with measures in [0,1].
func (e evaluated) figures(all []rowsOf) (out []Figure, err error) {
	for _, r := range all {
		b := bars{caption: r.caption, points: true}
		methods := e.used(r.names, r.of)
		for _, name := range r.names {
			marks, top := marksOf(methods, func(method string) (measure, bool) { return r.of(name, method) })
			if len(marks) > 0 && top <= 1 && len(b.names) < mostRows {
				b.add(name, marks...)
			}
		}
		if len(b.names) == 0 {
			continue
		}
		for _, m := range methods {
			b.keys = append(b.keys, Key{methodClasses[m], m})
		}
		f, err := b.figure()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// used returns the methods that have a measure in any of the rows.
func (e evaluated) used(names []string, of func(name, method string) (measure, bool)) []string {
	return slices.DeleteFunc(slices.Clone(e.methods), func(method string) bool {
		return strings.Contains(method, "/") || !slices.ContainsFunc(names, func(name string) bool { _, ok := of(name, method); return ok })
	})
}

func marksOf(methods []string, of func(method string) (measure, bool)) (out []mark, top float64) {
	for _, method := range methods {
		m, ok := of(method)
		if !ok {
			continue
		}
		mk := mark{class: methodClasses[method], value: m.value}
		if !math.IsNaN(m.low) {
			mk.low, mk.high = m.low, m.high
		}
		out, top = append(out, mk), max(top, m.value, mk.high)
	}
	return out, top
}

// table returns the measures of some rows by method, under the methods that have any.
func (e evaluated) table(head string, names []string, of func(name, method string) (measure, bool)) *Table {
	t, methods := &Table{Columns: columns(head)}, e.used(names, of)
	for _, m := range methods {
		t.Columns = append(t.Columns, Column{Name: m, Right: true})
	}
	t.Columns = append(t.Columns, Column{Name: "cases", Right: true})
	for _, name := range names {
		cells, cases := []Cell{textCell(name)}, int64(0)
		for _, method := range methods {
			m, ok := of(name, method)
			if !ok {
				cells = append(cells, Cell{Text: "–"})
				continue
			}
			cells, cases = append(cells, m.cell()), max(cases, m.cases)
		}
		if cases > 0 {
			t.Add(append(cells, Cell{Text: count(cases)})...)
		}
	}
	return t
}

// ratios returns the paired comparisons of a stratum.
func (e evaluated) ratios(stratum string) *Table {
	t := &Table{Columns: columns("metric", "comparison", "#ratio", "verdict", "#cases")}
	for _, metric := range e.metrics {
		for _, method := range e.methods {
			m, ok := e.at(metric, stratum, method)
			if !ok || !strings.Contains(method, "/") {
				continue
			}
			verdict := Cell{Text: "no difference shown"}
			switch {
			case m.low > 1:
				verdict = Cell{Text: "better", Status: StatusOK}
			case m.high < 1:
				verdict = Cell{Text: "worse", Status: StatusFail}
			}
			t.Add(textCell(strings.TrimSuffix(metric, "_ratio")), textCell(method), m.cell(), verdict, Cell{Text: count(m.cases)})
		}
	}
	return t
}
