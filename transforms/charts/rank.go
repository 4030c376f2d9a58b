package charts

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[rankFn, work.Collect[ranked], []bestFiles, ranked, []ranked]()
}

// ranked is the three tables with counters.
type ranked struct {
	Charts     lake.FileRef
	ByGenre    lake.FileRef
	ByContext  lake.FileRef
	Lists      int64 // published
	SmallCells int64 // contexts left out
	BackedOff  int64 // charts of countries with the world's list
}

func (r ranked) output(sc *work.Context) {
	sc.Output(schemas.TableCharts, r.Charts)
	sc.Output(schemas.TablePopularByGenre, r.ByGenre)
	sc.Output(schemas.TablePopularByContext, r.ByContext)
	sc.Count("charts/lists", r.Lists)
	sc.Count("charts/small_cells", r.SmallCells)
	sc.Count("charts/backed_off", r.BackedOff)
}

// rankFn turns the best songs of all partitions into the three tables.
type rankFn struct {
	Params   Params
	Songs    []lake.FileRef
	Previous []lake.FileRef // last night's charts; none on the first night
}

// Do returns the tables.
func (f rankFn) Do(ctx context.Context, env *work.Env, best []bestFiles) ([]work.Keyed[ranked], error) {
	songs, err := readSongs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	board, err := readBoard(ctx, env.Scratch, best, f.Params)
	if err != nil {
		return nil, err
	}
	before, err := readRanks(ctx, env.Lake, f.Previous)
	if err != nil {
		return nil, err
	}
	var out ranked
	w := rowMaker{board, songs.ids, before}
	if out.Charts, err = tables.Write(ctx, env, schemas.TableCharts, "all", w.charts(&out)); err != nil {
		return nil, err
	}
	if out.ByGenre, err = tables.Write(ctx, env, schemas.TablePopularByGenre, "all", w.byGenre(&out)); err != nil {
		return nil, err
	}
	if out.ByContext, err = tables.Write(ctx, env, schemas.TablePopularByContext, "all", w.byContext(&out)); err != nil {
		return nil, err
	}
	return []work.Keyed[ranked]{{Key: "tables", Value: out}}, nil
}

// rankKey is a song of one of last night's charts.
type rankKey struct {
	region string
	window int32
	song   string
}

// rankRow is what is read of last night's charts.
type rankRow struct {
	Region     string `parquet:"region,dict"`
	WindowDays int32  `parquet:"window_days,plain"`
	SongID     string `parquet:"song_id,dict"`
	Rank       int32  `parquet:"rank,plain"`
}

// readRanks returns the rank of every song of last night's charts; nil without last night.
func readRanks(ctx context.Context, s lake.Store, refs []lake.FileRef) (map[rankKey]int32, error) {
	var ranks map[rankKey]int32
	for _, ref := range refs {
		if ranks == nil {
			ranks = map[rankKey]int32{}
		}
		for row, err := range parquetio.Read[rankRow](ctx, s, ref) {
			if err != nil {
				return nil, err
			}
			ranks[rankKey{row.Region, row.WindowDays, row.SongID}] = row.Rank
		}
	}
	return ranks, nil
}

// board is the best songs of every list, before support, back-off and filling.
type board struct {
	params Params
	own    map[list][]entry
	cells  map[list]entry // what all listeners of a cell are; genres have none
	filled map[list][]placed
}

func readBoard(ctx context.Context, s lake.Store, best []bestFiles, p Params) (*board, error) {
	b := &board{p, map[list][]entry{}, map[list]entry{}, map[list][]placed{}}
	for _, files := range best {
		if err := b.read(ctx, s, files); err != nil {
			return nil, err
		}
	}
	for l, entries := range b.own {
		slices.SortFunc(entries, compareEntries)
		b.own[l] = entries[:min(len(entries), p.Depth)]
	}
	return b, nil
}

// read adds the best of one partition.
func (b *board) read(ctx context.Context, s lake.Store, files bestFiles) error {
	names, err := parquetio.ReadAll[listRow](ctx, s, files.Lists)
	if err != nil {
		return err
	}
	var arrays npy.Arrays
	defer arrays.Close()
	entries := npy.LoadTable[int64](ctx, &arrays, s, files.Entries)
	if err := arrays.Err(); err != nil {
		return err
	}
	at := entries.Data
	for _, r := range names {
		l, n := list{r.Kind, r.Window, r.Cell, r.Genre}, int(r.Entries)*entryWidth
		if n < 0 || n > len(at) {
			return fmt.Errorf("read %s: lists have more than its %d numbers", files.Entries.Key, len(entries.Data))
		}
		for ; n > 0; n, at = n-entryWidth, at[entryWidth:] {
			if e := entryOf(at); e.Song == wholeCell {
				b.cells[l] = e
			} else {
				b.own[l] = append(b.own[l], e)
			}
		}
	}
	return nil
}

// lists returns the lists of a kind, in order; charts of every window of every region anybody listened in.
func (b *board) lists(kind int32) []list {
	set := map[list]bool{}
	for l := range b.own {
		set[l] = l.Kind == kind
	}
	for l := range b.cells {
		set[l] = l.Kind == kind
	}
	maps.DeleteFunc(set, func(_ list, wanted bool) bool { return !wanted })
	return slices.SortedFunc(maps.Keys(set), compareLists)
}
