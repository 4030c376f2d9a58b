package gate

import (
	"context"
	"errors"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// history is what the rules know of last night.
type history struct {
	run      string // "" = there is none
	facts    map[string][]facts
	coverage []schemas.Coverage
	counters map[string]int64
}

// lastNight reads the footers of last night's tables and its counters.
func lastNight(ctx context.Context, sc *work.Context) (history, error) {
	p := history{facts: map[string][]facts{}}
	s := sc.Env().Lake
	info, err := lake.ReadRun(ctx, s, sc.Env().Run)
	if errors.Is(err, lake.ErrNotExist) {
		return p, nil
	}
	if err != nil || info.Previous == "" {
		return p, err
	}
	p.run = info.Previous
	records, err := lake.ReadStages(ctx, s, p.run)
	if err != nil {
		return p, err
	}
	p.counters = lake.Counters(records)
	for _, table := range judged() {
		for _, ref := range sc.Previous(table) {
			f, err := describe(ctx, s, fileItem{Table: table, File: ref})
			if err != nil {
				return p, err
			}
			p.facts[table] = append(p.facts[table], f)
		}
	}
	p.coverage, err = tables.Read[schemas.Coverage](ctx, s, sc.Previous(schemas.TableCoverage))
	return p, err
}
