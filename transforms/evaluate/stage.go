// Package evaluate measures how well the published neighbours find the hidden songs of playlists that were kept away
// from training, beside baselines on the same cases: table evaluation.
//
//	stage.go       Params, Stage: plan and table
//	case.go        Case: seeds and hidden songs of one playlist; methods, metrics and strata
//	vocabulary.go  the training matrix and its vocabulary, opened once a process
//	facts.go       counts, artists and vectors of songs, opened once a process
//	bench.go       the methods over one catalogue: rankings of a case; rows that cases share
//	figures.go     judge: what is measured of a case, and where it stands
//	cases.go       casesFn: held-out playlists of one file → cases; their union
//	lists.go       listsFn: the seeds' lists of tonight's and last night's table song_neighbours
//	score.go       scoreFn: a range of cases → figures; all of them together
//	table.go       figures → rows with intervals
//	days.go        releases: lists of earlier nights and the plays that followed them
//	truth.go       truthFn: a bucket of plays → what listeners discovered after a release
//	daylists.go    dayListsFn: a file of lists → measures by listener
//	daytable.go    their rows
//	split.go       the splits of Protocol
//	values.go      measures of a Protocol by method and metric
//	protocol.go    Protocol: splits, training and the same measures in memory
//	tuning.go      Tuning: one recipe after another on the same playlists
//
// Where 400 playlists or more are held out, half of them fit parameters (schemas.ForFit) and the other half are cases.
// Vocabulary: matrix columns with n ≥ 5. Case: vocabulary songs of a held-out playlist, once each, in order; seeds = the
// first min(25, ⌊len/2⌋), hidden = the rest, at least 5. Ranking: every vocabulary song without the seeds, score falling,
// then song id; depth max(500, hidden). Strata: the first 1, 5 or 10 seeds given, or all of them; the cases with 25 seeds; and
// hidden songs by popularity, over whose hits recall is pooled: thirds of the entries of the vocabulary, and cold ones, those
// outside the vocabulary, which are sought in the ranking of the whole catalogue. Intervals: 1,000 draws of cases.
//
// Held-out days: the lists of last night's release and of one a week old against songs that listeners met for the first time
// after it, without skipping them; nothing is trained again. Beside them stands the chart of the listener's region in that
// release, without songs the listener had met. Strata: days=n, n the days since, and of these history (cold: no play before,
// light: fewer than 25, heavy), tier, region, and context lists beside the general list on the plays of their contexts.
//
// Counters: evaluate/listeners_days_n, evaluate/cases, evaluate/held_out (playlists).
package evaluate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/lake"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// rangeCases is how many cases are one item.
const rangeCases = 256

// Params decide how much is measured.
type Params struct {
	// 1 playlist in so many is kept away from training, by stage clean; more means fewer; 0 = none, and nothing is measured; default 50.
	HoldOut int `json:"holdout"`
	Cases   int `json:"cases"`  // at most this many cases, those of smallest hash; more = narrower intervals, slower; 0 = all; default 1000
	Stored  int `json:"stored"` // neighbours a song of the stored item-kNN baseline; default 100
}

// Default returns 1,000 cases against a baseline of 100 stored neighbours.
func Default() Params { return Params{HoldOut: 50, Cases: 1000, Stored: 100} }

// Validate reports every setting that makes no sense.
func (p Params) Validate() error {
	var errs []error
	if p.HoldOut < 0 || p.HoldOut == 1 {
		errs = append(errs, fmt.Errorf("holdout is %d, want 0 for none or at least 2", p.HoldOut))
	}
	if p.Cases < 0 {
		errs = append(errs, fmt.Errorf("cases is %d, want at least 0", p.Cases))
	}
	if p.Stored < 1 {
		errs = append(errs, fmt.Errorf("stored is %d, want at least 1", p.Stored))
	}
	return errors.Join(errs...)
}

