package report

import (
	"context"
	"errors"
	"math"
	"time"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/plot"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// trendNights is how many releases the trends show.
const trendNights = 30

// past is what the trends know of one release.
type past struct {
	date     time.Time
	rows     int64
	seconds  float64
	counters map[string]int64
	rejected int64
	quality  evaluated
	personal float64 // share of listeners with a personal list; NaN = unknown
}

// trends shows figures of the last releases that count, and of this run.
func trends(ctx context.Context, n *night) ([]Block, error) {
	nights, err := n.pastNights(ctx)
	if err != nil {
		return nil, err
	}
	if len(nights) < 2 {
		return nil, empty("Trends begin with the second published night.")
	}
	var figures []Figure
	for _, l := range trendLines(nights) {
		f, ok, err := l.figure()
		if err != nil {
			return nil, err
		}
		if ok {
			figures = append(figures, f)
		}
	}
	return []Block{{Figures: figures}}, nil
}

// pastNights reads the releases up to this run's date, by date. A release that is gone is left out.
func (n *night) pastNights(ctx context.Context) ([]past, error) {
	var runs []string
	for _, run := range n.pointer.Releases {
		if date, _, _ := lake.ParseRun(run); date < n.info.Date {
			runs = append(runs, run)
		}
	}
	runs = append(runs, n.info.Run)
	runs = runs[max(0, len(runs)-trendNights):]
	found := make([]*past, len(runs))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, run := range runs {
		g.Go(func() error {
			p, err := openPast(gctx, n.store, run)
			if errors.Is(err, lake.ErrNotExist) {
				return nil
			}
			found[i] = p
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []past
	for _, p := range found {
		if p != nil {
			out = append(out, *p)
		}
	}
	return out, nil
}

func openPast(ctx context.Context, s lake.Store, run string) (*past, error) {
	n, err := openRecords(ctx, s, run)
	if err != nil {
		return nil, err
	}
	p := &past{seconds: n.seconds(), counters: n.counters, personal: math.NaN()}
	if p.date, err = time.Parse(time.DateOnly, n.info.Date); err != nil {
		return nil, err
	}
	p.rows, _ = n.totals()
	if t, err := n.table(schemas.TableRejected); err == nil {
		p.rejected = t.Rows
	}
	if p.quality, err = n.evaluation(ctx); err != nil && !errors.Is(err, errEmpty) {
		return nil, err
	}
	rows, err := n.read(ctx, schemas.TableCoverage)
	if err != nil && !errors.Is(err, errEmpty) {
		return nil, err
	}
	for _, r := range rows {
		if math.IsNaN(p.personal) {
			p.personal = 0
		}
		if ofAll(r) && r.text("tier") == schemas.TierPersonal {
			p.personal += r.orZero("share")
		}
	}
	return p, nil
}

// trendLines returns the plots, those without a point included.
func trendLines(nights []past) []lines {
	var places []float64
	for _, p := range nights {
		places = append(places, float64(p.date.Unix())/86400)
	}
	base := lines{places: places, ticks: dateTicks(nights, places)}
	one := func(caption string, zero bool, value func(past) float64) lines {
		l, series := base, line{name: caption, class: 1}
		for _, p := range nights {
			series.values = append(series.values, value(p))
		}
		l.caption, l.zero, l.series = caption, zero, []line{series}
		return l
	}
	return []lines{
		leadTrend(base, nights),
		one("Listeners with a personal list", false, func(p past) float64 { return p.personal }),
		one("New among the first 20 neighbours", true, counted("neighbours/churn_at_20_ppm", 1e6)),
		one("Median cosine to last night's vectors", false, counted("embed/cosine_ppm_median", 1e6)),
		one("Hubness of neighbours", false, counted("neighbours/hubness_thousandths", 1e3)),
		one("Rows of all tables", true, func(p past) float64 { return float64(p.rows) }),
		one("Rejected records", true, func(p past) float64 { return float64(p.rejected) }),
		one("Seconds of all stages", true, func(p past) float64 { return p.seconds }),
	}
}

// counted returns a counter of a night over a unit; NaN where it was not counted.
func counted(name string, unit float64) func(past) float64 {
	return func(p past) float64 {
		v, ok := p.counters[name]
		if !ok {
			return math.NaN()
		}
		return float64(v) / unit
	}
}

// leadTrend is the leading metric with its interval, beside item-kNN.
func leadTrend(l lines, nights []past) lines {
	l.caption = leadMetric
	for _, method := range []string{published, itemKNN} {
		s := line{name: method, class: methodClasses[method]}
		for _, p := range nights {
			m, ok := p.quality.at(leadMetric, schemas.All, method)
			if !ok {
				m = measure{value: math.NaN(), low: math.NaN(), high: math.NaN()}
			}
			s.values = append(s.values, m.value)
			if method == published {
				s.low, s.high = append(s.low, m.low), append(s.high, m.high)
			}
		}
		l.series = append(l.series, s)
	}
	return l
}

// dateTicks labels the first, the last and some dates between.
func dateTicks(nights []past, places []float64) []plot.Tick {
	var out []plot.Tick
	last := len(nights) - 1
	for _, i := range []int{0, last / 2, last} {
		if len(out) > 0 && out[len(out)-1].Value == places[i] {
			continue
		}
		out = append(out, plot.Tick{Value: places[i], Label: nights[i].date.Format("2 Jan")})
	}
	return out
}
