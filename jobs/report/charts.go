package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"segue/schemas"
)

const (
	chartRows   = 10
	chartDepth  = 100 // ranks within which a move counts
	chartWindow = 7   // days
)

// charts shows the head of the world's chart, and the songs that rose, came, fell and left most.
func charts(ctx context.Context, n *night) ([]Block, error) {
	rows, err := n.where(ctx, schemas.TableCharts, "region="+schemas.World, fmt.Sprintf("window_days=%d", chartWindow))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, empty("The world has no chart of %d days.", chartWindow)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.orZero("rank"), b.orZero("rank")) })
	wanted := map[string]bool{}
	for _, r := range rows {
		wanted[r.text("song_id")] = true
	}
	songs, err := n.catalogue(ctx, wanted)
	if err != nil {
		return nil, err
	}
	blocks := []Block{{Title: fmt.Sprintf("World, last %d days", chartWindow), Table: chartTable(rows[:min(chartRows, len(rows))], songs)}}
	if movers := moverRows(rows); len(movers) > 0 {
		blocks = append(blocks, Block{Title: "Movers", Note: "Songs among the first hundred that rose or fell most ranks since last night, and new ones.", Table: chartTable(movers, songs)})
	}
	return blocks, nil
}

func chartTable(rows []row, songs map[string]song) *Table {
	t := &Table{Columns: columns("#rank", "#move", "~song", "#listeners", "#before", "#growth")}
	for _, r := range rows {
		id := r.text("song_id")
		growth := Cell{Text: "–"}
		if g, ok := r.number("growth"); ok {
			growth = Cell{Text: signed(100*g, 0) + " %"}
		}
		if r.is("trending") {
			growth.Small = "trending"
		}
		t.Add(Cell{Text: count(int64(r.orZero("rank")))}, moveCell(r), songs[id].cell(id), Cell{Text: count(int64(r.orZero("listeners")))},
			Cell{Text: count(int64(r.orZero("listeners_before")))}, growth)
	}
	return t
}

// move returns how many ranks a song rose; ok is false for one that is new, or with no last night.
func move(r row) (ranks float64, ok bool) {
	before, ok := r.number("previous_rank")
	return before - r.orZero("rank"), ok
}

func moveCell(r row) Cell {
	up, ok := move(r)
	switch {
	case !ok:
		return Cell{Text: "new"}
	case up > 0:
		return Cell{Text: "▲ " + count(int64(up))}
	case up < 0:
		return Cell{Text: "▼ " + count(int64(-up))}
	}
	return Cell{Text: "="}
}

// moverRows returns the rows that moved most, by the size of the move falling, then rank; none where all are new.
func moverRows(rows []row) []row {
	known := slices.ContainsFunc(rows, func(r row) bool { _, ok := move(r); return ok })
	if !known {
		return nil
	}
	far := func(r row) float64 {
		up, ok := move(r)
		if !ok {
			return float64(len(rows)+1) - r.orZero("rank") // as from behind the list
		}
		return math.Abs(up)
	}
	moved := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return far(r) == 0 || r.orZero("rank") > chartDepth })
	slices.SortStableFunc(moved, func(a, b row) int { return cmp.Compare(far(b), far(a)) })
	return moved[:min(chartRows, len(moved))]
}
