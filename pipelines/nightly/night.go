package nightly

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Options says which night to run and how.
type Options struct {
	Lake     lake.Store
	Date     time.Time // 00:00 UTC of the logical date
	Params   Params
	Runner   string      // work.Runners
	Engine   work.Runner // an execution engine, instead of Runner; nil = none
	From     string      // first stage to run, taking earlier ones from the newest run of the date with the same inputs; "" = the first
	Until    string      // last stage to run; "" = publish
	Resume   bool        // continue the newest unpublished run of the date with the same inputs and parameters
	Seed     uint64
	Memory   int64  // bytes that a process should get by with; 0 = work.DefaultMemory
	Producer string // program and version, written into the run and its manifest
	Progress work.Progress
}

// Result says what a night did.
type Result struct {
	Run              string
	AlreadyPublished bool // the same inputs, parameters and seed were published before: nothing was done
	Published        bool // the release was written, and is current unless a later date is
	Publishing       bool // beside an error: it came while the release was written, or after
	Stages           []lake.StageRecord
}

// Run runs the night of one logical date and publishes it.
//
// Errors: ErrNotReady without inputs, work.ErrGate when a quality rule failed, the stores' errors, or that of a stage.
// On an error nothing is published and the last release stays current, but for one that Result.Publishing tells of; Resume continues after
// the last finished item.
func Run(ctx context.Context, o Options) (Result, error) {
	if err := archive.Merge(ctx, o.Lake, o.Date.AddDate(0, 0, 1)); err != nil {
		return Result{}, err
	}
	n, err := plan(ctx, o)
	if err != nil {
		return Result{}, err
	}
	if done, err := n.published(ctx); err != nil || done.AlreadyPublished {
		return done, err
	}
	if err := n.claim(ctx); err != nil {
		return Result{}, err
	}
	return n.runStages(ctx)
}

// night is one planned night.
type night struct {
	Options
	stages     []work.Stage
	landing    map[string][]lake.FileRef // by folder, and tables of last night by schemas.Previous
	previous   string                    // run of last night's release; "" = none
	inputHash  string
	configHash string
	runner     work.Runner
	run        string
	fresh      bool               // the run is new
	records    []lake.StageRecord // of finished stages, in order
	scratch    string             // folder that all items share; "" = the lake
}

func plan(ctx context.Context, o Options) (*night, error) {
	runner := o.Engine
	if runner == nil {
		var err error
		if runner, err = work.NewRunner(o.Runner); err != nil {
			return nil, err
		}
	}
	n := &night{Options: o, stages: Stages(o.Params), runner: runner}
	if err := n.checkStageNames(); err != nil {
		return nil, err
	}
	var err error
	if n.landing, err = findInputs(ctx, o.Lake, o.Date); err != nil {
		return nil, err
	}
	if n.previous, err = addPrevious(ctx, o.Lake, n.day(), n.landing); err != nil {
		return nil, err
	}
	n.inputHash = hashOf(n.landing)
	n.configHash = hashOf(o.Params, o.Seed)
	return n, nil
}

// ErrStage says that a stage was named that does not exist.
var ErrStage = errors.New("no such stage")

func (n *night) checkStageNames() error {
	names := []string{}
	for _, st := range n.stages {
		names = append(names, st.Name)
	}
	for _, want := range []string{n.From, n.Until} {
		if want != "" && n.index(want) < 0 {
			return fmt.Errorf("%w %q: stages are %v", ErrStage, want, names)
		}
	}
	return nil
}

func (n *night) index(stage string) int {
	for i, st := range n.stages {
		if st.Name == stage {
			return i
		}
	}
	return -1
}

// last returns the index of the last stage to run.
func (n *night) last() int {
	if n.Until == "" {
		return len(n.stages) - 1
	}
	return n.index(n.Until)
}

func (n *night) day() string { return n.Date.Format(time.DateOnly) }

