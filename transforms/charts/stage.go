// Package charts ranks the most heard songs: tables charts (by country and in the world) and popular_by_context.
//
//	stage.go    Params, Stage: plan, phases, counters
//	recent.go   recentFn: is there any play in the last 28 days
//	count.go    countFn: one user bucket → counts by cell and song, one segment file a partition of songs
//	cells.go    the cells one play counts in; segment rows
//	best.go     bestFn: the segments of one partition → its best songs of every cell
//	rank.go     rankFn: the best of all partitions → the two tables
//
// Phases: recent (Σ), count → best (by partition of songs), rank (one item). Items: user buckets. References: Parquet
// segments of segmentRow in work/charts/counts and work/charts/best. A song lies in one partition, so the best of a cell are
// among the best of its partitions. The row of song −1 is the cell itself: its listeners decide whether it is published.
//
// Counters: charts/plays (counted), charts/other_kinds (likes, saves), charts/after_night (later than the night's day),
// charts/cells and charts/small_cells (left out for fewer listeners than MinListeners).
package charts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// contextDays is the window of popular_by_context; all time when nobody played in it.
const contextDays = 28

// Params say how long charts are and who gets one.
type Params struct {
	HalfLifeDays float64 `json:"half_life_days"` // days after which a play counts half in decayed_plays; more = steadier; default 7
	Depth        int     `json:"depth"`          // songs a list; default 200
	MinListeners int64   `json:"min_listeners"`  // distinct listeners a region or its context needs in the window; the world has none; default 5
}

// Default returns the parameters of a usual night.
func Default() Params {
	return Params{HalfLifeDays: 7, Depth: 200, MinListeners: 5}
}

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if !(p.HalfLifeDays > 0 && p.HalfLifeDays <= 10_000) {
		errs = append(errs, fmt.Errorf("half_life_days is %g, must lie in (0, 10000]", p.HalfLifeDays))
	}
	if p.Depth < 1 || p.Depth > 1000 {
		errs = append(errs, fmt.Errorf("depth is %d, must lie in [1, 1000]", p.Depth))
	}
	if p.MinListeners < 0 {
		errs = append(errs, fmt.Errorf("min_listeners is %d, must not be negative", p.MinListeners))
	}
	return errors.Join(errs...)
}

// Stage returns the stage that makes tables charts and popular_by_context.
//
// In:     clean_plays by user bucket, table songs. Without plays both tables are empty.
// Out:    one file each, sorted by the table's key. Songs by listeners falling, then (decayed) plays falling, then id.
// Order:  sums are integers and listeners lie in one bucket each: bucketing and order of work change nothing.
// Cost:   linear in plays, about 14 cells a play; memory by distinct cells and songs of a bucket or partition.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name:   "charts",
		Reads:  []string{schemas.WorkPlays, schemas.TableSongs},
		Writes: []string{schemas.TableCharts, schemas.TablePopularByContext},
		Params: p,
		Run:    p.run,
	}
}

func (p Params) run(_ context.Context, sc *work.Context) error {
	plays, songs, err := inputs(sc)
	if err != nil {
		return err
	}
	best, err := p.count(sc, plays)
	if err != nil {
		return err
	}
	final := rankFn{Params: p, Songs: songs}
	tables, err := work.Run(sc, "rank", [][]lake.FileRef{best}, final, work.Collect[ranked]{})
	if err != nil {
		return err
	}
	r := tables[0][0]
	sc.Output(schemas.TableCharts, r.Charts)
	sc.Output(schemas.TablePopularByContext, r.Popular)
	sc.Count("charts/cells", r.Cells)
	sc.Count("charts/small_cells", r.SmallCells)
	return nil
}

func inputs(sc *work.Context) (plays, songs []lake.FileRef, err error) {
	if !sc.Has(schemas.WorkPlays) || !sc.Has(schemas.TableSongs) {
		return nil, nil, nil
	}
	if plays, err = sc.Input(schemas.WorkPlays); err != nil {
		return nil, nil, err
	}
	songs, err = sc.Input(schemas.TableSongs)
	return plays, songs, err
}

// count returns the best songs of every cell, one file a partition of songs.
func (p Params) count(sc *work.Context, plays []lake.FileRef) ([]lake.FileRef, error) {
	items := make([]bucket, len(plays))
	for i, ref := range plays {
		items[i] = bucket{Number: i, Plays: ref}
	}
	night := sc.Date().Format(time.DateOnly)
	recent, err := work.Run(sc, "recent", items, recentFn{Night: night}, sumFn{})
	if err != nil {
		return nil, err
	}
	count := countFn{Night: night, HalfLifeDays: p.HalfLifeDays}
	if len(recent) > 0 && recent[0] > 0 {
		count.ContextDays = contextDays
	}
	parts, err := work.Run(sc, "count", items, count, bestFn{Depth: p.Depth})
	if err != nil {
		return nil, err
	}
	var refs []lake.FileRef
	for _, part := range parts {
		refs = append(refs, part.Best)
		sc.Count("charts/plays", part.Dropped.Plays)
		sc.Count("charts/other_kinds", part.Dropped.OtherKinds)
		sc.Count("charts/after_night", part.Dropped.AfterNight)
	}
	return refs, nil
}
