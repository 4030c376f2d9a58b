// Package recommend makes every listener's lists, with the terms of their scores and their reasons: table
// user_recommendations, and table coverage of who got what.
//
//	stage.go      Stage: plan and phases
//	params.go     Params
//	personas.go   membersFn, favouritesFn: favourites of the members of personas
//	centres.go    centresFn: songs by nearness, for candidates near taste vectors
//	rescore.go    again: a night whose candidates an earlier run stored
//	calibrate.go  calibrateFn, mapFn: a seeded sample of candidates → one monotone map a term
//	lists.go      listsFn: one user bucket → its files and its part of the coverage
//	columns.go    lists → columns of the table
//	rows.go       one row of it
//	bucket.go     listeners of a bucket with their profiles and listens, side by side
//	profiles.go   profiles of a bucket, read in columns
//	describe.go   profile and listens → scoring.Listener
//	model.go      what all listeners share, opened once a process; songs.go, charts.go
//	names.go      songs by id
//	cells.go      contexts: region, weekpart, day part and device, and their back-off
//	coverage.go   who got what: counts by tier and reason, of all, by country, by history
//	quality.go    meter: how lists spread over songs and artists
//	why.go        WhyNot: what became of a song on its way into a list, from the lake alone
//
// Phases. members: item = user bucket, value = file of counts, merged into work/recommend/members/favourites-<attempt>.json.
// centres: item = the vectors, value = files of songs by the nearest of some centres. calibrate: item = user bucket, value = raw terms of sampled listeners, merged into the night's maps; the sample is the 128
// listeners of smallest hash whatever their buckets, 32 evenly spaced candidates each. lists: item = user bucket, value =
// references and counts. Maps, parameters and references stand in work/recommend/night-<attempt>.json.
//
// Counters: recommend/listeners, recommend/rows, recommend/tier_personal … tier_world (listeners by tier), tier_none (without a list).
package recommend

import (
	"context"
	"fmt"
	"math"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/work"
)

// Stage returns the stage that makes tables user_recommendations and coverage.
//
// In:     clean_listeners by user bucket; all else may be missing: listens, user_profiles, personas, deep neighbour lists,
// vectors, charts, popular_by_genre, popular_by_context, preferences_by_hour, song_moods, songs.
// Out:    user_recommendations, one file a user bucket, by (user_id, list, rank); coverage and list_quality, one file
// each; candidates, as the lists, when asked for.
// Errors: listens of somebody who is not among the listeners, or of a song that is not in table songs, fail the stage.
// Order:  a listener's rows depend on that listener, the shared model, the seed and the day: bucketing changes nothing.
// Cost:   the deep lists of the favourites and O(candidates·log candidates) a listener; memory: the model, 32 bytes a song and one a dimension, and 16 a song an item.
//
// The context of a listener is cut by the parts of the day of hours.
func Stage(p Params, hours localtime.DayHours) work.Stage {
	type decides struct {
		Params
		Hours localtime.DayHours `json:"day_parts"`
	}
	writes := []string{schemas.TableUserRecommendations, schemas.TableCoverage, schemas.TableListQuality}
	if p.Candidates {
		writes = append(writes, schemas.TableCandidates)
	}
	return work.Stage{
		Name:   "recommend",
		Reads:  append([]string{schemas.WorkListeners, schemas.WorkListens, schemas.TableUserProfiles, schemas.Previous(schemas.TableListQuality)}, modelFiles...),
		Writes: append(writes, schemas.WorkListsMadeOf),
		Params: decides{p, hours},
		Run:    func(ctx context.Context, sc *work.Context) error { return run(ctx, sc, p, hours) },
	}
}

