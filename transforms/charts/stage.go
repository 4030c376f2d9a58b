// Package charts ranks the most heard songs: tables charts (by country and in the world), popular_by_genre and
// popular_by_context.
//
//	stage.go     Params, Stage: plan, phases, counters
//	songs.go     ids, recordings and genres of all songs
//	cells.go     the cells one listen counts in
//	count.go     countFn: user buckets → counts by cell and song, one segment a partition of songs
//	segments.go  segments of counts
//	best.go      bestFn: the segments of one partition → its best songs of every list
//	rank.go      rankFn: the best of all partitions → the three tables
//	lists.go     support, back-off and filling of lists
//	rows.go      lists → rows
//
// Rules. A listener has one vote a song and day. Versions of a recording count as one song, its main version. A country
// with fewer than MinListeners listeners in a window has the world's list; below the world a song needs two listeners;
// lists that stay shorter than Filled songs go on with their parent's: region → world, and for contexts (region, day part,
// device) → (region, day part) → region → world. Column level names the list a row and its figures come from.
//
// Phases: count → best (by partition of songs), rank (one item). Items: runs of user buckets of about bucketBytes. References:
// .npy segments and names of cells and lists in scratch. A song lies in one partition, so the best of a list are among the best of
// its partitions. The row of song −1 is the cell itself: its listeners decide on support.
//
// Counters: charts/listens (counted), charts/outside (older than 56 days or later than the night), charts/lists,
// charts/small_cells (contexts left out for fewer listeners than MinListeners), charts/backed_off (country × window).
package charts

import (
	"context"
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work"
)

// Filled is how many songs a list has at least when its parents have as many.
const Filled = 100

// Params say how long charts are and who gets one.
type Params struct {
	HalfLifeDays float64 `json:"half_life_days"` // days after which a vote counts half in decayed_plays; more = steadier; default 7
	Depth        int     `json:"depth"`          // songs a list; default 200
	MinListeners int64   `json:"min_listeners"`  // distinct listeners a country or a context needs for a list of its own; the world needs none; default 10
}

// Default returns the parameters of a usual night.
func Default() Params {
	return Params{HalfLifeDays: 7, Depth: 200, MinListeners: 10}
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

// bucketBytes is how much of listens one item counts: more means fewer counts that are written twice, and more memory.
const bucketBytes = 24 << 20

// Stage returns the stage that makes tables charts, popular_by_genre and popular_by_context.
//
// In:     listens by user bucket, table songs, and last night's charts. Without listens the tables are empty.
// Out:    one file each, sorted by the table's key. Songs by listeners falling, then decayed plays (of a context: votes)
// falling, then id.
// Order:  sums are integers and a listener lies in one item: bucketing and order of work change nothing.
// Cost:   linear in listens, about ten cells each; memory: 16 to 80 bytes a cell and song of an item or partition.
// Contexts are cut by the parts of the day of hours.
func Stage(p Params, hours localtime.DayHours) work.Stage { return stageOf(p, hours, bucketBytes) }

func stageOf(p Params, hours localtime.DayHours, bytes int64) work.Stage {
	type decides struct {
		Params
		Hours localtime.DayHours `json:"day_parts"`
	}
	return work.Stage{
		Name:     "charts",
		Reads:    []string{schemas.WorkListens, schemas.TableSongs, schemas.Previous(schemas.TableCharts)},
		Writes:   []string{schemas.TableCharts, schemas.TablePopularByGenre, schemas.TablePopularByContext},
		Params:   decides{p, hours},
		Volatile: true,
		Run:      func(_ context.Context, sc *work.Context) error { return p.run(sc, hours, bytes) },
	}
}

func (p Params) run(sc *work.Context, hours localtime.DayHours, bytes int64) error {
	defer songCache.Drop()
	var listens, songs []lake.FileRef
	var err error
	if sc.Has(schemas.WorkListens) && sc.Has(schemas.TableSongs) {
		if listens, err = sc.Input(schemas.WorkListens); err != nil {
			return err
		}
		if songs, err = sc.Input(schemas.TableSongs); err != nil {
			return err
		}
	}
	count := countFn{Night: listenio.DayOf(sc.Date()), HalfLifeDays: p.HalfLifeDays, Hours: hours, Songs: songs}
	best := bestFn{Depth: p.Depth, Songs: songs}
	parts, err := work.Run(sc, "count", listenio.Groups(listens, bytes), count, best)
	if err != nil {
		return err
	}
	final := rankFn{Params: p, Songs: songs, Previous: sc.Previous(schemas.TableCharts)}
	files := make([]bestFiles, len(parts))
	for i, part := range parts {
		files[i] = part.Best
		sc.Count("charts/listens", part.Fates.Listens)
		sc.Count("charts/outside", part.Fates.Outside)
	}
	tables, err := work.Run(sc, "rank", [][]bestFiles{files}, final, work.Collect[ranked]{})
	if err != nil {
		return err
	}
	tables[0][0].output(sc)
	return nil
}
