// Package preferences counts which moods, genres and tempos are played when and on what: table preferences_by_hour.
//
//	stage.go   Params, Stage: plan and counters
//	count.go   countFn: one user bucket → partial counts by cell and class, one segment file a partition
//	merge.go   sumFn: the segments of one partition → sorted rows
//	cells.go   the ladder of cells one play counts in
//	classes.go the classes of every song, by song index
//
// Item: the plays of one user bucket. Reference: a Parquet segment of segmentRow in work/preferences/counts, one a bucket
// and partition. Partition: regions by hash, so that every cell is summed in one place.
//
// Counters: preferences/plays (events of kind play), preferences/unknown_time (of those, without local time: kept out of
// the rows with an hour), preferences/other_kinds (likes, saves: not counted).
package preferences

import (
	"context"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// Params has no field: cells and classes are fixed.
type Params struct{}

// Default returns the parameters of a usual night.
func Default() Params { return Params{} }

// Validate finds nothing to object to.
func (Params) Validate() error { return nil }

// Stage returns the stage that makes table preferences_by_hour.
//
// In:     clean_plays by user bucket, table songs. Without plays the table is empty.
// Out:    preferences_by_hour, one file a partition of regions, sorted by the table's key, rows without an hour last.
// Order:  sums are integers and listeners lie in one bucket each: bucketing and order of work change nothing.
// Cost:   linear in plays: about 9 cells × 3 classes a play; memory by distinct cells and classes of a bucket.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name:   "preferences",
		Reads:  []string{schemas.WorkPlays, schemas.TableSongs},
		Writes: []string{schemas.TablePreferencesByHour},
		Params: p,
		Run:    run,
	}
}

func run(ctx context.Context, sc *work.Context) error {
	defer classCache.Drop()
	var plays, songs []lake.FileRef
	var err error
	if sc.Has(schemas.WorkPlays) && sc.Has(schemas.TableSongs) {
		if plays, err = sc.Input(schemas.WorkPlays); err != nil {
			return err
		}
		if songs, err = sc.Input(schemas.TableSongs); err != nil {
			return err
		}
	}
	items := make([]bucket, len(plays))
	for i, ref := range plays {
		items[i] = bucket{Number: i, Plays: ref}
	}
	parts, err := work.Run(sc, "count", items, countFn{Songs: songs}, sumFn{})
	if err != nil {
		return err
	}
	for _, part := range parts {
		sc.Output(schemas.TablePreferencesByHour, part.Table)
		sc.Count("preferences/plays", part.Plays)
		sc.Count("preferences/unknown_time", part.UnknownTime)
		sc.Count("preferences/other_kinds", part.OtherKinds)
	}
	if len(parts) > 0 {
		return nil
	}
	empty, err := writeTable(ctx, sc.Env(), "empty", nil)
	if err != nil {
		return err
	}
	sc.Output(schemas.TablePreferencesByHour, empty)
	return nil
}

func writeTable(ctx context.Context, env *work.Env, item string, rows []schemas.PreferenceByHour) (lake.FileRef, error) {
	table, _ := schemas.FindTable(schemas.TablePreferencesByHour)
	return parquetio.WriteAll(ctx, env.Lake, env.TableFile(table.Name, item), parquetio.MetaFor(table, env.Run), rows)
}
