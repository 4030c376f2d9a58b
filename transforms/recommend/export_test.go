package recommend

import (
	"context"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Replay is a published run whose lists are made again, with parts of the score left out.
type Replay struct {
	IDs  []string       // of songs, by index
	Made *scoring.Model // as the run's lists were made

	m     *model
	s     lake.Store
	run   string
	night Night
}

// OpenReplay opens a run by its working data.
func OpenReplay(ctx context.Context, s lake.Store, run string) (*Replay, error) {
	manifest, err := lake.ReadManifest(ctx, s, run)
	if err != nil {
		return nil, err
	}
	table, _ := manifest.Table(schemas.TableUserRecommendations)
	night, err := readNight(ctx, s, run, AttemptOf(table.Files[0]))
	if err != nil {
		return nil, err
	}
	m, err := readModel(ctx, s, night.Shared)
	if err != nil {
		return nil, err
	}
	return &Replay{IDs: m.ids, Made: m.scoring.Calibrated(night.Calibration), m: m, s: s, run: run, night: night}, nil
}

// Each calls f for every listener of the run, as lists see them.
func (r *Replay) Each(ctx context.Context, f func(user string, l *scoring.Listener)) error {
	reader := r.m.reader(&work.Env{Run: r.run, Seed: r.night.Seed})
	for _, item := range r.night.Items {
		err := reader.each(ctx, r.s, item, everybody, func(p *person) error {
			f(p.row.UserID, &p.listener)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
