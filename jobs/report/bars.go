package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mark is a value on a row, with its interval where low < high.
type mark struct {
	class            int
	value, low, high float64
}

// bars is a plot with a row a name: bars from 0, or points with intervals.
type bars struct {
	caption string
	names   []string // from the top
	marks   [][]mark // by name
	points  bool
	keys    []Key
}

// add appends a row.
func (b *bars) add(name string, marks ...mark) {
	b.names, b.marks = append(b.names, name), append(b.marks, marks)
}

// figure draws the rows.
func (b bars) figure() (Figure, error) {
	low, high := 0.0, 0.0
	if b.points {
		low, high = math.Inf(1), math.Inf(-1)
	}
	for _, row := range b.marks {
		for _, m := range row {
			low, high = min(low, m.value), max(high, m.value)
			if m.low < m.high {
				low, high = min(low, m.low), max(high, m.high)
			}
		}
	}
	if !(low < high) {
		low, high = min(low, 0), max(high, 1)
	}
	p := newPlot()
	p.Add(grid{across: true}, b)
	p.X.Min, p.X.Max = low, high+(high-low)*.04
	if b.points {
		p.X.Min = max(min(low, 0), low-(high-low)*.04)
	}
	p.Y.Min, p.Y.Max = -.5, float64(len(b.names))-.5
	var ticks []plot.Tick
	for i, name := range b.names {
		ticks = append(ticks, plot.Tick{Value: float64(len(b.names) - 1 - i), Label: cut(name, 22)})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	height := vg.Length(34 + 17*len(b.names))
	if b.points {
		for _, row := range b.marks {
			height += vg.Length(max(0, len(row)-1)) * 5.5
		}
	}
	svg, err := render(p, narrow, height, b.caption)
	return Figure{SVG: svg, Caption: b.caption, Keys: b.keys}, err
}

// Plot draws the rows.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i, row := range b.marks {
		middle := y(float64(len(b.names) - 1 - i))
		for j, m := range row {
			if !b.points {
				c.FillPolygon(series(m.class), box(x(0), x(m.value), middle-5, middle+5))
				continue
			}
			at := middle + vg.Length(len(row)-1)*2.75 - vg.Length(j)*5.5
			if m.low < m.high {
				c.StrokeLine2(stroke(series(m.class), 1.3), x(m.low), at, x(m.high), at)
			}
			var dot vg.Path
			disc(&dot, vg.Point{X: x(m.value), Y: at}, 2.6)
			c.SetColor(series(m.class))
			c.Fill(dot)
		}
	}
}

// box returns the corners of a rectangle.
func box(x0, x1, y0, y1 vg.Length) []vg.Point {
	return []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

// cut shortens a text to some letters.
func cut(s string, letters int) string {
	r := []rune(s)
	if len(r) <= letters {
		return s
	}
	return string(r[:letters-1]) + "…"
}
