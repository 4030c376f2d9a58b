package report

import (
	"context"
	"fmt"
	"strings"

	"gonum.org/v1/plot"

	"segue/schemas"
)

// personaCurves is how many personas have a plot of their hours.
const personaCurves = 12

// personas shows what sets each segment apart, and when it listens.
func personas(ctx context.Context, n *night) ([]Block, error) {
	rows, err := n.read(ctx, schemas.TablePersonas)
	if err != nil {
		return nil, err
	}
	t := &Table{Columns: columns("~persona", "#listeners", "#share", "~genres", "~moods", "#joined", "#left")}
	var figures []Figure
	for _, r := range rows {
		name := fmt.Sprintf("%d · %s", int(r.orZero("persona")), words(r.text("label")))
		t.Add(Cell{Text: name, Small: shares(r.parts("devices"))}, Cell{Text: count(int64(r.orZero("listeners")))}, Cell{Text: share(r.orZero("share")), Bar: r.orZero("share")},
			textCell(lifts(r.parts("genres"))), textCell(lifts(r.parts("moods"))),
			Cell{Text: count(int64(r.orZero("joined")))}, Cell{Text: count(int64(r.orZero("left")))})
		if by := r.numbers("hour_shares"); len(by) == hours && len(figures) < personaCurves {
			f, ok, err := hourCurve(name, by).figure()
			if err != nil {
				return nil, err
			}
			if ok {
				figures = append(figures, f)
			}
		}
	}
	note := ""
	if v, ok := rows[0].number("stability"); ok {
		note = fmt.Sprintf("Stability %s: how far cuts from two halves of the listeners agree, at most 1.", decimals(v, 2))
	}
	blocks := []Block{{Note: note, Table: t}}
	if len(figures) > 0 {
		blocks = append(blocks, Block{Title: "Share of plays by local hour", Figures: figures})
	}
	return blocks, nil
}

func hourCurve(name string, shares []float64) lines {
	l := lines{caption: name, zero: true, height: 105, series: []line{{name: name, class: 1, values: shares}}}
	for hour := range shares {
		l.places = append(l.places, float64(hour))
	}
	for _, hour := range []float64{0, 6, 12, 18, hours - 1} {
		l.ticks = append(l.ticks, plot.Tick{Value: hour, Label: fmt.Sprint(hour)})
	}
	return l
}

// lifts writes the first classes with how much more of them there is.
func lifts(parts []row) string {
	var out []string
	for _, p := range parts[:min(3, len(parts))] {
		out = append(out, p.text("class")+" ×"+decimals(p.orZero("lift"), 1))
	}
	return orDash(out)
}

// shares writes the first names with their shares.
func shares(parts []row) string {
	var out []string
	for _, p := range parts[:min(3, len(parts))] {
		out = append(out, p.text("name")+" "+decimals(100*p.orZero("share"), 0)+" %")
	}
	return orDash(out)
}

func orDash(texts []string) string {
	if len(texts) == 0 {
		return "–"
	}
	return strings.Join(texts, ", ")
}
