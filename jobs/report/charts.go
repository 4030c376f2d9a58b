package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"segue/schemas"
)

const (
	chartRows   = 10
	chartDepth  = 100 // ranks within which a move counts
	chartWindow = 7   // days
	topRegions  = 6   // countries whose movers are shown
	regionRows  = 3   // of each
)

// charts shows the head of the world's chart, and the songs that rose, came, fell and left most there and by country.
func charts(ctx context.Context, n *night) ([]Block, error) {
	all, err := n.where(ctx, schemas.TableCharts, fmt.Sprintf("window_days=%d", chartWindow))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(a.orZero("rank"), b.orZero("rank")) })
	regions := map[string][]row{}
	for _, r := range all {
		if r.text("level") == r.text("region") { // not the world's list for want of listeners
			regions[r.text("region")] = append(regions[r.text("region")], r)
		}
	}
	world := regions[schemas.World]
	if len(world) == 0 {
		return nil, empty("The world has no chart of %d days.", chartWindow)
	}
	movers, byRegion := moverRows(world, chartRows), regionMovers(regions)
	wanted := map[string]bool{}
	for _, r := range slices.Concat(world, byRegion) {
		wanted[r.text("song_id")] = true
	}
	songs, err := n.catalogue(ctx, wanted)
	if err != nil {
		return nil, err
	}
	blocks := []Block{{Title: fmt.Sprintf("World, last %d days", chartWindow), Table: chartTable(world[:min(chartRows, len(world))], songs)}}
	if len(movers) > 0 {
		blocks = append(blocks, Block{Title: "Movers", Note: "Songs among the first hundred that rose or fell most ranks since last night, and new ones.", Table: chartTable(movers, songs)})
	}
	if len(byRegion) > 0 {
		blocks = append(blocks, Block{Title: "Movers by country", Note: "The same in the countries with most listeners.", Table: chartTable(byRegion, songs)})
	}
	return blocks, nil
}

// regionMovers returns the movers of the countries whose first song has most listeners.
func regionMovers(regions map[string][]row) (out []row) {
	heard := func(region string) float64 { return regions[region][0].orZero("listeners") }
	names := slices.SortedFunc(maps.Keys(regions), func(a, b string) int { return cmp.Or(cmp.Compare(heard(b), heard(a)), cmp.Compare(a, b)) })
	names = slices.DeleteFunc(names, func(name string) bool { return name == schemas.World })
	for _, name := range names[:min(topRegions, len(names))] {
		out = append(out, moverRows(regions[name], regionRows)...)
	}
	return out
}

// chartTable shows rows of charts, with their region where it is not the world.
func chartTable(rows []row, songs map[string]song) *Table {
	named := []string{"#rank", "#move", "~song", "#listeners", "#before", "#growth"}
	regional := rows[0].text("region") != schemas.World
	if regional {
		named = slices.Insert(named, 0, "country")
	}
	t := &Table{Columns: columns(named...)}
	for _, r := range rows {
		id := r.text("song_id")
		growth := Cell{Text: "–"}
		if g, ok := r.number("growth"); ok {
			growth = Cell{Text: signed(100*g, 0) + " %"}
		}
		if r.is("trending") {
			growth.Small = "trending"
		}
		var line []Cell
		if regional {
			line = append(line, Cell{Text: r.text("region")})
		}
		t.Add(append(line, Cell{Text: count(int64(r.orZero("rank")))}, moveCell(r), songs[id].cell(id), Cell{Text: count(int64(r.orZero("listeners")))},
			Cell{Text: count(int64(r.orZero("listeners_before")))}, growth)...)
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

// moverRows returns at most most rows that moved, by the size of the move falling, then rank; none where all are new.
func moverRows(rows []row, most int) []row {
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
	return moved[:min(most, len(moved))]
}
