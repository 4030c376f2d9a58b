package nightly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"segue/transforms/algo/simd"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// claim gives the night its run: an unfinished one to continue, or a new one, with the records it may keep.
func (n *night) claim(ctx context.Context) error {
	if n.Resume {
		found, err := n.continueRun(ctx)
		if found || err != nil {
			return err
		}
	}
	var kept []lake.StageRecord
	reads := n.runsRead()
	if n.From != "" {
		var err error
		var from string
		if kept, from, err = n.earlier(ctx); err != nil {
			return err
		}
		if from != "" {
			reads = append(reads, from)
		}
	}
	config, err := json.Marshal(n.Params)
	if err != nil {
		return fmt.Errorf("encode parameters: %w", err)
	}
	n.run, err = lake.ClaimRun(ctx, n.Lake, n.day(), lake.RunInfo{
		Date: n.day(), CreatedAt: time.Now().UTC(), Seed: n.Seed,
		ConfigHash: n.configHash, InputHash: n.inputHash, Previous: n.previous, Reads: reads, Producer: n.Producer, KernelTier: simd.Tier(), Config: config,
	})
	if err != nil {
		return err
	}
	for _, r := range kept {
		if err := lake.WriteStage(ctx, n.Lake, n.run, r); err != nil {
			return err
		}
	}
	n.records, n.fresh = kept, true
	return n.checkFree(ctx, reads)
}

// runsRead returns the runs whose files are inputs of the night, in order.
func (n *night) runsRead() []string {
	var runs []string
	if run := n.Params.Recommend.Rescore; run != "" {
		runs = append(runs, run)
	}
	for _, refs := range n.landing {
		for _, ref := range refs {
			if run := lake.RunOf(ref.Key); run != "" {
				runs = append(runs, run)
			}
		}
	}
	slices.SortFunc(runs, lake.CompareRuns)
	return slices.Compact(runs)
}

// checkFree returns lake.ErrTaken when a collection of garbage has a run that this one reads and whose claim it may not have seen.
func (n *night) checkFree(ctx context.Context, runs []string) error {
	for _, run := range runs {
		if err := lake.CheckFree(ctx, n.Lake, run); err != nil {
			return fmt.Errorf("start run %s: %w: run the night again", n.run, err)
		}
	}
	return nil
}

// continueRun takes the newest run of the date with the same inputs and parameters that has no manifest. One that other kernels began
// is left alone: the rest of its numbers would not be theirs.
func (n *night) continueRun(ctx context.Context) (bool, error) {
	runs, err := lake.ListRuns(ctx, n.Lake)
	if err != nil {
		return false, err
	}
	for _, r := range slices.Backward(runs) {
		if r.Date != n.day() || r.InputHash != n.inputHash || r.ConfigHash != n.configHash || r.KernelTier != simd.Tier() {
			continue
		}
		if _, err := lake.ReadManifest(ctx, n.Lake, r.Run); err == nil {
			continue
		} else if !errors.Is(err, lake.ErrNotExist) {
			return false, err
		}
		if err := lake.CheckFree(ctx, n.Lake, r.Run); errors.Is(err, lake.ErrTaken) {
			continue
		} else if err != nil {
			return false, err
		}
		n.run = r.Run
		n.records, err = n.valid(ctx, r.Run)
		return true, err
	}
	return false, nil
}

// earlier finds the stages before From in the newest run of the date with the same inputs and kernels, and says which run that is.
func (n *night) earlier(ctx context.Context) (records []lake.StageRecord, run string, err error) {
	if n.index(n.From) == 0 {
		return nil, "", nil
	}
	runs, err := lake.ListRuns(ctx, n.Lake)
	if err != nil {
		return nil, "", err
	}
	want := n.index(n.From)
	for _, r := range slices.Backward(runs) {
		if r.Date != n.day() || r.InputHash != n.inputHash || r.KernelTier != simd.Tier() {
			continue
		}
		kept, err := n.valid(ctx, r.Run)
		if err != nil {
			return nil, "", err
		}
		if len(kept) >= want {
			return kept[:want], r.Run, nil
		}
	}
	if run := n.Params.Recommend.Rescore; run != "" {
		return nil, "", fmt.Errorf("rescore run %s: what its stages before %s made is not what they would make now: leave out settings of those stages, or run a night if the landing files or the kernels (now %s) are others",
			run, n.From, simd.Tier())
	}
	return nil, "", fmt.Errorf("run from stage %s: no run of %s has finished the stages before it with these inputs, parameters and kernels (%s): leave out --from", n.From, n.day(), simd.Tier())
}

// valid returns the leading stage records of a run whose parameters and inputs are those of this night.
func (n *night) valid(ctx context.Context, run string) ([]lake.StageRecord, error) {
	records, err := lake.ReadStages(ctx, n.Lake, run)
	if err != nil && !errors.Is(err, lake.ErrNotExist) {
		return nil, err
	}
	byName := map[string]lake.StageRecord{}
	for _, r := range records {
		byName[r.Stage] = r
	}
	n.records = nil
	for _, st := range n.stages {
		r, ok := byName[st.Name]
		if !ok || r.ConfigHash != hashOf(st.Params, n.Seed) || r.InputHash != n.inputHashOf(st) {
			break
		}
		n.records = append(n.records, r)
	}
	return n.records, nil
}

// outputs returns everything the finished stages handed on, by name.
func (n *night) outputs() map[string][]lake.FileRef {
	all := map[string][]lake.FileRef{}
	for _, r := range n.records {
		maps.Copy(all, r.Outputs)
	}
	return all
}

// reused returns the other runs of this date whose files the finished stages name.
func (n *night) reused() []string {
	var runs []string
	for _, refs := range n.outputs() {
		for _, ref := range refs {
			if run := lake.RunOf(ref.Key); run != n.run && strings.HasPrefix(run, n.day()+".") {
				runs = append(runs, run)
			}
		}
	}
	slices.Sort(runs)
	return slices.Compact(runs)
}

// inputsOf returns what a stage reads, from the landing zone and from the finished stages.
func (n *night) inputsOf(st work.Stage) map[string][]lake.FileRef {
	all, inputs := n.outputs(), map[string][]lake.FileRef{}
	for _, name := range st.Reads {
		if refs, ok := all[name]; ok {
			inputs[name] = refs
		} else if refs, ok := n.landing[name]; ok {
			inputs[name] = refs
		}
	}
	return inputs
}

// inputHashOf hashes the contents a stage reads, not their names: a repeated stage with equal output changes nothing below.
func (n *night) inputHashOf(st work.Stage) string {
	type content struct {
		SHA256, ETag string
		Size, Rows   int64
	}
	contents := map[string][]content{}
	for name, refs := range n.inputsOf(st) {
		for _, r := range refs {
			c := content{SHA256: r.SHA256, Size: r.Size, Rows: r.Rows}
			if c.SHA256 == "" {
				c.ETag = r.ETag
			}
			contents[name] = append(contents[name], c)
		}
	}
	return hashOf(n.day(), contents)
}
