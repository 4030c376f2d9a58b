// Package preferences estimates which moods, genres and tempos are heard when, where and on what: tables
// preferences_by_hour and device_preferences.
//
//	stage.go      Params, Stage: plan and counters
//	classes.go    the classes of every song, by song index
//	cells.go      the ladder of cells one listen counts in, and what each backs off to
//	count.go      counter: listeners → sums by cell and class
//	runs.go       runs: cells that hold the same of a listener, counted once
//	situations.go situations: each listener on a device or at a place beside his own mix
//	segments.go   sums as files
//	merge.go      countFn, sumFn: user buckets → sums; the sums of one kind of classes → its rows
//	estimate.go   sums → shrunk shares, intervals, lifts, withheld counts
//	places.go     sums → rows of device_preferences
//
// Weights. A listen weighs what worth says, at least nothing, halved every HalfLifeDays; a listener adds to a cell at most
// DayCap plays a day and ListenerCap plays in all, the mix of classes kept. A looping speaker or a bot is one listener.
// Estimates are those of algo/shrink over the ladder of cells.go, comparisons those of algo/within.
//
// Phase: count → sum. Item: runs of user buckets. Reference: .npy sums and names in scratch. Merge key: kind of classes,
// because shares, strengths and withheld counts stay within a kind; or places.
//
// Counters: preferences/listens (counted: a listener, song, day and cell), preferences/unknown_time (of those, without
// local time: kept out of cells with an hour), preferences/outside (of days that do not count), preferences/rows,
// preferences/withheld (rows without counts), preferences/strength_<kind>_<level> (rounded).
package preferences

import (
	"context"
	"errors"
	"fmt"
	"math"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// Params say what counts how much.
type Params struct {
	Days         int32   `json:"days"`           // days that count, ending with the night's; 0 = all; default 28
	HalfLifeDays float64 `json:"half_life_days"` // days after which a play counts half; more = steadier; 0 = never; default 14
	DayCap       float64 `json:"day_cap"`        // plays a listener adds to a cell a day at most; 0 = no bound; default 2
	ListenerCap  float64 `json:"listener_cap"`   // plays, decayed, a listener adds to a cell at most; 0 = no bound; default 4
	MinListeners int64   `json:"min_listeners"`  // listeners below whom counts are withheld and a cell's estimate is its parent's; default 10
	SmoothHours  float64 `json:"smooth_hours"`   // weight of the hours before and after in the share of an hour, [0,1]; 0 = none; default 0
}

// Default returns the parameters of a usual night.
func Default() Params {
	return Params{Days: 28, HalfLifeDays: 14, DayCap: 2, ListenerCap: 4, MinListeners: 10}
}

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	check := func(ok bool, format string, v any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, v))
		}
	}
	check(p.Days >= 0, "days is %d, must not be negative", p.Days)
	check(p.HalfLifeDays == 0 || p.HalfLifeDays >= 0.1 && p.HalfLifeDays <= 10_000, "half_life_days is %g, must be 0 or lie in [0.1, 10000]", p.HalfLifeDays)
	check(p.DayCap >= 0 && p.DayCap <= 10_000, "day_cap is %g, must lie in [0, 10000]", p.DayCap)
	check(p.ListenerCap >= 0 && p.ListenerCap <= 1e6, "listener_cap is %g, must lie in [0, 1000000]", p.ListenerCap)
	check(p.MinListeners >= 1, "min_listeners is %d, must be at least 1", p.MinListeners)
	check(p.SmoothHours >= 0 && p.SmoothHours <= 1, "smooth_hours is %g, must lie in [0, 1]", p.SmoothHours)
	return errors.Join(errs...)
}

// bucketBytes is how much of listens one item counts: more means fewer sums that are written twice, and more memory.
const bucketBytes = 24 << 20

// Stage returns the stage that makes tables preferences_by_hour and device_preferences.
//
// In:     listens by user bucket, tables songs and song_moods. Without listens both tables are empty.
// Out:    preferences_by_hour, one file a kind of classes, rows without an hour last; device_preferences, one file; each
// sorted by the table's key.
// Order:  sums are integers and a listener lies in one item: bucketing and order of work change nothing, and listens of
// one file a bucket give the same as one file a bucket and day.
// Cost:   linear in listens, about 10 cells × 3 classes each; memory: some 100 bytes a cell and class of an item or kind.
func Stage(p Params) work.Stage { return stageOf(p, bucketBytes) }

func stageOf(p Params, bytes int64) work.Stage {
	return work.Stage{
		Name:     "preferences",
		Reads:    []string{schemas.WorkListens, schemas.TableSongs, schemas.TableSongMoods},
		Writes:   []string{schemas.TablePreferencesByHour, schemas.TableDevicePreferences},
		Params:   p,
		Volatile: true,
		Run:      func(ctx context.Context, sc *work.Context) error { return p.run(ctx, sc, bytes) },
	}
}

func (p Params) run(ctx context.Context, sc *work.Context, bytes int64) error {
	defer songCache.Drop()
	var listens []lake.FileRef
	var songs songFiles
	var err error
	if sc.Has(schemas.WorkListens) && sc.Has(schemas.TableSongs) {
		if listens, err = sc.Input(schemas.WorkListens); err != nil {
			return err
		}
		if songs.Songs, err = sc.Input(schemas.TableSongs); err != nil {
			return err
		}
	}
	if sc.Has(schemas.TableSongMoods) {
		if songs.Moods, err = sc.Input(schemas.TableSongMoods); err != nil {
			return err
		}
	}
	if len(listens) == 0 {
		return empty(ctx, sc)
	}
	count := countFn{Params: p, Night: listenio.DayOf(sc.Date()), Songs: songs}
	parts, err := work.Run(sc, "count", listenio.Groups(listens, bytes), count, sumFn{Params: p, Songs: songs})
	if err != nil {
		return err
	}
	for _, part := range parts {
		part.output(sc)
	}
	return nil
}

// output hands on the file and its counters.
func (p part) output(sc *work.Context) {
	sc.Output(p.Table, p.File)
	sc.Count("preferences/rows", p.Rows)
	sc.Count("preferences/withheld", p.Withheld)
	sc.Count("preferences/listens", p.Fates.Listens)
	sc.Count("preferences/unknown_time", p.Fates.UnknownTime)
	sc.Count("preferences/outside", p.Fates.Outside)
	for level, s := range p.Strength {
		sc.Count("preferences/strength_"+p.Kind+"_"+levelNames[level], int64(math.Round(s)))
	}
}

func empty(ctx context.Context, sc *work.Context) error {
	hours, err := tables.Write[schemas.PreferenceByHour](ctx, sc.Env(), schemas.TablePreferencesByHour, "empty", nil)
	if err != nil {
		return err
	}
	places, err := tables.Write[schemas.DevicePreference](ctx, sc.Env(), schemas.TableDevicePreferences, "empty", nil)
	sc.Output(schemas.TablePreferencesByHour, hours)
	sc.Output(schemas.TableDevicePreferences, places)
	return err
}
