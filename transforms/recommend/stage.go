// Package recommend makes every listener's list, with the terms of its scores and its reasons: table
// user_recommendations, and table coverage of who got what.
//
//	stage.go      Params, Stage: plan and tables
//	calibrate.go  calibrateFn, mapFn: a seeded sample of candidates → one monotone map a term
//	lists.go      listsFn: one user bucket → its file and its part of the coverage
//	bucket.go     listeners of a bucket with their profiles and plays, side by side
//	model.go      what all listeners share, opened once a process
//	cells.go      contexts: region, day part and device, and their back-off
//	coverage.go   counts by tier and reason
//
// Phases. calibrate: item = user bucket, value = raw terms of sampled listeners, merged into the night's maps, which are
// kept in work/recommend/calibration-<attempt>.json. lists: item = user bucket, value = reference and counts.
// The sample is the 128 listeners of smallest hash whatever their buckets, 32 evenly spaced candidates each.
//
// Counters: recommend/listeners, recommend/rows, recommend/empty (listeners without a list).
package recommend

import (
	"context"
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Values of Params.Known.
const (
	KnownFilter = "filter" // songs the listener met are left out
	KnownKeep   = "keep"
)

// Discounts of what a listener dislikes, on a score whose terms weigh 1 together.
const (
	songPush   = 0.5
	artistPush = 0.1
)

// Params decide what a list holds.
type Params struct {
	ListLength  int     `json:"list_length"`  // songs of a list; default 100
	ArtistCap   int     `json:"artist_cap"`   // songs of one artist in a list; lower = more varied; default 5
	ArtistStep  float64 `json:"artist_step"`  // discount an artist's second song, twice that for the third …; default 0.02
	Known       string  `json:"known"`        // filter (default) or keep the songs a listener met
	PoolDepth   int     `json:"pool_depth"`   // songs taken of each context and chart; default 200
	WContext    float64 `json:"w_context"`    // weight of the context term; taste gets the rest; default 0.2
	WPopularity float64 `json:"w_popularity"` // weight of the popularity term; default 0.1
}

// Default returns 100 songs, at most 5 an artist, unknown ones, weighted 0.7, 0.2 and 0.1.
func Default() Params {
	return Params{ListLength: 100, ArtistCap: 5, ArtistStep: 0.02, Known: KnownFilter, PoolDepth: 200, WContext: 0.2, WPopularity: 0.1}
}

// Validate reports every setting that makes no sense.
func (p Params) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(p.ListLength >= 1 && p.ListLength <= 1000, "list_length is %d, want 1 to 1000", p.ListLength)
	check(p.ArtistCap >= 1, "artist_cap is %d, want at least 1", p.ArtistCap)
	check(p.ArtistStep >= 0 && p.ArtistStep <= 1, "artist_step is %v, want 0 to 1", p.ArtistStep)
	check(p.Known == KnownFilter || p.Known == KnownKeep, "known is %q, want %s or %s", p.Known, KnownFilter, KnownKeep)
	check(p.PoolDepth >= 0, "pool_depth is %d, want at least 0", p.PoolDepth)
	_, err := scoring.NewWeights(p.WContext, p.WPopularity)
	return errors.Join(append(errs, err)...)
}

// settings returns what lists are bound to, without calibration.
func (p Params) settings() (scoring.Settings, error) {
	w, err := scoring.NewWeights(p.WContext, p.WPopularity)
	return scoring.Settings{
		Length: p.ListLength, ArtistCap: p.ArtistCap, KeepKnown: p.Known == KnownKeep, PoolDepth: p.PoolDepth,
		ArtistStep: float32(p.ArtistStep), SongPush: songPush, ArtistPush: artistPush, Weights: w,
	}, err
}

