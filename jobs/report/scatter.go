package report

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// scatter is a map of points in the plane; those of one class are one path.
type scatter struct {
	caption string
	x, y    []float64
	class   []int
	keys    []Key
}

func (s scatter) figure() (Figure, error) {
	p := newPlot()
	p.HideAxes()
	p.Add(s)
	for i := range s.x {
		p.X.Min, p.X.Max = min(p.X.Min, s.x[i]), max(p.X.Max, s.x[i])
		p.Y.Min, p.Y.Max = min(p.Y.Min, s.y[i]), max(p.Y.Max, s.y[i])
	}
	if p.X.Min >= p.X.Max {
		p.X.Min, p.X.Max = p.X.Min-1, p.X.Min+1
	}
	if p.Y.Min >= p.Y.Max {
		p.Y.Min, p.Y.Max = p.Y.Min-1, p.Y.Min+1
	}
	svg, err := render(p, narrow, narrow*.8, s.caption)
	return Figure{SVG: svg, Caption: s.caption, Keys: s.keys}, err
}

// Plot draws the points, the quiet class first.
func (s scatter) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for class := range seriesInks {
		var dots vg.Path
		for i := range s.x {
			if s.class[i] == class {
				disc(&dots, vg.Point{X: x(s.x[i]), Y: y(s.y[i])}, 1.7)
			}
		}
		if len(dots) > 0 {
			c.SetColor(series(class))
			c.Fill(dots)
		}
	}
}
