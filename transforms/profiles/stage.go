// Package profiles makes table user_profiles: what each listener likes, where, when and on which device.
//
//	stage.go    Params, Stage: plan and counters
//	profile.go  profileFn: one user bucket of listeners and plays → its rows
//	listener.go history: the events of one listener, condensed
//	row.go      history → row
//	songs.go    ids and moods of songs by index; vectors
//
// Item: one user bucket. Reference: the finished file of the table. There is nothing to merge.
//
// Counters: profiles/listeners (rows), profiles/without_plays, profiles/with_taste.
package profiles

import (
	"context"
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// Params say how a listener's history is weighed.
type Params struct {
	HalfLifeDays float64 `json:"half_life_days"` // days before the listener's last event that halve a weight; more = longer memory; default 60
	Favourites   int     `json:"favourites"`     // favourite songs kept a listener; default 50
}

// Default returns the parameters of a usual night.
func Default() Params {
	return Params{HalfLifeDays: 60, Favourites: 50}
}

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if !(p.HalfLifeDays > 0 && p.HalfLifeDays <= 10_000) {
		errs = append(errs, fmt.Errorf("half_life_days is %g, must lie in (0, 10000]", p.HalfLifeDays))
	}
	if p.Favourites < 1 || p.Favourites > 1000 {
		errs = append(errs, fmt.Errorf("favourites is %d, must lie in [1, 1000]", p.Favourites))
	}
	return errors.Join(errs...)
}

// Stage returns the stage that makes table user_profiles.
//
// In:     clean_listeners and clean_plays by user bucket, table songs, vectors. Everything but listeners may be missing.
// Out:    user_profiles, one file a user bucket in order, sorted by user_id; one row a listener, with plays or without.
// Errors: plays of somebody who is not among the listeners, or of a song that is not in table songs, fail the stage.
// Cost:   linear in plays, plus songs × dimensions a listener; memory: ids and moods of all songs once a process.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name:   "profiles",
		Reads:  []string{schemas.WorkListeners, schemas.WorkPlays, schemas.TableSongs, schemas.WorkVectors},
		Writes: []string{schemas.TableUserProfiles},
		Params: p,
		Run:    p.run,
	}
}

func (p Params) run(ctx context.Context, sc *work.Context) error {
	defer songCache.Drop()
	do := profileFn{Params: p}
	listeners, plays, err := do.inputs(sc)
	if err != nil {
		return err
	}
	items, err := plan(listeners, plays)
	if err != nil {
		return err
	}
	files, err := work.Run(sc, "profile", items, do, work.Collect[profiled]{})
	if err != nil {
		return err
	}
	for _, f := range files {
		sc.Output(schemas.TableUserProfiles, f[0].Table)
		sc.Count("profiles/listeners", f[0].Table.Rows)
		sc.Count("profiles/without_plays", f[0].WithoutPlays)
		sc.Count("profiles/with_taste", f[0].WithTaste)
	}
	if len(files) > 0 {
		return nil
	}
	empty, err := writeTable(ctx, sc.Env(), "empty", nil)
	if err != nil {
		return err
	}
	sc.Output(schemas.TableUserProfiles, empty)
	return nil
}

// inputs returns listeners and plays by bucket and keeps songs and vectors; what no earlier stage wrote stays empty.
func (f *profileFn) inputs(sc *work.Context) (listeners, plays []lake.FileRef, err error) {
	for _, in := range []struct {
		name string
		refs *[]lake.FileRef
	}{{schemas.WorkListeners, &listeners}, {schemas.WorkPlays, &plays}, {schemas.TableSongs, &f.Songs}, {schemas.WorkVectors, &f.Vectors}} {
		if !sc.Has(in.name) {
			continue
		}
		if *in.refs, err = sc.Input(in.name); err != nil {
			return nil, nil, err
		}
	}
	return listeners, plays, nil
}

// plan pairs the files of each bucket.
func plan(listeners, plays []lake.FileRef) ([]bucket, error) {
	if len(plays) > 0 && len(plays) != len(listeners) {
		return nil, fmt.Errorf("pair buckets: %s has %d files, %s %d", schemas.WorkListeners, len(listeners), schemas.WorkPlays, len(plays))
	}
	items := make([]bucket, len(listeners))
	for i, ref := range listeners {
		items[i] = bucket{Number: i, Listeners: ref}
		if len(plays) > 0 {
			items[i].Plays = &plays[i]
		}
	}
	return items, nil
}

func writeTable(ctx context.Context, env *work.Env, item string, rows []schemas.UserProfile) (lake.FileRef, error) {
	table, _ := schemas.FindTable(schemas.TableUserProfiles)
	return parquetio.WriteAll(ctx, env.Lake, env.TableFile(table.Name, item), parquetio.MetaFor(table, env.Run), rows)
}
