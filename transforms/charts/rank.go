package charts

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/chart"
	"segue/transforms/algo/tally"
	"segue/transforms/algo/worth"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[rankFn, work.Collect[ranked], []lake.FileRef, ranked, []ranked]()
}

// ranked is the two tables with counters.
type ranked struct {
	Charts     lake.FileRef
	Popular    lake.FileRef
	Cells      int64 // published
	SmallCells int64 // left out
}

// rankFn turns the best songs of all partitions into the two tables.
type rankFn struct {
	Params Params
	Songs  []lake.FileRef
}

// Do returns the tables.
func (f rankFn) Do(ctx context.Context, env *work.Env, best []lake.FileRef) ([]work.Keyed[ranked], error) {
	var out ranked
	sum, err := readSegments(ctx, env.Lake, best)
	if err != nil {
		return nil, err
	}
	var lists [][]tally.Row[key]
	for _, list := range bestByCell(sum, f.Params.Depth) {
		c := list[0].Key.cell
		if c.Region != schemas.World && sum.Of(key{c, wholeCell}).Listeners < f.Params.MinListeners {
			out.SmallCells++
			continue
		}
		out.Cells++
		lists = append(lists, list)
	}
	ids, err := readIDs(ctx, env.Lake, f.Songs, lists)
	if err != nil {
		return nil, err
	}
	if out.Charts, err = writeTable(ctx, env, schemas.TableCharts, chartRows(lists, sum, ids)); err != nil {
		return nil, err
	}
	if out.Popular, err = writeTable(ctx, env, schemas.TablePopularByContext, popularRows(lists, ids)); err != nil {
		return nil, err
	}
	return []work.Keyed[ranked]{{Key: "tables", Value: out}}, nil
}

func writeTable[T any](ctx context.Context, env *work.Env, name string, rows []T) (lake.FileRef, error) {
	table, _ := schemas.FindTable(name)
	return parquetio.WriteAll(ctx, env.Lake, env.TableFile(name, "all"), parquetio.MetaFor(table, env.Run), rows)
}

// songID is the column of table songs that names a song.
type songID struct {
	SongID string `parquet:"song_id,plain"`
}

// readIDs returns the ids of the songs of lists.
func readIDs(ctx context.Context, s lake.Store, songs []lake.FileRef, lists [][]tally.Row[key]) (map[int32]string, error) {
	ids := map[int32]string{}
	for _, list := range lists {
		for _, r := range list {
			ids[r.Key.Song] = ""
		}
	}
	index, found := int32(0), 0
	for _, ref := range songs {
		for row, err := range parquetio.Read[songID](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			if _, wanted := ids[index]; wanted {
				ids[index] = row.SongID
				found++
			}
			index++
		}
	}
	if found != len(ids) {
		return nil, fmt.Errorf("name songs of charts: %d of %d lie beyond the %d rows of table songs", len(ids)-found, len(ids), index)
	}
	return ids, nil
}

// chartRows returns the rows of table charts in its order.
func chartRows(lists [][]tally.Row[key], sum *tally.Tally[key], ids map[int32]string) []schemas.Chart {
	var rows []schemas.Chart
	for _, list := range lists {
		if list[0].Key.Window == noWindow {
			continue
		}
		for i, r := range list {
			row := schemas.Chart{
				Region: r.Key.Region, WindowDays: r.Key.Window, Rank: int32(i + 1), SongID: ids[r.Key.Song],
				Listeners: r.Listeners, DecayedPlays: float64(r.Weight) / float64(worth.One),
			}
			if before := r.Key; before.Window > 0 {
				before.Before = true
				row.Growth = chart.Growth(r.Listeners, sum.Of(before).Listeners)
			}
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b schemas.Chart) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.WindowDays, b.WindowDays), cmp.Compare(a.Rank, b.Rank))
	})
	return rows
}

// popularRows returns the rows of table popular_by_context in its order.
func popularRows(lists [][]tally.Row[key], ids map[int32]string) []schemas.PopularByContext {
	var rows []schemas.PopularByContext
	for _, list := range lists {
		if list[0].Key.Window != noWindow {
			continue
		}
		for i, r := range list {
			rows = append(rows, schemas.PopularByContext{
				Region: r.Key.Region, DayPart: r.Key.DayPart, Device: r.Key.Device, Rank: int32(i + 1),
				SongID: ids[r.Key.Song], Listeners: r.Listeners, Plays: r.Plays,
			})
		}
	}
	slices.SortFunc(rows, func(a, b schemas.PopularByContext) int {
		return cmp.Or(
			cmp.Compare(a.Region, b.Region), cmp.Compare(a.DayPart, b.DayPart),
			cmp.Compare(a.Device, b.Device), cmp.Compare(a.Rank, b.Rank),
		)
	})
	return rows
}
