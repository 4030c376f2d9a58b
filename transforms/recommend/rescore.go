package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// again returns a night whose candidates are those that an earlier run of it stored, under that run's calibration.
//
// Errors: a run that is missing, has no table candidates, or whose working data are gone; another seed, other inputs or other settings of
// the search, with which other candidates would be found.
func again(ctx context.Context, s lake.Store, n Night) (Night, error) {
	run := n.Shared.Params.Rescore
	fail := func(err error) (Night, error) { return n, fmt.Errorf("re-score run %s: %w", run, err) }
	m, err := lake.ReadManifest(ctx, s, run)
	if err != nil {
		return fail(err)
	}
	table, _ := m.Table(schemas.TableCandidates)
	if len(table.Files) == 0 {
		return fail(errors.New("it has no table candidates: make its night with recommend.candidates=true"))
	}
	was, err := readNight(ctx, s, lake.RunOf(table.Files[0].Key), AttemptOf(table.Files[0]))
	if errors.Is(err, lake.ErrNotExist) {
		err = fmt.Errorf("its working data are gone: %w", err)
	}
	if err := cmp.Or(err, was.fits(n)); err != nil {
		return fail(err)
	}
	if len(n.Items) != len(table.Files) && len(n.Items) > 0 {
		return fail(fmt.Errorf("its table candidates has %d files, the night %d buckets of listeners", len(table.Files), len(n.Items)))
	}
	for i := range n.Items {
		n.Items[i].Candidates = &table.Files[i]
	}
	n.Shared.Members, n.Shared.Inverted, n.Calibration = was.Shared.Members, was.Shared.Inverted, was.Calibration
	return n, nil
}

// fits reports in what a night differs from the one whose candidates it weighs anew.
func (n Night) fits(other Night) error {
	was, now := n.Shared.Params.search(), other.Shared.Params.search()
	for i := range was {
		if was[i] != now[i] {
			return fmt.Errorf("%s is %v, its candidates were sought with %v: run the night with --from recommend for other ones", now[i].name, now[i].value, was[i].value)
		}
	}
	sought := slices.Clone(n.Items)
	for i := range sought {
		sought[i].Candidates = nil
	}
	if n.Seed != other.Seed || n.Shared.Hours != other.Shared.Hours || n.Shared.Day != other.Shared.Day ||
		!reflect.DeepEqual(sought, other.Items) || !reflect.DeepEqual(n.Shared.Files, other.Shared.Files) {
		return errors.New("it was made of other inputs, stages or day parts, or with another seed, than this night")
	}
	return nil
}

// setting is one setting by its key.
type setting struct {
	name  string
	value any
}

// search returns the settings that decide candidates and terms; the others weigh them.
func (p Params) search() []setting {
	return []setting{
		{"recommend.mode", p.Mode},
		{"recommend.inactive_days", p.InactiveDays},
		{"recommend.rank.neighbours", p.Rank.Neighbours},
		{"recommend.rank.vectors", p.Rank.Vectors},
		{"recommend.rank.pool_depth", p.Rank.PoolDepth},
		{"recommend.weigh.kappa", p.Weigh.Kappa},
		{"recommend.context_length > 0", p.ContextLength > 0},
	}
}
