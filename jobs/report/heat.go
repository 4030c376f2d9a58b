package report

import (
	"fmt"
	"html/template"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// hours of a day.
const hours = 24

// heat is a map of lifts: a row a class, a column an hour; NaN = nothing known.
type heat struct {
	caption string
	names   []string
	lifts   [][hours]float64
}

// heatReach is the lift, or its inverse, at which the colour is deepest.
const heatReach = 2

// heatInk returns the ink of a lift: on a logarithmic scale, 1 in the middle.
func heatInk(lift float64) ink {
	at := math.Log(lift) / math.Log(heatReach)
	step := math.Round(min(max(at, -1), 1) * (heatInks - 1) / 2)
	return inkHeat + (heatInks-1)/2 + ink(int8(step))
}

func (h heat) figure() (Figure, error) {
	p := newPlot()
	p.Add(h)
	p.X.Min, p.X.Max = -.5, hours-.5
	p.Y.Min, p.Y.Max = -.5, float64(len(h.names))-.5
	var across, up []plot.Tick
	for hour := 0; hour < hours; hour += 6 {
		across = append(across, plot.Tick{Value: float64(hour), Label: fmt.Sprint(hour)})
	}
	across = append(across, plot.Tick{Value: hours - 1, Label: fmt.Sprint(hours - 1)})
	for i, name := range h.names {
		up = append(up, plot.Tick{Value: float64(len(h.names) - 1 - i), Label: cut(name, 14)})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(across), plot.ConstantTicks(up)
	svg, err := render(p, narrow, vg.Length(28+15*len(h.names)), h.caption+": lift by hour, one row each of "+fmt.Sprint(h.names))
	return Figure{SVG: svg, Caption: h.caption}, err
}

// Plot draws the cells.
func (h heat) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i, row := range h.lifts {
		at := float64(len(h.names) - 1 - i)
		for hour, lift := range row {
			shade := ink(inkGrid)
			if !math.IsNaN(lift) && lift > 0 {
				shade = heatInk(lift)
			}
			left, right := x(float64(hour)-.5), x(float64(hour)+.5)
			c.FillPolygon(shade, box(left+.4, right-.4, y(at-.5)+.4, y(at+.5)-.4))
		}
	}
}

// heatScale draws what the colours of a heat map stand for.
func heatScale() (template.HTML, error) {
	p := newPlot()
	p.HideY()
	p.Add(scale{})
	p.X.Min, p.X.Max = -.5, heatInks-.5
	var ticks []plot.Tick
	for _, lift := range []float64{.5, .71, 1, 1.41, 2} {
		ticks = append(ticks, plot.Tick{Value: float64(heatInk(lift) - inkHeat), Label: fmt.Sprintf("%.2g×", lift)})
	}
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	p.Y.Min, p.Y.Max = 0, 1
	return render(p, narrow, 34, "scale of lifts, from half to twice as much")
}

type scale struct{}

// Plot draws the steps of the scale.
func (scale) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for i := range heatInks {
		c.FillPolygon(inkHeat+ink(i), box(x(float64(i)-.5)+.4, x(float64(i)+.5)-.4, c.Min.Y, c.Max.Y))
	}
}
