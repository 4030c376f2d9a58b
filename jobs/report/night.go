package report

import (
	"context"
	"errors"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
)

// night is a run as its records tell it.
type night struct {
	store     lake.Store
	info      lake.RunInfo
	manifest  lake.Manifest // Run "" = there is none yet
	stages    []lake.StageRecord
	counters  map[string]int64
	pointer   lake.Pointer
	override  *lake.Override // nil = none
	previous  *night         // last night's release; nil = none, or it is gone
	anonymous bool
}

func openNight(ctx context.Context, s lake.Store, run string) (*night, error) {
	n, err := openRecords(ctx, s, run)
	if err != nil {
		return nil, err
	}
	if n.pointer, err = lake.ReadPointer(ctx, s); err != nil && !errors.Is(err, lake.ErrNotExist) {
		return nil, err
	}
	o, err := lake.ReadOverride(ctx, s, run)
	switch {
	case err == nil:
		n.override = &o
	case !errors.Is(err, lake.ErrNotExist):
		return nil, err
	}
	if n.info.Previous == "" {
		return n, nil
	}
	n.previous, err = openRecords(ctx, s, n.info.Previous)
	if errors.Is(err, lake.ErrNotExist) {
		return n, nil
	}
	return n, err
}

// openRecords reads the records of a run.
func openRecords(ctx context.Context, s lake.Store, run string) (*night, error) {
	n := &night{store: s}
	var err error
	if n.info, err = lake.ReadRun(ctx, s, run); err != nil {
		return nil, err
	}
	if n.manifest, err = lake.ReadManifest(ctx, s, run); err != nil && !errors.Is(err, lake.ErrNotExist) {
		return nil, err
	}
	if n.stages, err = lake.ReadStages(ctx, s, run); err != nil {
		return nil, err
	}
	n.counters = lake.Counters(n.stages)
	return n, nil
}

// published reports whether the run has a manifest.
func (n *night) published() bool { return n.manifest.Run != "" }

// State of a run: as status pills name it.
const (
	stateCurrent    = "current"
	statePublished  = "published"
	stateCandidate  = "candidate"
	stateOverridden = "promoted despite rules"
	stateUnfinished = "unfinished"
)

func (n *night) state() string {
	switch {
	case !n.published():
		return stateUnfinished
	case len(n.manifest.Failed) > 0 && n.override == nil:
		return stateCandidate
	case n.pointer.Run == n.info.Run:
		return stateCurrent
	case len(n.manifest.Failed) > 0:
		return stateOverridden
	}
	return statePublished
}

// seconds adds up the stages.
func (n *night) seconds() (sum float64) {
	for _, st := range n.stages {
		sum += st.Seconds
	}
	return sum
}

// date returns the logical date in words.
func (n *night) date() string {
	day, err := time.Parse(time.DateOnly, n.info.Date)
	if err != nil {
		return n.info.Date
	}
	return day.Format("Monday, 2 January 2006")
}

// table returns the files of a published table: as the manifest names them, else as its stage recorded them.
func (n *night) table(name string) (lake.Table, error) {
	if t, ok := n.manifest.Table(name); ok {
		return t, nil
	}
	for _, st := range n.stages {
		refs, ok := st.Outputs[name]
		if !ok {
			continue
		}
		t := lake.Table{Name: name, Files: refs}
		for _, ref := range refs {
			t.Rows += ref.Rows
			t.Bytes += ref.Size
		}
		return t, nil
	}
	return lake.Table{}, empty("This run has no table %s.", name)
}

// filled is table, and empty where it has no row.
func (n *night) filled(name string) (lake.Table, error) {
	t, err := n.table(name)
	if err == nil && t.Rows == 0 {
		err = empty("Table %s is empty.", name)
	}
	return t, err
}

// tables returns the published tables of the run that exist, in the order of schemas.Tables.
func (n *night) tables() []lake.Table {
	var out []lake.Table
	for _, t := range schemas.Tables() {
		if found, err := n.table(t.Name); err == nil {
			out = append(out, found)
		}
	}
	return out
}