// Stage returns the stage that makes tables user_recommendations and coverage.
//
// In:     clean_listeners by user bucket; all else may be missing: clean_plays, user_profiles, deep neighbour lists,
// vectors, charts, popular_by_context, preferences_by_hour, songs.
// Out:    user_recommendations, one file a user bucket, by (user_id, list, rank); coverage, one file.
// Order:  a listener's rows depend on that listener, the shared model and the seed: bucketing changes nothing.
// Cost:   the deep lists of the favourites and O(candidates·log candidates) a listener; memory: the model.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name: "recommend",
		Reads: []string{
			schemas.WorkListeners, schemas.WorkPlays, schemas.TableUserProfiles, schemas.TableSongs, schemas.WorkVectors,
			schemas.WorkNeighbourStart, schemas.WorkNeighbourSongs, schemas.WorkNeighbourScores,
			schemas.TableCharts, schemas.TablePopularByContext, schemas.TablePreferencesByHour,
		},
		Writes: []string{schemas.TableUserRecommendations, schemas.TableCoverage},
		Params: p,
		Run:    func(ctx context.Context, sc *work.Context) error { return run(ctx, sc, p) },
	}
}

func run(ctx context.Context, sc *work.Context, p Params) error {
	defer models.Drop()
	shared := Shared{Files: map[string][]lake.FileRef{}, Params: p}
	for _, name := range modelFiles {
		if refs, err := sc.Input(name); err == nil && sc.Has(name) {
			shared.Files[name] = refs
		}
	}
	items, err := plan(sc)
	if err != nil {
		return err
	}
	maps, err := work.Run(sc, "calibrate", items, calibrateFn{Shared: shared}, mapFn{})
	if err != nil {
		return err
	}
	var calibration scoring.Calibration
	if len(maps) > 0 {
		calibration = maps[0]
	}
	env := sc.Env()
	if _, err := lake.CreateJSON(ctx, env.Lake, env.Key("calibration-"+env.Attempt+".json"), calibration); err != nil {
		return err
	}
	parts, err := work.Run(sc, "lists", items, listsFn{Shared: shared, Calibration: calibration}, work.Collect[part]{})
	if err != nil {
		return err
	}
	return publish(ctx, sc, parts)
}

// bucket is one user bucket: the item of both phases.
type bucket struct {
	Number    int
	Listeners lake.FileRef
	Plays     *lake.FileRef // nil = no plays
	Profiles  *lake.FileRef // nil = no profiles
}

// plan returns the user buckets; file i of every bucketed dataset is bucket i.
func plan(sc *work.Context) ([]bucket, error) {
	if !sc.Has(schemas.WorkListeners) {
		return nil, nil
	}
	listeners, err := sc.Input(schemas.WorkListeners)
	if err != nil {
		return nil, err
	}
	items := make([]bucket, len(listeners))
	for i, ref := range listeners {
		items[i] = bucket{Number: i, Listeners: ref}
	}
	plays, err := perBucket(sc, schemas.WorkPlays, len(items))
	if err != nil {
		return nil, err
	}
	profiles, err := perBucket(sc, schemas.TableUserProfiles, len(items))
	if err != nil {
		return nil, err
	}
	for i := range items {
		items[i].Plays, items[i].Profiles = plays[i], profiles[i]
	}
	return items, nil
}

// perBucket returns the file of each bucket; nil where the dataset is missing or has no row at all.
func perBucket(sc *work.Context, name string, buckets int) ([]*lake.FileRef, error) {
	out := make([]*lake.FileRef, buckets)
	if !sc.Has(name) {
		return out, nil
	}
	refs, err := sc.Input(name)
	if err != nil {
		return nil, err
	}
	var rows int64
	for i := range refs {
		if rows += refs[i].Rows; i < buckets {
			out[i] = &refs[i]
		}
	}
	switch {
	case rows == 0:
		return make([]*lake.FileRef, buckets), nil
	case len(refs) != buckets:
		return nil, fmt.Errorf("plan user buckets: %s has %d files, %s has %d", name, len(refs), schemas.WorkListeners, buckets)
	}
	return out, nil
}
