package charts

import (
	"context"
	"slices"

	"segue/transforms/algo/chart"
	"segue/transforms/algo/tally"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// part is what one partition of songs leaves.
type part struct {
	Best    lake.FileRef
	Dropped fates
}

// bestFn sums the segments of one partition and keeps the Depth best songs of every cell.
type bestFn struct {
	Depth int
}

// Merge returns a segment of the best songs, of what they had in the window before, and of the cells themselves.
func (f bestFn) Merge(ctx context.Context, env *work.Env, partition string, partials []partial) (part, error) {
	var out part
	refs := make([]lake.FileRef, len(partials))
	for i, p := range partials {
		refs[i] = p.Segment
		out.Dropped = out.Dropped.plus(p.Fates)
	}
	sum, err := readSegments(ctx, env.Lake, refs)
	if err != nil {
		return out, err
	}
	out.Best, err = writeSegment(ctx, env, "best", partition, bestRows(sum, f.Depth))
	return out, err
}

// bestRows returns the rows that the tables may need, by key.
func bestRows(sum *tally.Tally[key], depth int) []tally.Row[key] {
	best := tally.New[key]()
	for _, rows := range bestByCell(sum, depth) {
		for _, r := range rows {
			best.Add(r.Key, r.Counts)
			before := r.Key
			before.Before = true
			if c := sum.Of(before); c.Listeners > 0 {
				best.Add(before, c)
			}
		}
	}
	for _, r := range sum.Rows() {
		if r.Key.Song == wholeCell {
			best.Add(r.Key, r.Counts)
		}
	}
	return best.Sorted(compareKeys)
}

// bestByCell returns the depth best songs of every cell, cells in order; cells of windows before are left out.
func bestByCell(sum *tally.Tally[key], depth int) [][]tally.Row[key] {
	byCell := map[cell]*chart.Best[tally.Row[key]]{}
	var cells []cell
	for _, r := range sum.Rows() {
		if r.Key.Song == wholeCell || r.Key.Before {
			continue
		}
		if byCell[r.Key.cell] == nil {
			byCell[r.Key.cell] = chart.NewBest(depth, compareRanks)
			cells = append(cells, r.Key.cell)
		}
		byCell[r.Key.cell].Add(r)
	}
	slices.SortFunc(cells, compareCells)
	out := make([][]tally.Row[key], len(cells))
	for i, c := range cells {
		out[i] = byCell[c].Sorted()
	}
	return out
}
