// Package parity compares, every night, what the live job left with a replay of its archive: batch equals stream.
//
//	parity.go  Params, Stage
//
// What is compared stands in transforms/io/parity. Counters, where a live job runs or has run: parity/equal_ppm (part of all records,
// in millionths, which the gate reads), parity/equal, parity/different, parity/missing, parity/extra (records), parity/late (plays
// that the live features left out and the night has), parity/duplicates, parity/plays, parity/open (sessions not ended for certain).
package parity

import (
	"context"
	"fmt"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/parity"
	"segue/transforms/io/work"
)

func init() {
	work.Register[replayFn, work.Collect[parity.Report], dayItem, parity.Report, []parity.Report]()
}

// Params are the settings of stage parity: those the live job runs with.
type Params struct {
	GapMinutes      int `json:"gap_minutes"`      // longest silence within a session, minutes; another than the live job's finds differences; default 30
	LatenessMinutes int `json:"lateness_minutes"` // of the live job, minutes; likewise; default 10
}

// Default returns the parameters that need no thought.
func Default() Params { return Params{GapMinutes: 30, LatenessMinutes: 10} }

// Validate reports every parameter that makes no sense.
func (p Params) Validate() error {
	if err := p.live().Validate(); err != nil {
		return fmt.Errorf("gap_minutes %d, lateness_minutes %d: %w", p.GapMinutes, p.LatenessMinutes, err)
	}
	return nil
}

func (p Params) live() sessions.Params {
	l := sessions.Default()
	l.Gap, l.Lateness = time.Duration(p.GapMinutes)*time.Minute, time.Duration(p.LatenessMinutes)*time.Minute
	return l
}

// Stage returns the stage with these parameters.
//
// Plan:   one item.
// Do:     archive → report.
// In:     the archive and the snapshots of the live job, if there are any.
// Out:    counters.
// Errors: an archive with gaps or files that cannot be read.
// Cost:   one pass over the archive, a partition at a time; the listeners of one partition in memory.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name: "parity", Reads: []string{schemas.LandingPlays}, Params: p,
		Run: func(_ context.Context, sc *work.Context) error { return run(sc, p) },
	}
}

func run(sc *work.Context, p Params) error {
	reports, err := work.Run(sc, "replay", []dayItem{{sc.Date()}}, replayFn{p}, work.Collect[parity.Report]{})
	if err != nil {
		return err
	}
	for _, of := range reports {
		for _, r := range of {
			count(sc, r)
		}
	}
	return nil
}

// dayItem is the day whose sessions are compared.
type dayItem struct{ Day time.Time }

// replayFn replays the archive.
type replayFn struct{ Params Params }

// Do returns the report, without examples: they name listeners.
func (f replayFn) Do(ctx context.Context, env *work.Env, item dayItem) ([]work.Keyed[parity.Report], error) {
	r, err := parity.Run(ctx, env.Lake, item.Day, f.Params.live())
	if err != nil {
		return nil, fmt.Errorf("compare the live job with its archive: %w", err)
	}
	for i := range r.Tables {
		r.Tables[i].Examples = nil
	}
	return []work.Keyed[parity.Report]{{Key: "report", Value: r}}, nil
}

func count(sc *work.Context, r parity.Report) {
	if r.Partitions == 0 {
		return
	}
	for _, t := range r.Tables {
		sc.Count("parity/equal", t.Equal)
		sc.Count("parity/different", t.Different)
		sc.Count("parity/missing", t.Missing)
		sc.Count("parity/extra", t.Extra)
	}
	sc.Count("parity/equal_ppm", int64(r.Share()*1e6))
	sc.Count("parity/plays", r.Plays)
	sc.Count("parity/late", r.Late)
	sc.Count("parity/duplicates", r.Duplicates)
	sc.Count("parity/open", r.Open)
}