// published finds a release of the same date, inputs and parameters.
func (n *night) published(ctx context.Context) (Result, error) {
	m, found, err := n.same(ctx)
	if err != nil || !found {
		return Result{}, err
	}
	// The manifest is the commit; a crash may have come before the pointer moved.
	err = lake.Publish(ctx, n.Lake, m)
	if errors.Is(err, lake.ErrHeld) {
		return Result{Run: m.Run}, fmt.Errorf("%w: %w", work.ErrGate, err)
	}
	if err != nil {
		return Result{}, err
	}
	records, err := lake.ReadStages(ctx, n.Lake, m.Run)
	return Result{Run: m.Run, AlreadyPublished: true, Published: true, Stages: records}, err
}

// same returns the manifest of a run of the same date, inputs and parameters; asking for a stage asks for a new run.
func (n *night) same(ctx context.Context) (m lake.Manifest, found bool, err error) {
	if n.From != "" || n.Until != "" {
		return m, false, nil
	}
	runs, err := lake.ListRuns(ctx, n.Lake)
	if err != nil {
		return m, false, err
	}
	for _, r := range runs {
		if r.Date != n.day() || r.InputHash != n.inputHash || r.ConfigHash != n.configHash {
			continue
		}
		m, err := lake.ReadManifest(ctx, n.Lake, r.Run)
		if !errors.Is(err, lake.ErrNotExist) {
			return m, err == nil, err
		}
	}
	return m, false, nil
}

func (n *night) runStages(ctx context.Context) (Result, error) {
	scratch, remove, err := scratchFolder()
	if err != nil {
		return Result{}, err
	}
	defer remove()
	if n.runner.Local() {
		n.scratch = scratch
	}
	for i := len(n.records); i <= n.last(); i++ {
		if err := n.runStage(ctx, n.stages[i]); err != nil {
			return Result{Run: n.run, Stages: n.records, Publishing: i == len(n.stages)-1}, err
		}
	}
	return Result{Run: n.run, Published: n.last() == len(n.stages)-1, Stages: n.records}, nil
}

func (n *night) runStage(ctx context.Context, st work.Stage) error {
	phases := &phaseClock{next: n.Progress, now: time.Now}
	started := phases.now()
	set := work.Setting{
		Lake: n.Lake, ScratchURL: n.scratch, Run: n.run, Attempt: newAttempt(), Fresh: n.fresh && n.runner.Local(), Date: n.Date, Seed: n.Seed, Memory: n.Memory,
		Runner: n.runner, Progress: phases, Counters: lake.Counters(n.records), Reused: n.reused(),
	}
	sc, err := work.NewContext(ctx, set, st, n.outputs(), n.landing)
	if err != nil {
		return err
	}
	stop, used := watchMemory(ctx, cmp.Or(n.Memory, work.DefaultMemory)), cpuSeconds()
	err = st.Run(ctx, sc)
	peak := stop()
	giveBack(peak)
	used = cpuSeconds() - used
	if err = cmp.Or(err, n.clearScratch(st.Name)); err != nil {
		return fmt.Errorf("stage %s of run %s: %w", st.Name, n.run, err)
	}
	took := phases.ended()
	record := lake.StageRecord{
		Stage: st.Name, Inputs: n.inputsOf(st), ConfigHash: hashOf(st.Params, n.Seed), InputHash: n.inputHashOf(st),
		Outputs: sc.Outputs(), Counters: sc.Counters(), StartedAt: started.UTC(), EndedAt: time.Now().UTC(),
		Seconds: time.Since(started).Seconds(), CPUSeconds: used, PeakBytes: peak, Kept: sc.Kept(), Phases: took,
	}
	if err := lake.WriteStage(ctx, n.Lake, n.run, record); err != nil {
		return err
	}
	n.records = append(n.records, record)
	phases.End(st.Name, record.Seconds)
	return nil
}

// newAttempt returns 8 random hex digits: file names of two executions never meet. Results do not depend on it.
func newAttempt() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
