// Package profiles makes tables user_profiles (what each listener likes, where, when and on which device) and personas
// (segments of warm listeners).
//
//	stage.go     Params, Stage: plan, phases, counters
//	features.go  sampleFn: warm listeners that personas are learnt from; builder: one listener after the other
//	personas.go  personaFn: personas, their description, who joined and left
//	priors.go    what the mixes of listeners are shrunk to
//	profile.go   profileFn: one user bucket → its rows
//	history.go   history: what one listener did, condensed
//	tally.go     tally: counts of one listener by name
//	row.go       history → row
//	report.go    counters, listeners of personas
//	songs.go     ids, artists, moods and genres of songs by index; vectors
//
// Phases: sample (item = user bucket, reference = file of warm listeners drawn by hash), personas (one item, reference = JSON
// of Segments), profile (item = user bucket, reference = the finished file of the table).
//
// Counters: profiles/listeners (rows), profiles/history_none, _few, _some, _warm, profiles/with_taste, profiles/clusters (over
// those with taste), profiles/persona_by_taste, _by_signals; profiles/personas, personas_refitted (1 = cut anew), and of the
// sampled listeners persona_kept (same persona as last night), persona_moved (another one), persona_new (none last night).
package profiles

import (
	"context"
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/lake"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// Params say how a listener's history is weighed, and how many personas there are.
type Params struct {
	HalfLifeDays float64 `json:"half_life_days"` // days before the listener's last event that halve a weight; more = longer memory; default 60
	Favourites   int     `json:"favourites"`     // favourite songs kept a listener; default 50
	MinPersonas  int     `json:"min_personas"`   // personas at least; fewer than twice as many warm listeners have none; default 4
	MaxPersonas  int     `json:"max_personas"`   // personas at most; how many in between, stability decides; default 12
}

// Default returns the parameters of a usual night.
func Default() Params {
	return Params{HalfLifeDays: 60, Favourites: 50, MinPersonas: 4, MaxPersonas: 12}
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
	if p.MinPersonas < 2 || p.MaxPersonas < p.MinPersonas || p.MaxPersonas > 100 {
		errs = append(errs, fmt.Errorf("personas are %d to %d, want 2 ≤ least ≤ most ≤ 100", p.MinPersonas, p.MaxPersonas))
	}
	return errors.Join(errs...)
}

// Stage returns the stage that makes tables user_profiles and personas.
//
// In:     clean_listeners and listens by user bucket, tables songs and song_moods, vectors, last night's user_profiles. Everything but
// listeners may be missing.
// Out:    user_profiles, one file a user bucket in order, sorted by user_id; one row a listener, with plays or without; personas,
// one file.
// Errors: listens of somebody who is not among the listeners, or of a song that is not in table songs, fail the stage.
// Order:  a listener's row depends on that listener and the personas, those on the sampled listeners by id: bucketing
// changes nothing.
// Cost:   listens are read twice; 32²/2 · dimensions a listener for the clusters; memory: tags of all songs once a process, 24
// bytes a song an item.
// A listener's plays are split by the parts of the day of hours.
func Stage(p Params, hours localtime.DayHours) work.Stage {
	type decides struct {
		Params
		Hours localtime.DayHours `json:"day_parts"`
	}
	return work.Stage{
		Name:   "profiles",
		Reads:  []string{schemas.WorkListeners, schemas.WorkListens, schemas.TableSongs, schemas.TableSongMoods, schemas.WorkVectors, schemas.Previous(schemas.TableUserProfiles)},
		Writes: []string{schemas.TableUserProfiles, schemas.TablePersonas},
		Params: decides{p, hours},
		Run:    func(ctx context.Context, sc *work.Context) error { return p.run(ctx, sc, Inputs{Hours: hours}) },
	}
}

func (p Params) run(ctx context.Context, sc *work.Context, in Inputs) error {
	defer songCache.Drop()
	defer segmentCache.Drop()
	var listeners, listens []lake.FileRef
	for _, want := range []struct {
		name string
		refs *[]lake.FileRef
	}{{schemas.WorkListeners, &listeners}, {schemas.WorkListens, &listens}, {schemas.TableSongs, &in.Songs}, {schemas.TableSongMoods, &in.Moods}, {schemas.WorkVectors, &in.Vectors}} {
		if !sc.Has(want.name) {
			continue
		}
		refs, err := sc.Input(want.name)
		if err != nil {
			return err
		}
		*want.refs = refs
	}
	items, err := plan(listeners, listens)
	if err != nil {
		return err
	}
	key, err := p.personas(sc, in, items)
	if err != nil {
		return err
	}
	files, err := work.Run(sc, "profile", items, profileFn{in, p, key}, work.Collect[profiled]{})
	if err != nil {
		return err
	}
	return publish(ctx, sc, key, files)
}

// personas learns the night's personas and returns their key.
func (p Params) personas(sc *work.Context, in Inputs, items []bucket) (string, error) {
	var listeners int64
	for _, b := range items {
		listeners += b.Listeners.Rows
	}
	oneIn := max(1, uint64(listeners)/sampleSize)
	samples, err := work.Run(sc, "sample", items, sampleFn{in, p, oneIn}, work.Collect[lake.FileRef]{})
	if err != nil {
		return "", err
	}
	item := []lake.FileRef{}
	for _, s := range samples {
		item = append(item, s...)
	}
	keys, err := work.Run(sc, "personas", [][]lake.FileRef{item}, personaFn{in, p, sc.Previous(schemas.TableUserProfiles)}, work.Collect[string]{})
	if err != nil {
		return "", err
	}
	return keys[0][0], nil
}

// plan pairs the files of each bucket.
func plan(listeners, listens []lake.FileRef) ([]bucket, error) {
	if len(listens) > 0 && len(listens) != len(listeners) {
		return nil, fmt.Errorf("pair buckets: %s has %d files, %s %d", schemas.WorkListeners, len(listeners), schemas.WorkListens, len(listens))
	}
	items := make([]bucket, len(listeners))
	for i, ref := range listeners {
		items[i] = bucket{Number: i, Listeners: ref}
		if len(listens) > 0 {
			items[i].Listens = listens[i : i+1]
		}
	}
	return items, nil
}

// publish hands on the files of all buckets, or an empty one, and writes table personas.
func publish(ctx context.Context, sc *work.Context, key string, files [][]profiled) error {
	env := sc.Env()
	personas, _, err := lake.ReadJSON[*Segments](ctx, env.Lake, key)
	if err != nil {
		return fmt.Errorf("read personas: %w", err)
	}
	members := map[int32]int64{}
	for _, f := range files {
		sc.Output(schemas.TableUserProfiles, f[0].Table)
		f[0].report(sc)
		for id, n := range f[0].Personas {
			members[id] += n
		}
	}
	if len(files) == 0 {
		empty, err := tables.Write(ctx, env, schemas.TableUserProfiles, "empty", []schemas.UserProfile(nil))
		if err != nil {
			return err
		}
		sc.Output(schemas.TableUserProfiles, empty)
	}
	table, err := tables.Write(ctx, env, schemas.TablePersonas, "all", finish(personas.Rows, members))
	if err != nil {
		return err
	}
	sc.Output(schemas.TablePersonas, table)
	personas.report(sc)
	return nil
}
