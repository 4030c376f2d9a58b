package nightly

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/evaluate"
	"segue/transforms/io/lake"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// ErrNoWork says that the working data of a run are gone, so that it cannot be measured again.
var ErrNoWork = errors.New("working data of the run are gone")

// Comparison says which published run is measured again and beside which one.
type Comparison struct {
	Lake     lake.Store
	Run      string // published; its held-out playlists are the cases
	Baseline string // published; its neighbours take the place of last night's
	Params   evaluate.Params
	Runner   string // work.Runners
	Seed     uint64
	Progress work.Progress
}

// Compare measures the neighbours of two runs on the cases of the first and returns the rows of table evaluation, with
// the baseline's run for last_night. It writes nothing to the lake.
//
// Errors: lake.ErrNotExist when a run is not published, ErrNoWork.
func Compare(ctx context.Context, c Comparison) ([]schemas.Evaluation, error) {
	inputs, counters, date, err := c.inputs(ctx)
	if err != nil {
		return nil, err
	}
	m, err := lake.ReadManifest(ctx, c.Lake, c.Baseline)
	if err != nil {
		return nil, err
	}
	base, ok := m.Table(schemas.TableSongNeighbours)
	if !ok {
		return nil, fmt.Errorf("read baseline %s: it has no table %s", c.Baseline, schemas.TableSongNeighbours)
	}
	runner, err := work.NewRunner(c.Runner)
	if err != nil {
		return nil, err
	}
	over, err := lake.NewOverlay(ctx, c.Lake, "compare-"+newAttempt())
	if err != nil {
		return nil, err
	}
	st := evaluate.Stage(c.Params, localtime.UsualHours())
	set := work.Setting{Lake: over, Run: c.Run, Attempt: newAttempt(), Date: date, Seed: c.Seed, Runner: runner, Progress: c.Progress, Counters: counters}
	sc, err := work.NewContext(ctx, set, st, inputs, map[string][]lake.FileRef{schemas.Previous(schemas.TableSongNeighbours): base.Files})
	if err != nil {
		return nil, err
	}
	if err := st.Run(ctx, sc); err != nil {
		return nil, fmt.Errorf("measure run %s: %w", c.Run, err)
	}
	rows, err := tables.Read[schemas.Evaluation](ctx, over, sc.Outputs()[schemas.TableEvaluation])
	for i := range rows {
		rows[i].Method = strings.ReplaceAll(rows[i].Method, evaluate.MethodLastNight, c.Baseline)
	}
	return rows, err
}

// inputs returns what the stages of the run wrote, as far as the stage reads it, what they counted, and its date.
func (c Comparison) inputs(ctx context.Context) (inputs map[string][]lake.FileRef, counters map[string]int64, date time.Time, err error) {
	if _, err := lake.ReadManifest(ctx, c.Lake, c.Run); err != nil {
		return nil, nil, date, err
	}
	records, err := lake.ReadStages(ctx, c.Lake, c.Run)
	if err != nil {
		return nil, nil, date, err
	}
	written := map[string][]lake.FileRef{}
	for _, r := range records {
		maps.Copy(written, r.Outputs)
	}
	inputs = map[string][]lake.FileRef{}
	for _, name := range evaluate.Stage(c.Params, localtime.UsualHours()).Reads {
		for _, ref := range written[name] {
			if _, err := c.Lake.Stat(ctx, ref.Key); errors.Is(err, lake.ErrNotExist) {
				return nil, nil, date, fmt.Errorf("%w: %s", ErrNoWork, ref.Key)
			} else if err != nil {
				return nil, nil, date, err
			}
		}
		inputs[name] = written[name]
	}
	day, _, err := lake.ParseRun(c.Run)
	if err != nil {
		return nil, nil, date, err
	}
	date, err = time.Parse(time.DateOnly, day)
	return inputs, lake.Counters(records), date, err
}