// Stage returns the stage that makes table evaluation.
//
// In:     clean_playlists with held-out ones, the training matrix, tables songs and song_neighbours.
// Out:    evaluation, one file by (metric, stratum, method); empty without cases.
// Order:  cases are ordered by the hash of their playlist: neither files nor ranges change a value.
// Cost:   for every seed the training playlists that hold it, for every case and method one pass over the vocabulary.
// Lists of contexts are those of the parts of the day of hours.
func Stage(p Params, hours localtime.DayHours) work.Stage {
	type decides struct {
		Params
		Hours localtime.DayHours `json:"day_parts"`
	}
	return work.Stage{
		Name: "evaluate",
		Reads: []string{
			schemas.WorkPlaylists, schemas.WorkMatrixColumns, schemas.WorkMatrixRowStart, schemas.WorkMatrixRowItems,
			schemas.WorkMatrixColStart, schemas.WorkMatrixColItems, schemas.TableSongs, schemas.TableSongNeighbours,
			schemas.WorkVectors, schemas.Previous(schemas.TableSongNeighbours), schemas.WorkPlays, schemas.WorkListeners,
			schemas.Previous(schemas.TableUserRecommendations), schemas.Previous(schemas.TableCharts),
			schemas.WeekBefore(schemas.TableUserRecommendations), schemas.WeekBefore(schemas.TableCharts),
		},
		Writes: []string{schemas.TableEvaluation},
		Params: decides{p, hours},
		Run:    func(ctx context.Context, sc *work.Context) error { return run(ctx, sc, p, hours) },
	}
}

func run(ctx context.Context, sc *work.Context, p Params, hours localtime.DayHours) error {
	defer benches.Drop()
	defer names.Drop()
	defer songFacts.Drop()
	defer tonight.Drop()
	defer lastNight.Drop()
	defer itemRows.Drop()
	defer numbers.Drop()
	defer sought.Drop()
	rows, err := evaluate(ctx, sc, p)
	if err != nil {
		return err
	}
	days, err := heldOutDays(ctx, sc, dayShared{Limit: p.Cases, Hours: hours})
	if err != nil {
		return err
	}
	rows = append(rows, days...)
	slices.SortFunc(rows, func(a, b schemas.Evaluation) int {
		return strings.Compare(a.Metric+"\x00"+a.Stratum+"\x00"+a.Method, b.Metric+"\x00"+b.Stratum+"\x00"+b.Method)
	})
	ref, err := tables.Write(ctx, sc.Env(), schemas.TableEvaluation, "all", rows)
	if err != nil {
		return err
	}
	sc.Output(schemas.TableEvaluation, ref)
	return nil
}

// evaluate runs the phases and returns the table's rows; none without cases.
func evaluate(ctx context.Context, sc *work.Context, p Params) ([]schemas.Evaluation, error) {
	shared, ok, err := inputs(sc, p)
	if err != nil || !ok {
		return nil, err
	}
	n, err := findCases(ctx, sc, &shared, p.Cases)
	if err != nil || n == 0 {
		return nil, err
	}
	if shared.Lists, err = findLists(sc, "lists", shared, shared.Files[schemas.TableSongNeighbours]); err != nil {
		return nil, err
	}
	before := sc.Previous(schemas.TableSongNeighbours)
	lists, err := findLists(sc, "lists-before", shared, before)
	if err != nil {
		return nil, err
	}
	shared.LastNight, shared.Before = len(before) > 0, lists
	var ranges []caseRange
	for from := 0; from < n; from += rangeCases {
		ranges = append(ranges, caseRange{from, min(from+rangeCases, n)})
	}
	parts, err := work.Run(sc, "score", ranges, scoreFn{Shared: shared}, work.Collect[scorePart]{})
	if err != nil {
		return nil, err
	}
	m, err := collect(ctx, sc.Env().Lake, slices.Concat(parts...), shared)
	if err != nil {
		return nil, err
	}
	return m.rows(sc.Env().Seed, len(shared.Vectors) > 0), nil
}

// inputs names what the items read; false when something that is needed is not there.
func inputs(sc *work.Context, p Params) (shared Shared, ok bool, err error) {
	shared = Shared{Files: map[string][]lake.FileRef{}, Stored: p.Stored}
	shared.HeldOut, _ = sc.Counter("matrix/held_out")
	for _, name := range benchFiles {
		if !sc.Has(name) {
			return shared, false, nil
		}
		if shared.Files[name], err = sc.Input(name); err != nil {
			return shared, false, err
		}
	}
	if sc.Has(schemas.WorkVectors) {
		shared.Vectors, err = sc.Input(schemas.WorkVectors)
	}
	return shared, true, err
}
