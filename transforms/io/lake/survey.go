package lake

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Names of kept items: kept/<stage>/<phase>/<hash>/ holds the files of one, KeptRecord among them, written last.
const (
	KeptFolder = "kept"
	KeptRecord = "record.json"
)

// survey is what a collection knows of a lake.
type survey struct {
	pointer Pointer
	runs    []runState
	held    map[string]holding  // by run
	objects map[string][]Info   // by run, by key
	kept    map[string][]Info   // by folder of a kept item
	fates   map[string]RunFate  // by run
	live    map[string]struct{} // keys that runs which are kept name
	items   map[string]struct{} // folders of kept items that they use
}

// holding is what one run names.
type holding struct {
	files []string
	kept  []string
}

// surveyLake lists runs and kept items and reads what decides about them. What cannot be read cannot be judged: an error.
func surveyLake(ctx context.Context, s Store, r Retention, now time.Time) (*survey, error) {
	v := &survey{held: map[string]holding{}, objects: map[string][]Info{}, kept: map[string][]Info{}, live: map[string]struct{}{}, items: map[string]struct{}{}}
	var err error
	if v.pointer, err = ReadPointer(ctx, s); err != nil && !errors.Is(err, ErrNotExist) {
		return nil, err
	}
	if err := v.list(ctx, s); err != nil {
		return nil, err
	}
	if err := v.readRuns(ctx, s); err != nil {
		return nil, err
	}
	v.fates = judge(v.runs, v.pointer, r, now)
	for run, fate := range v.fates {
		if fate.Keep {
			v.keep(run)
		}
	}
	return v, nil
}

// keep notes what a run names as needed.
func (v *survey) keep(run string) {
	for _, key := range v.held[run].files {
		v.live[key] = struct{}{}
		if folder := keptItem(key); folder != "" {
			v.items[folder] = struct{}{}
		}
	}
	for _, folder := range v.held[run].kept {
		v.items[folder] = struct{}{}
	}
}

func (v *survey) list(ctx context.Context, s Store) error {
	infos, err := s.List(ctx, runsFolder+"/")
	if err != nil {
		return fmt.Errorf("survey %s: %w", s.URL(), err)
	}
	for _, in := range infos {
		if run := RunOf(in.Key); run != "" {
			v.objects[run] = append(v.objects[run], in)
		}
	}
	if infos, err = s.List(ctx, KeptFolder+"/"); err != nil {
		return fmt.Errorf("survey %s: %w", s.URL(), err)
	}
	for _, in := range infos {
		if folder := keptItem(in.Key); folder != "" {
			v.kept[folder] = append(v.kept[folder], in)
		}
	}
	return nil
}

// keptItem returns the folder kept/<stage>/<phase>/<hash>/ that a key lies in; "" = none.
func keptItem(key string) string {
	parts := strings.SplitN(key, "/", 5)
	if len(parts) < 5 || parts[0] != KeptFolder {
		return ""
	}
	return path.Join(parts[:4]...) + "/"
}

func (v *survey) readRuns(ctx context.Context, s Store) error {
	names := make([]string, 0, len(v.objects))
	for run := range v.objects {
		names = append(names, run)
	}
	v.runs = make([]runState, len(names))
	held := make([]holding, len(names))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i, run := range names {
		g.Go(func() (err error) {
			v.runs[i], held[i], err = readState(gctx, s, run)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("survey %s: %w", s.URL(), err)
	}
	for i, run := range names {
		if slices.Contains(v.pointer.Collecting, run) {
			v.runs[i], held[i] = runState{run: run, state: StateCollected}, holding{}
		}
		for _, in := range v.objects[run] {
			if in.ModifiedAt.After(v.runs[i].touched) {
				v.runs[i].touched = in.ModifiedAt
			}
		}
		v.held[run] = held[i]
	}
	return nil
}

// readState reads manifest, claim and stage records of a run.
func readState(ctx context.Context, s Store, run string) (runState, holding, error) {
	st, h := runState{run: run, state: StatePublished}, holding{}
	m, err := ReadManifest(ctx, s, run)
	switch {
	case errors.Is(err, ErrCollected):
		st.state = StateCollected
		return st, h, nil
	case errors.Is(err, ErrNotExist):
		st.state = StateUnfinished
	case err != nil:
		return st, h, err
	}
	if err := unheld(ctx, s, run); errors.Is(err, ErrHeld) {
		st.state = StateCandidate
	} else if err != nil && !errors.Is(err, ErrNotExist) {
		return st, h, err
	}
	info, err := ReadRun(ctx, s, run)
	if err != nil && !errors.Is(err, ErrNotExist) {
		return st, h, err
	}
	st.reads = []string{info.Previous}
	if st.state == StateUnfinished {
		st.reads = append(st.reads, info.Reads...)
	}
	records, err := ReadStages(ctx, s, run)
	if err != nil && !errors.Is(err, ErrNotExist) {
		return st, h, err
	}
	return st, namedBy(m, records), nil
}

// namedBy returns the files that a manifest and stage records name, and the kept items they use.
func namedBy(m Manifest, records []StageRecord) holding {
	var h holding
	add := func(refs []FileRef) {
		for _, f := range refs {
			h.files = append(h.files, f.Key)
		}
	}
	for _, t := range m.Tables {
		add(t.Files)
	}
	for _, r := range records {
		h.kept = append(h.kept, r.Kept...)
		for _, refs := range r.Outputs {
			add(refs)
		}
	}
	return h
}
