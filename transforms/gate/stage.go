// Package gate decides whether a night may become current: rules over its tables, beside those of last night. Table gate
// holds every rule with its figure, its bound and what to do.
//
//	stage.go    Params, Stage: gather facts, apply the rules
//	facts.go    factsFn: one file of a table → rows, nulls, faults
//	sound.go    faults of single rows: vectors
//	lists.go    faults of lists: neighbours of songs, recommendations
//	match.go    sampler, matchFn: published scores of a sample beside the vectors they came from
//	history.go  last night's facts and counters
//	rules.go    facts → rules
//	quality.go  evaluation → rules, with Holm's correction
//
// A rule that fails holds the run back as a candidate; one that warns does not. The first night has nothing to compare
// with: rules about last night hold.
package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// Params are the bounds of the rules.
type Params struct {
	RowsChange   float64 `json:"rows_change"`   // rows of a table or kind of input may change by this share of last night's; half of it warns; default 0.4
	NullsChange  float64 `json:"nulls_change"`  // the share of nulls of a column may grow by this much; default 0.2
	CoverageDrop float64 `json:"coverage_drop"` // the share of listeners with a personal list may fall by this much; default 0.1
	ListsChange  float64 `json:"lists_change"`  // a measure of table list_quality may get worse by this much; half of it warns; default 0.1
	MinRecall    float64 `json:"min_recall"`    // recall of the neighbour search on its sample; default 0.95
	MinCosine    float64 `json:"min_cosine"`    // median cosine of aligned song vectors to last night's; default 0.5
	QualityLoss  float64 `json:"quality_loss"`  // nDCG may be lower than a baseline's by this share when it is certain; default 0.02
	MinCases     int     `json:"min_cases"`     // a stratum with fewer cases only warns; default 200
}

// Default returns bounds that let ordinary nights pass.
func Default() Params {
	return Params{RowsChange: .4, NullsChange: .2, CoverageDrop: .1, ListsChange: .1, MinRecall: .95, MinCosine: .5, QualityLoss: .02, MinCases: 200}
}

// Validate reports every bound that makes no sense.
func (p Params) Validate() error {
	var errs []error
	for name, v := range map[string]float64{
		"rows_change": p.RowsChange, "nulls_change": p.NullsChange, "coverage_drop": p.CoverageDrop, "lists_change": p.ListsChange,
		"min_recall": p.MinRecall, "min_cosine": p.MinCosine, "quality_loss": p.QualityLoss,
	} {
		if !(v >= 0 && v <= 1) {
			errs = append(errs, fmt.Errorf("%s is %g, want a share in [0,1]", name, v))
		}
	}
	if p.MinCases < 1 {
		errs = append(errs, fmt.Errorf("min_cases is %d, want at least 1", p.MinCases))
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// judged lists the tables the rules look at: all but the gate's own.
func judged() []string {
	var names []string
	for _, t := range schemas.Tables() {
		if t.Name != schemas.TableGate {
			names = append(names, t.Name)
		}
	}
	return names
}

// Stage returns the stage that makes table gate. popularityExponent is that of the neighbours, to check their scores.
//
// In:     every table of the night and of last night; counters of the stages before, and of last night's.
// Out:    gate, one file by (rule, subject).
// Errors: none for a rule that fails: stage publish holds the run back.
// Cost:   reads song_vectors, song_neighbours and user_recommendations once, of the others the footers.
func Stage(p Params, popularityExponent float64) work.Stage {
	reads := append(judged(), schemas.WorkOutVectors)
	for _, name := range judged() {
		reads = append(reads, schemas.Previous(name))
	}
	return work.Stage{
		Name: "gate", Reads: reads, Writes: []string{schemas.TableGate}, Params: p,
		Run: func(ctx context.Context, sc *work.Context) error { return run(ctx, sc, p, popularityExponent) },
	}
}

func run(ctx context.Context, sc *work.Context, p Params, popularityExponent float64) error {
	now, err := tonight(sc, !sc.Has(schemas.WorkOutVectors)) // scores do not follow from published vectors where songs have second ones
	if err != nil {
		return err
	}
	if now.matched, err = match(sc, now.facts[schemas.TableSongNeighbours], popularityExponent); err != nil {
		return err
	}
	before, err := lastNight(ctx, sc)
	if err != nil {
		return err
	}
	rules, err := p.judge(ctx, sc.Env().Lake, now, before)
	if err != nil {
		return err
	}
	slices.SortFunc(rules, func(a, b schemas.GateRule) int {
		return strings.Compare(a.Rule+"\x00"+a.Subject, b.Rule+"\x00"+b.Subject)
	})
	for _, r := range rules {
		sc.Count("gate/"+r.Status, 1)
	}
	ref, err := tables.Write(ctx, sc.Env(), schemas.TableGate, "all", rules)
	if err != nil {
		return err
	}
	sc.Output(schemas.TableGate, ref)
	return nil
}

// judge applies every rule.
func (p Params) judge(ctx context.Context, s lake.Store, now night, before history) ([]schemas.GateRule, error) {
	cover, err := tables.Read[schemas.Coverage](ctx, s, now.files[schemas.TableCoverage])
	if err != nil {
		return nil, err
	}
	lists, err := tables.Read[schemas.ListQuality](ctx, s, now.files[schemas.TableListQuality])
	if err != nil {
		return nil, err
	}
	evaluation, err := tables.Read[schemas.Evaluation](ctx, s, now.files[schemas.TableEvaluation])
	if err != nil {
		return nil, err
	}
	return slices.Concat(now.sound(), p.compared(now, before), p.counted(now, before), p.covered(cover, before), p.spread(lists), p.quality(evaluation)), nil
}
