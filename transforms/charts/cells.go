package charts

import (
	"cmp"
	"context"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/tally"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// windows of table charts in days; 0 is all time.
var windows = []chart.Window{0, 1, 7, 28}

// noWindow marks a cell of popular_by_context.
const noWindow int32 = -1

// wholeCell is the song of the row that counts a cell itself, whatever the song.
const wholeCell int32 = -1

// cell is a list that songs are ranked in: a region and window of charts, or a context.
type cell struct {
	Region  string
	Window  int32 // noWindow for contexts
	Before  bool  // the window before Window, for growth
	DayPart string
	Device  string
}

// key is a song in a cell.
type key struct {
	cell
	Song int32
}

func compareCells(a, b cell) int {
	return cmp.Or(
		cmp.Compare(a.Window, b.Window),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.DayPart, b.DayPart),
		cmp.Compare(a.Device, b.Device),
		cmp.Compare(number(a.Before), number(b.Before)),
	)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compareKeys(a, b key) int {
	return cmp.Or(compareCells(a.cell, b.cell), cmp.Compare(a.Song, b.Song))
}

// compareRanks orders the songs of one cell: listeners falling, decayed plays (of a context: plays) falling, song ascending.
func compareRanks(a, b tally.Row[key]) int {
	plays := cmp.Compare(b.Weight, a.Weight)
	if a.Key.Window == noWindow {
		plays = cmp.Compare(b.Plays, a.Plays)
	}
	return cmp.Or(cmp.Compare(b.Listeners, a.Listeners), plays, cmp.Compare(a.Key.Song, b.Key.Song))
}

// chartCells returns the cells of charts a play of that age counts in.
func chartCells(region string, age int) []cell {
	var cells []cell
	for _, r := range regionsOf(region) {
		for _, w := range windows {
			if w.Holds(age) {
				cells = append(cells, cell{Region: r, Window: int32(w)})
			} else if w.HoldsBefore(age) {
				cells = append(cells, cell{Region: r, Window: int32(w), Before: true})
			}
		}
	}
	return cells
}

// contextCells returns the cells of popular_by_context a play counts in; dayPart "" is unknown.
//
// By region (day part, device) and all; for the world (day part, device), (day part), (device) and all.
func contextCells(region, dayPart, device string) []cell {
	var cells []cell
	for _, r := range regionsOf(region) {
		cells = append(cells, cell{r, noWindow, false, schemas.All, schemas.All})
		if dayPart != "" {
			cells = append(cells, cell{r, noWindow, false, dayPart, device})
		}
	}
	cells = append(cells, cell{schemas.World, noWindow, false, schemas.All, device})
	if dayPart != "" {
		cells = append(cells, cell{schemas.World, noWindow, false, dayPart, schemas.All})
	}
	return cells
}

func regionsOf(region string) []string {
	if region == "" || region == schemas.World {
		return []string{schemas.World}
	}
	return []string{schemas.World, region}
}

// segmentRow is one count in a segment file, sorted by key.
type segmentRow struct {
	Window    int32  `parquet:"window_days,plain"` // -1 = a context
	Region    string `parquet:"region,dict"`
	DayPart   string `parquet:"day_part,dict"`
	Device    string `parquet:"device,dict"`
	Before    bool   `parquet:"before"`
	Song      int32  `parquet:"song,plain"` // -1 = the cell itself
	Listeners int64  `parquet:"listeners,plain"`
	Plays     int64  `parquet:"plays,plain"`
	Weight    int64  `parquet:"weight,plain"` // fixed point
}

func writeSegment(ctx context.Context, env *work.Env, folder, item string, rows []tally.Row[key]) (lake.FileRef, error) {
	out := make([]segmentRow, len(rows))
	for i, r := range rows {
		out[i] = segmentRow{r.Key.Window, r.Key.Region, r.Key.DayPart, r.Key.Device, r.Key.Before, r.Key.Song, r.Listeners, r.Plays, r.Weight}
	}
	meta := parquetio.Meta{RunID: env.Run, Table: "charts_" + folder, SchemaVersion: 1, SortedBy: []string{"window_days", "region", "day_part", "device", "before", "song"}}
	return parquetio.WriteAll(ctx, env.Lake, env.File(folder, item, ".parquet"), meta, out)
}

// readSegments sums the rows of segments.
func readSegments(ctx context.Context, s lake.Store, refs []lake.FileRef) (*tally.Tally[key], error) {
	sum := tally.New[key]()
	for _, ref := range refs {
		for r, err := range parquetio.Read[segmentRow](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			k := key{cell{r.Region, r.Window, r.Before, r.DayPart, r.Device}, r.Song}
			sum.Add(k, tally.Counts{Listeners: r.Listeners, Plays: r.Plays, Weight: r.Weight})
		}
	}
	return sum, nil
}
