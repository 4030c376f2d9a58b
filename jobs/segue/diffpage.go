package main

import (
	"fmt"
	"slices"

	"segue/jobs/cli"
	"segue/jobs/report"
)

// page returns the findings as a page, one section each.
func (d *comparison) page() report.Page {
	a, b := d.a.manifest, d.b.manifest
	p := report.Page{
		Title: "Runs " + a.Run + " and " + b.Run, Kind: "Segue · two runs compared", Heading: a.Run + " and " + b.Run,
		Under: d.a.lake.URL(), Foot: "Made by segue " + version + ". The page loads nothing and runs no script.",
	}
	if d.different == 0 {
		p.Pills = []report.Pill{{Text: "equal contents", Status: report.StatusOK}}
	} else {
		p.Pills = []report.Pill{{Text: fmt.Sprintf("%d of %d tables differ", d.different, len(d.parts[0].table.Rows)), Status: report.StatusWarn}}
	}
	for _, found := range d.parts {
		s := report.Section{ID: found.name, Title: found.title}
		if len(found.table.Rows) == 0 {
			s.Empty = "Nothing differs."
		} else {
			s.Blocks = blocksOf(found.table)
		}
		p.Sections = append(p.Sections, s)
	}
	return p
}

// longFindings is how many rows of a finding are shown at once; longer ones are folded, a table of the night each.
const longFindings = 60

// blocksOf returns a finding as it is shown.
func blocksOf(t *cli.Table) []report.Block {
	if len(t.Rows) <= longFindings || t.Columns[0] != "table" {
		return []report.Block{{Table: cellsOf(t)}}
	}
	var out []report.Block
	for rows := t.Rows; len(rows) > 0; {
		n := slices.IndexFunc(rows, func(row []any) bool { return row[0] != rows[0][0] })
		if n < 0 {
			n = len(rows)
		}
		out = append(out, report.Block{Title: cli.Text(rows[0][0]), Table: cellsOf(&cli.Table{Columns: t.Columns, Rows: rows[:n]}), Folded: true})
		rows = rows[n:]
	}
	return out
}

// longText is how much of a value a cell shows: two such cells and four names fit a desktop window. The text and JSON forms show all of it.
const longText = 50

// shown cuts a long text, so that one value does not widen a whole table.
func shown(text string) string {
	if r := []rune(text); len(r) > longText {
		return string(r[:longText]) + "…"
	}
	return text
}

// cellsOf returns a table of a command as one of a page; columns of numbers alone stand to the right.
func cellsOf(t *cli.Table) *report.Table {
	out := &report.Table{}
	for _, name := range t.Columns {
		out.Columns = append(out.Columns, report.Column{Name: name, Right: true})
	}
	for _, row := range t.Rows {
		cells := make([]report.Cell, len(row))
		for i, v := range row {
			cells[i].Text = shown(cli.Text(v))
			switch v.(type) {
			case nil, int, int32, int64, float32, float64:
			default:
				out.Columns[i].Right = false
			}
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}
