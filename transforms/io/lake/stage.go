package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// StageRecord says what one stage of a run read and left: runs/<run>/stages/<stage>.json, written when it has ended.
type StageRecord struct {
	Stage      string               `json:"stage"`
	Inputs     map[string][]FileRef `json:"inputs"` // by dataset, table or landing folder
	ConfigHash string               `json:"config_hash"`
	InputHash  string               `json:"input_hash"`
	Outputs    map[string][]FileRef `json:"outputs"` // by dataset or table, files in order
	Counters   map[string]int64     `json:"counters"`
	Seconds    float64              `json:"seconds"`
	CPUSeconds float64              `json:"cpu_seconds"` // of this process: all of the stage where its workers are here
	PeakBytes  int64                `json:"peak_bytes"`  // resident memory of the process, highest
	StartedAt  time.Time            `json:"started_at"`
	EndedAt    time.Time            `json:"ended_at"`
	Kept       []string             `json:"kept,omitempty"`   // folders kept/… that the stage used: they must live as long as the run
	Phases     []PhaseRecord        `json:"phases,omitempty"` // in the order they began; none in records of earlier versions
}

// PhaseRecord says how long one phase of a stage took.
type PhaseRecord struct {
	Phase   string  `json:"phase"`
	Items   int     `json:"items"`   // work items, those that were done before included
	Seconds float64 `json:"seconds"` // until the next phase began or the stage ended
}

// Counters returns the counters of all records, added up by name.
func Counters(records []StageRecord) map[string]int64 {
	all := map[string]int64{}
	for _, r := range records {
		for name, n := range r.Counters {
			all[name] += n
		}
	}
	return all
}

func stageKey(run, stage string) string { return RunKey(run, "stages", stage+".json") }

// WriteStage writes the record of a stage, in place of an earlier one of the same run.
func WriteStage(ctx context.Context, s Store, run string, r StageRecord) error {
	if _, _, err := ParseRun(run); err != nil {
		return err
	}
	key := stageKey(run, r.Stage)
	data, err := encode(key, r)
	if err != nil {
		return err
	}
	return update(ctx, s, key, func(old []byte) ([]byte, error) {
		if string(old) == string(data) {
			return nil, nil
		}
		return data, nil
	})
}

// ReadStages returns the stage records of a run by start, then name; none when the run has none.
func ReadStages(ctx context.Context, s Store, run string) ([]StageRecord, error) {
	if _, _, err := ParseRun(run); err != nil {
		return nil, err
	}
	infos, err := s.List(ctx, RunKey(run, "stages")+"/")
	if err != nil {
		return nil, fmt.Errorf("read stages of run %s: %w", run, err)
	}
	infos = slices.DeleteFunc(infos, func(in Info) bool { return !strings.HasSuffix(in.Key, ".json") })
	records := make([]StageRecord, len(infos))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, in := range infos {
		g.Go(func() (err error) {
			records[i], _, err = ReadJSON[StageRecord](gctx, s, in.Key)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("read stages of run %s: %w", run, err)
	}
	slices.SortFunc(records, func(a, b StageRecord) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.Stage, b.Stage))
	})
	return records, nil
}

// update replaces the object under key by what change makes of its present content (nil = none yet), again when another
// writer came first. change returns nil to leave it as it is.
func update(ctx context.Context, s Store, key string, change func(old []byte) ([]byte, error)) error {
	for {
		old, in, err := s.Get(ctx, key)
		if errors.Is(err, ErrNotExist) {
			old, in, err = nil, Info{}, nil
		}
		if err != nil {
			return err
		}
		data, err := change(old)
		if err != nil || data == nil {
			return err
		}
		_, err = s.Swap(ctx, key, data, in.ETag)
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
}
