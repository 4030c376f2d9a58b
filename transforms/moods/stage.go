// Package moods finds the moods of songs: table song_moods.
//
//	stage.go   Params, Stage: plan and counters
//	titles.go  titlesFn: playlists whose title names a mood → counts by song and mood
//	spread.go  spreadFn: tags, titles and neighbours → the table
//
// A song has the moods it is tagged with; else the one that the titles of its playlists agree on; else the one its
// neighbours have; else none. Playlists held out from training are not read.
//
// Phases: titles (by file of playlists), spread (one item). References: Parquet counts in work/moods/titles.
//
// Counters: moods/tag, moods/title, moods/neighbours, moods/unknown (songs by source: they add up to all songs),
// moods/titled_playlists.
package moods

import (
	"context"
	"errors"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Params say how sure a mood must be.
type Params struct {
	MinConfidence float64 `json:"min_confidence"` // share below which a mood from titles or neighbours is unknown; more = fewer and surer; default 0.4
	Sweeps        int     `json:"sweeps"`         // rounds in which neighbours vote; 0 = they do not; default 2
}

// Default returns the parameters of a usual night.
func Default() Params { return Params{MinConfidence: 0.4, Sweeps: 2} }

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if !(p.MinConfidence > 0 && p.MinConfidence <= 1) {
		errs = append(errs, fmt.Errorf("min_confidence is %g, must lie in (0, 1]", p.MinConfidence))
	}
	if p.Sweeps < 0 || p.Sweeps > 100 {
		errs = append(errs, fmt.Errorf("sweeps is %d, must lie in [0, 100]", p.Sweeps))
	}
	return errors.Join(errs...)
}

// Stage returns the stage that makes table song_moods.
//
// In:     table songs, clean_playlists, the neighbours of all songs. Everything but songs may be missing.
// Out:    song_moods, one file sorted by (song_id, mood).
// Order:  counts are integers and labels of a sweep are made from those before it: order of work changes nothing.
// Cost:   linear in songs of titled playlists and in entries of neighbour lists; memory: ids, moods and mapped lists.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name:   "moods",
		Reads:  []string{schemas.TableSongs, schemas.WorkPlaylists, schemas.WorkNeighbourLists},
		Writes: []string{schemas.TableSongMoods},
		Params: p,
		Run:    p.run,
	}
}

func (p Params) run(ctx context.Context, sc *work.Context) error {
	do := spreadFn{Params: p}
	var lists []lake.FileRef
	for name, refs := range map[string]*[]lake.FileRef{
		schemas.TableSongs: &do.Songs, schemas.WorkPlaylists: &lists, schemas.WorkNeighbourLists: &do.Near,
	} {
		if !sc.Has(name) {
			continue
		}
		var err error
		if *refs, err = sc.Input(name); err != nil {
			return err
		}
	}
	items := make([]titlesItem, len(lists))
	for i, ref := range lists {
		items[i] = titlesItem{i, ref}
	}
	titles, err := work.Run(sc, "titles", items, titlesFn{}, work.Collect[titled]{})
	if err != nil {
		return err
	}
	var in []lake.FileRef
	for _, t := range titles {
		in = append(in, t[0].Counts)
		sc.Count("moods/titled_playlists", t[0].Playlists)
	}
	made, err := work.Run(sc, "spread", [][]lake.FileRef{in}, do, work.Collect[spread]{})
	if err != nil {
		return err
	}
	out := made[0][0]
	sc.Output(schemas.TableSongMoods, out.Table)
	for source, n := range out.Songs {
		sc.Count("moods/"+source, n)
	}
	return nil
}
