package report

import (
	"context"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// flow shows the stages in the order they ran.
func flow(_ context.Context, n *night) ([]Block, error) {
	if len(n.stages) == 0 {
		return nil, empty("No stage of this run has ended.")
	}
	all := n.seconds()
	t := &Table{Columns: columns("stage", "#seconds", "#share of time", "#CPU seconds", "#rows read", "#table rows", "#written", "#peak memory")}
	took, wrote, held := bars{caption: "Seconds"}, bars{caption: "Rows written, tables and working data"}, bars{caption: "Peak memory, MiB"}
	for _, st := range n.stages {
		out := tableRows(st.Outputs)
		t.Add(textCell(st.Stage), Cell{Text: decimals(st.Seconds, 2)}, part(st.Seconds, all), Cell{Text: decimals(st.CPUSeconds, 2)},
			Cell{Text: count(refRows(st.Inputs))}, Cell{Text: count(out)}, Cell{Text: size(refBytes(st.Outputs))}, Cell{Text: size(st.PeakBytes)})
		took.add(st.Stage, mark{class: 1, value: st.Seconds})
		wrote.add(st.Stage, mark{class: 3, value: float64(refRows(st.Outputs))})
		held.add(st.Stage, mark{class: 4, value: float64(st.PeakBytes >> 20)})
	}
	var figures []Figure
	for _, b := range []bars{took, wrote, held} {
		f, err := b.figure()
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	tables := &Table{Columns: columns("table", "#rows", "#last night", "#change", "#size", "#files")}
	for _, found := range n.tables() {
		before, change := Cell{Text: "–"}, Cell{Text: "–"}
		if n.previous != nil {
			if was, err := n.previous.table(found.Name); err == nil {
				before = Cell{Text: count(was.Rows)}
				if was.Rows > 0 {
					change = Cell{Text: signed(100*float64(found.Rows-was.Rows)/float64(was.Rows), 1) + " %"}
				}
			}
		}
		tables.Add(textCell(found.Name), Cell{Text: count(found.Rows)}, before, change, Cell{Text: size(found.Bytes)}, Cell{Text: count(int64(len(found.Files)))})
	}
	return []Block{{Figures: figures, Table: t}, {Title: "Tables", Table: tables}}, nil
}

// part returns a share of a whole as a bar.
func part(v, whole float64) Cell {
	if whole <= 0 {
		return Cell{Text: "–"}
	}
	return Cell{Text: share(v / whole), Bar: v / whole}
}

func refRows(sets map[string][]lake.FileRef) (n int64) {
	for _, refs := range sets {
		for _, ref := range refs {
			n += ref.Rows
		}
	}
	return n
}

func refBytes(sets map[string][]lake.FileRef) (n int64) {
	for _, refs := range sets {
		for _, ref := range refs {
			n += ref.Size
		}
	}
	return n
}

// tableRows counts the rows of published tables.
func tableRows(sets map[string][]lake.FileRef) (n int64) {
	for name, refs := range sets {
		if _, ok := schemas.FindTable(name); ok {
			n += refRows(map[string][]lake.FileRef{name: refs})
		}
	}
	return n
}
