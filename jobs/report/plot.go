package report

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"math"
	"regexp"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ink is a colour of the page. The plotting library writes fixed colours, so each ink is drawn as one that stands for it and
// becomes a variable of the style sheet afterwards: figures follow the light and dark colours of the page.
type ink uint8

// Inks. Those of series and heat are followed by the others of their row.
const (
	inkText ink = iota + 1
	inkSoft
	inkGrid
	inkCard
	inkSeries          // and the next eight: quiet, then 1 to 8
	inkHeat   ink = 32 // and the next eight: far below to far above
)

const (
	seriesInks = 9
	heatInks   = 9
)

// series returns the ink of a class of Key.
func series(class int) ink { return inkSeries + ink(class%seriesInks) }

// RGBA makes an ink a colour for the library.
func (i ink) RGBA() (r, g, b, a uint32) { return color.RGBA{B: uint8(i), A: 255}.RGBA() }

// variable names an ink in the style sheet.
func (i ink) variable() string {
	switch {
	case i == inkText:
		return "--ink"
	case i == inkSoft:
		return "--soft"
	case i == inkGrid:
		return "--grid"
	case i == inkCard:
		return "--card"
	case i >= inkHeat:
		return "--h" + strconv.Itoa(int(i-inkHeat))
	}
	return "--c" + strconv.Itoa(int(i-inkSeries))
}

var (
	inkColour  = regexp.MustCompile(`#0000([0-9A-Fa-f]{2})`)
	fontChoice = regexp.MustCompile(`font-family:[^;"]*;(font-variant:[^;"]*;)?(font-weight:[^;"]*;)?(font-style:[^;"]*;)?`)
	outerTag   = regexp.MustCompile(`(?s)^.*?<svg width="[^"]*" height="[^"]*"`)
)

// Widths of figures, in points; they are scaled to the page, so that text has about the size of small text there.
const (
	narrow   = vg.Length(340)
	textSize = vg.Length(10.5)
)

// newPlot returns an empty plot in the page's inks.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Width = 0
		a.Tick.LineStyle.Width = 0
		a.Tick.Length = 0
		a.Tick.Label.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: textSize}
		a.Tick.Label.Color = inkSoft
		a.Label.TextStyle.Font = a.Tick.Label.Font
		a.Label.TextStyle.Color = inkSoft
		a.Padding = 7
	}
	p.Y.Tick.Marker = fewTicks{}
	p.X.Tick.Marker = fewTicks{}
	return p
}

// fewTicks places ticks at round numbers: three to six.
type fewTicks struct{}

// Ticks returns the ticks of an axis.
func (fewTicks) Ticks(low, high float64) []plot.Tick {
	if !(high > low) {
		return []plot.Tick{{Value: low, Label: short(low, 1)}}
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/3)))
	for _, times := range []float64{5, 2} {
		if (high-low)/(step*times) >= 3 {
			step *= times
			break
		}
	}
	var out []plot.Tick
	for v := math.Ceil(low/step-1e-9) * step; v <= high+step*1e-9; v += step {
		out = append(out, plot.Tick{Value: v, Label: short(v, step)})
	}
	return out
}

// short writes a number with the digits that its step needs.
func short(v, step float64) string {
	if math.Abs(v) < step/1e6 {
		v = 0
	}
	switch {
	case math.Abs(v) >= 1e6:
		return decimals(v/1e6, digits(step/1e6)) + "M"
	case math.Abs(v) >= 1e4:
		return decimals(v/1e3, digits(step/1e3)) + "k"
	}
	return decimals(v, digits(step))
}

func digits(step float64) int { return max(0, int(math.Ceil(-math.Log10(step)-1e-9))) }

// render returns a plot as SVG in the page's inks; label tells what it shows to those who do not see it.
func render(p *plot.Plot, width, height vg.Length, label string) (template.HTML, error) {
	c := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(c), 2, -12, 0, 0)) // room for the end of the last label, whatever the font
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", fmt.Errorf("draw %s: %w", label, err)
	}
	text := fontChoice.ReplaceAllString(b.String(), "")
	text = inkColour.ReplaceAllStringFunc(text, func(found string) string {
		n, _ := strconv.ParseUint(found[5:], 16, 8)
		return "var(" + ink(n).variable() + ")"
	})
	tag := `<svg role="img" aria-label="` + template.HTMLEscapeString(label) + `"`
	loc := outerTag.FindStringIndex(text)
	if loc == nil {
		return "", fmt.Errorf("draw %s: the library wrote no svg element", label)
	}
	return template.HTML(tag + text[loc[1]:]), nil
}

// stroke returns a line style of an ink.
func stroke(i ink, width vg.Length) draw.LineStyle { return draw.LineStyle{Color: i, Width: width} }

// grid draws a line at each tick of the value axis, below what is drawn later.
type grid struct {
	across bool // values run along x
}

// Plot draws the grid.
func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	axis := p.Y
	if g.across {
		axis = p.X
	}
	for _, t := range axis.Tick.Marker.Ticks(axis.Min, axis.Max) {
		if t.Label == "" || t.Value < axis.Min || t.Value > axis.Max {
			continue
		}
		if g.across {
			c.StrokeLine2(stroke(inkGrid, .75), x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		} else {
			c.StrokeLine2(stroke(inkGrid, .75), c.Min.X, y(t.Value), c.Max.X, y(t.Value))
		}
	}
}

// disc appends a circle to a path.
func disc(path *vg.Path, at vg.Point, r vg.Length) {
	path.Move(vg.Point{X: at.X + r, Y: at.Y})
	path.Arc(at, r, 0, 2*math.Pi)
	path.Close()
}
