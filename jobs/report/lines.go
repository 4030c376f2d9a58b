package report

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// line is one series over an axis; NaN = no point there.
type line struct {
	name      string
	class     int
	values    []float64
	low, high []float64 // interval of each point; nil = none
}

// lines is a plot of series over common places.
type lines struct {
	caption string
	places  []float64 // along x, ascending
	ticks   []plot.Tick
	series  []line
	zero    bool // the value axis begins at 0
	height  vg.Length
}

// figure draws the lines; ok is false when there is no point.
func (l lines) figure() (Figure, bool, error) {
	low, high := l.reach()
	if low > high {
		return Figure{}, false, nil
	}
	p := newPlot()
	p.Add(grid{}, l)
	p.Y.Min, p.Y.Max = low, high
	p.X.Min, p.X.Max = l.places[0], l.places[len(l.places)-1]
	if p.X.Min == p.X.Max {
		p.X.Min, p.X.Max = p.X.Min-1, p.X.Max+1
	}
	p.X.Tick.Marker = plot.ConstantTicks(l.ticks)
	svg, err := render(p, narrow, max(l.height, 130), l.caption)
	f := Figure{SVG: svg, Caption: l.caption}
	for _, s := range l.series {
		if len(l.series) > 1 {
			f.Keys = append(f.Keys, Key{s.class, s.name})
		}
	}
	return f, true, err
}

// reach returns the ends of the value axis, with some room; low > high without any point.
func (l lines) reach() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range l.series {
		for _, all := range [][]float64{s.values, s.low, s.high} {
			for _, v := range all {
				if !math.IsNaN(v) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	if l.zero {
		low = min(low, 0)
	}
	room := (high - low) * .08
	switch {
	case low > high:
	case room == 0:
		room = cmp.Or(math.Abs(low)*.05, 1)
		if low != 0 || !l.zero {
			low -= room
		}
		high += room
	case l.zero:
		high += room
	default:
		low, high = low-room, high+room
	}
	return low, high
}

// Plot draws the bands of intervals, the lines and their points.
func (l lines) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, s := range l.series {
		var band []vg.Point
		for i := range s.low {
			if !math.IsNaN(s.low[i]) {
				band = append(band, vg.Point{X: x(l.places[i]), Y: y(s.low[i])})
			}
		}
		for i := range slices.Backward(s.high) {
			if !math.IsNaN(s.high[i]) {
				band = append(band, vg.Point{X: x(l.places[i]), Y: y(s.high[i])})
			}
		}
		c.FillPolygon(inkGrid, band)
		var run []vg.Point
		var dots vg.Path
		for i, v := range s.values {
			if math.IsNaN(v) {
				c.StrokeLines(stroke(series(s.class), 1.6), run)
				run = nil
				continue
			}
			at := vg.Point{X: x(l.places[i]), Y: y(v)}
			run = append(run, at)
			disc(&dots, at, 1.9)
		}
		c.StrokeLines(stroke(series(s.class), 1.6), run)
		c.SetColor(series(s.class))
		c.Fill(dots)
	}
}
