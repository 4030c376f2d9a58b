package report

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"segue/schemas"
)

// summary tells in tiles how the night went, and which rules of the gate do not hold.
func summary(ctx context.Context, n *night) ([]Block, error) {
	tiles := []Tile{n.releaseTile()}
	rules, err := n.read(ctx, schemas.TableGate)
	if err != nil && !errors.Is(err, errEmpty) {
		return nil, err
	}
	gate, verdict := gateTable(rules)
	tiles = append(tiles, verdict)
	rows, bytes := n.totals()
	tiles = append(tiles,
		Tile{Name: "Rows", Value: count(rows), Note: size(bytes) + " in " + fmt.Sprint(len(n.tables())) + " tables"},
		Tile{Name: "Time", Value: seconds(n.seconds()), Note: "sum of the stages"})
	if tile, ok := n.qualityTile(ctx); ok {
		tiles = append(tiles, tile)
	}
	if tile, ok := n.coverageTile(ctx); ok {
		tiles = append(tiles, tile)
	}
	if t, err := n.table(schemas.TableRejected); err == nil {
		tiles = append(tiles, Tile{Name: "Rejected records", Value: count(t.Rows), Note: "of all inputs"})
	}
	blocks := []Block{{Tiles: tiles}}
	switch {
	case len(gate.Rows) > 0:
		blocks = append(blocks, Block{Title: "Rules that do not hold", Table: gate})
	case len(rules) > 0:
		blocks = append(blocks, Block{Title: "Gate", Note: fmt.Sprintf("All %d rules hold.", len(rules))})
	}
	if o := n.override; o != nil {
		blocks = append(blocks, Block{Title: "Promoted despite its gate", Note: fmt.Sprintf("%s, on %s, despite %s: %s",
			o.By, o.At.UTC().Format("2 January 2006 15:04 UTC"), strings.Join(o.Rules, ", "), o.Reason)})
	}
	if len(rules) > 0 {
		blocks = append(blocks, Block{Title: "All rules", Table: allRules(rules), Folded: true})
	}
	return blocks, nil
}

func (n *night) releaseTile() Tile {
	t := Tile{Name: "Release", Value: n.state()}
	switch n.state() {
	case stateCurrent:
		t.Status, t.Note = StatusOK, "what readers see now"
	case statePublished:
		t.Status, t.Note = StatusOK, "current is "+n.pointer.Run
	case stateCandidate:
		t.Status, t.Note = StatusFail, "failed: "+strings.Join(n.manifest.Failed, ", ")
	case stateOverridden:
		t.Status, t.Note = StatusWarn, "failed: "+strings.Join(n.manifest.Failed, ", ")
	case stateUnfinished:
		t.Status, t.Note = StatusWarn, "no stage has ended"
		if len(n.stages) > 0 {
			t.Note = "after stage " + n.stages[len(n.stages)-1].Stage
		}
	}
	return t
}

// gateTable returns the rules that warn or fail, and the tile that sums up all.
func gateTable(rules []row) (*Table, Tile) {
	out := &Table{Columns: columns("rule", "status", "#figure", "#bound", "~what to do")}
	warned, failed := 0, 0
	for _, status := range []string{schemas.GateFail, schemas.GateWarn} {
		for _, r := range rules {
			if r.text("status") == status {
				out.Add(Cell{Text: r.text("rule"), Small: r.text("subject")}, statusCell(status), figureCell(r, "figure"), figureCell(r, "bound"),
					Cell{Text: r.text("advice"), Small: r.text("detail")})
			}
		}
	}
	for _, r := range rules {
		switch r.text("status") {
		case schemas.GateFail:
			failed++
		case schemas.GateWarn:
			warned++
		}
	}
	t := Tile{Name: "Gate", Note: fmt.Sprintf("%d rules hold", len(rules)-warned-failed)}
	switch {
	case len(rules) == 0:
		t.Value, t.Note = "–", "not judged"
	case failed > 0:
		t.Value, t.Status = fmt.Sprintf("%d failed", failed), StatusFail
	case warned > 0:
		t.Value, t.Status = fmt.Sprintf("%d warned", warned), StatusWarn
	default:
		t.Value, t.Status = "holds", StatusOK
	}
	return out, t
}

func allRules(rules []row) *Table {
	t := &Table{Columns: columns("rule", "subject", "status", "#figure", "#bound", "~detail")}
	for _, r := range rules {
		t.Add(textCell(r.text("rule")), textCell(r.text("subject")), statusCell(r.text("status")), figureCell(r, "figure"), figureCell(r, "bound"), textCell(r.text("detail")))
	}
	return t
}

// statusCell returns a pill of a gate's status.
func statusCell(status string) Cell { return Cell{Text: status, Status: status} }

// figureCell returns a number with up to four digits behind the point, "–" for none.
func figureCell(r row, column string) Cell {
	v, ok := r.number(column)
	if !ok {
		return Cell{Text: "–"}
	}
	return Cell{Text: trimmed(v)}
}

// trimmed writes a number without zeros at its end.
func trimmed(v float64) string {
	text := decimals(v, 4)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func (n *night) totals() (rows, bytes int64) {
	for _, t := range n.tables() {
		rows += t.Rows
		bytes += t.Bytes
	}
	return rows, bytes
}

func (n *night) qualityTile(ctx context.Context) (Tile, bool) {
	e, err := n.evaluation(ctx)
	if err != nil {
		return Tile{}, false
	}
	now, ok := e.at(leadMetric, schemas.All, published)
	if !ok {
		return Tile{}, false
	}
	t := Tile{Name: leadMetric, Value: decimals(now.value, 3)}
	if knn, ok := e.at(leadMetric, schemas.All, itemKNN); ok {
		t.Note = "item-kNN " + decimals(knn.value, 3)
	}
	return t, true
}

func (n *night) coverageTile(ctx context.Context) (Tile, bool) {
	rows, err := n.read(ctx, schemas.TableCoverage)
	if err != nil {
		return Tile{}, false
	}
	personal, all := 0.0, 0.0
	for _, r := range rows {
		if !ofAll(r) {
			continue
		}
		if r.text("tier") == schemas.TierPersonal {
			personal += r.orZero("users")
		}
		all += r.orZero("users")
	}
	if all == 0 {
		return Tile{}, false
	}
	return Tile{Name: "Personal lists", Value: share(personal / all), Note: "of " + count(int64(all)) + " listeners"}, true
}