func run(ctx context.Context, sc *work.Context, p Params, hours localtime.DayHours) error {
	defer models.Drop()
	shared := Shared{Files: map[string][]lake.FileRef{}, Params: p, Hours: hours, Day: listenio.DayOf(sc.Date())}
	for _, name := range modelFiles {
		if !sc.Has(name) {
			continue
		}
		refs, err := sc.Input(name)
		if err != nil {
			return err
		}
		shared.Files[name] = refs
	}
	items, err := plan(sc)
	if err != nil {
		return err
	}
	night := Night{MadeBy: madeBy, Shared: shared, Items: items, Seed: sc.Env().Seed}
	if p.Rescore == "" {
		night, err = prepare(sc, night)
	} else {
		night, err = again(ctx, sc.Env().Lake, night)
	}
	if err != nil {
		return err
	}
	if err := leave(ctx, sc, night); err != nil {
		return err
	}
	do := listsFn{Shared: night.Shared, Calibration: night.Calibration, Measured: hashBelow(night.Items, measuredLists, measuredShare)}
	parts, err := work.Run(sc, "lists", night.Items, do, work.Collect[part]{})
	if err != nil {
		return err
	}
	return publish(ctx, sc, parts, p)
}

// prepare gathers what seeking candidates and calibrating their terms needs of all listeners.
func prepare(sc *work.Context, n Night) (Night, error) {
	members, err := work.Run(sc, "members", n.Items, membersFn{}, favouritesFn{})
	if err != nil {
		return n, err
	}
	if len(members) > 0 {
		n.Shared.Members = members[0]
	}
	if n.Shared.Inverted, err = cutCatalogue(sc); err != nil {
		return n, err
	}
	maps, err := work.Run(sc, "calibrate", n.Items, calibrateFn{n.Shared, hashBelow(n.Items, manyTimes*sampledListeners, 0)}, mapFn{})
	if len(maps) > 0 {
		n.Calibration = maps[0]
	}
	return n, err
}

// leave writes down what the lists are made of, for why-not; as output of the stage, so that it lives as long as the run.
func leave(ctx context.Context, sc *work.Context, n Night) error {
	env := sc.Env()
	made, err := lake.CreateJSON(ctx, env.Lake, env.Key("night-"+env.Attempt+".json"), n)
	if err != nil {
		return err
	}
	sc.Output(schemas.WorkListsMadeOf, lake.FileRef{Key: made.Key, Size: made.Size, ETag: made.ETag})
	if n.Shared.Members != "" {
		sc.Output(schemas.WorkListsMadeOf, lake.FileRef{Key: n.Shared.Members})
	}
	sc.Output(schemas.WorkListsMadeOf, n.Shared.Inverted...)
	return nil
}

// madeBy is the version of how lists are made of a Night; another one would give other lists.
const madeBy = 4

// Night is all that lists were made of, by name: work/recommend/night-<attempt>.json.
type Night struct {
	MadeBy      int
	Shared      Shared
	Calibration scoring.Calibration
	Items       []bucket
	Seed        uint64
}

// bucket is one user bucket: the item of all phases but the centres.
type bucket struct {
	Number    int
	Listeners lake.FileRef
	Listens   []lake.FileRef // none = no plays
	Profiles  *lake.FileRef  // nil = no profiles

	Candidates *lake.FileRef // weighed anew; nil = candidates are sought
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
	listens, err := perBucket(sc, schemas.WorkListens, len(items))
	if err != nil {
		return nil, err
	}
	profiles, err := perBucket(sc, schemas.TableUserProfiles, len(items))
	if err != nil {
		return nil, err
	}
	for i := range items {
		if items[i].Profiles = profiles[i]; listens[i] != nil {
			items[i].Listens = []lake.FileRef{*listens[i]}
		}
	}
	return items, nil
}

// hashBelow returns the hash up to which about so many listeners have theirs, or this share of all if that is more.
func hashBelow(items []bucket, listeners, share float64) uint64 {
	var all int64
	for i := range items {
		all += items[i].Listeners.Rows
	}
	if share = max(share, listeners/float64(max(1, all))); share >= 1 {
		return math.MaxUint64
	}
	return uint64(math.Ldexp(share, 64))
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
