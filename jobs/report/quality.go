package report

import (
	"context"
	"math"
	"slices"
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

// text writes a measure with its interval.
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
var methodClasses = map[string]int{published: 1, lastNight: 3, itemKNN: 2, itemKNN + "@100": 6}

// quality shows the metrics of all cases by method, ratios to baselines, and strata.
func quality(ctx context.Context, n *night) ([]Block, error) {
	e, err := n.evaluation(ctx)
	if err != nil {
		return nil, err
	}
	methods := slices.DeleteFunc(slices.Clone(e.methods), func(m string) bool { return strings.Contains(m, "/") })
	slices.SortStableFunc(methods, func(a, b string) int { return methodRank(a) - methodRank(b) })
	var blocks []Block
	if figures, err := e.leadFigures(methods); err != nil {
		return nil, err
	} else if len(figures) > 0 {
		blocks = append(blocks, Block{Figures: figures, Note: "Points with 95 % intervals over the same cases."})
	}
	heads := columns("metric")
	for _, m := range methods {
		heads = append(heads, Column{Name: m, Right: true})
	}
	blocks = append(blocks, Block{Title: "All cases", Table: e.table(heads, methods, schemas.All)})
	if ratios := e.ratios(schemas.All); len(ratios.Rows) > 0 {
		blocks = append(blocks, Block{Title: "Against baselines", Note: "Ratios on paired cases: above 1 the published lists are better; an interval that spans 1 decides nothing.", Table: ratios})
	}
	if strata := e.strataTable(heads, methods); len(strata.Rows) > 0 {
		blocks = append(blocks, Block{Title: leadMetric + " by part of the cases", Table: strata})
	}
	return blocks, nil
}

func methodRank(m string) int {
	order := []string{published, lastNight, itemKNN, itemKNN + "@100"}
	if i := slices.Index(order, m); i >= 0 {
		return i
	}
	return len(order)
}

// leadFigures plots the metrics that lie in [0,1], and the leading one by stratum.
func (e evaluated) leadFigures(methods []string) ([]Figure, error) {
	keys := []Key{}
	for _, m := range methods {
		keys = append(keys, Key{methodClasses[m], m})
	}
	byMetric := bars{caption: "All cases", points: true, keys: keys}
	for _, metric := range e.metrics {
		if strings.HasSuffix(metric, "_ratio") {
			continue
		}
		marks, top := e.marks(methods, metric, schemas.All)
		if len(marks) > 0 && top <= 1 && len(byMetric.names) < 8 {
			byMetric.add(metric, marks...)
		}
	}
	byStratum := bars{caption: leadMetric + " by part of the cases", points: true, keys: keys}
	for _, s := range e.strata {
		if marks, _ := e.marks(methods, leadMetric, s); len(marks) > 0 && len(byStratum.names) < 16 {
			byStratum.add(s, marks...)
		}
	}
	var out []Figure
	for _, b := range []bars{byMetric, byStratum} {
		if len(b.names) == 0 {
			continue
		}
		f, err := b.figure()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (e evaluated) marks(methods []string, metric, stratum string) (out []mark, top float64) {
	for _, method := range methods {
		m, ok := e.at(metric, stratum, method)
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

func (e evaluated) table(heads []Column, methods []string, stratum string) *Table {
	t := &Table{Columns: append(slices.Clone(heads), Column{Name: "cases", Right: true})}
	for _, metric := range e.metrics {
		if !strings.HasSuffix(metric, "_ratio") {
			e.addRow(t, metric, methods, func(method string) (measure, bool) { return e.at(metric, stratum, method) })
		}
	}
	return t
}

func (e evaluated) strataTable(heads []Column, methods []string) *Table {
	t := &Table{Columns: append(append(columns("part"), heads[1:]...), Column{Name: "cases", Right: true})}
	for _, stratum := range e.strata {
		if stratum != schemas.All {
			e.addRow(t, stratum, methods, func(method string) (measure, bool) { return e.at(leadMetric, stratum, method) })
		}
	}
	return t
}

// addRow adds the measures of each method; a row of none is left out.
func (e evaluated) addRow(t *Table, name string, methods []string, of func(method string) (measure, bool)) {
	cells, cases := []Cell{textCell(name)}, int64(0)
	for _, method := range methods {
		m, ok := of(method)
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
