package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// marks are the published runs that a collection found or put among the doomed of the pointer before it surveyed again.
type marks struct {
	all []string
	own []string // put there by itself
}

// mark takes the doomed runs out of reach: published ones by the pointer, whose change loses or wins against any other
// change of it; unfinished ones by a manifest, which only one writer creates.
func (v *survey) mark(ctx context.Context, s Store) (marks, error) {
	var m marks
	err := movePointer(ctx, s, func(p Pointer) (Pointer, error) {
		m = marks{all: slices.Clone(p.Doomed)}
		for _, run := range v.doomedRuns(StatePublished, StateCandidate) {
			if p.Run != "" && run != p.Run && run != p.Previous && !p.taken(run) {
				m.own = append(m.own, run)
			}
		}
		m.all = append(m.all, m.own...)
		p.Doomed = m.all
		return p, nil
	})
	if err != nil {
		return m, fmt.Errorf("mark runs to collect: %w", err)
	}
	for _, run := range v.doomedRuns(StateUnfinished) {
		_, err := CreateJSON(ctx, s, ManifestKey(run), tombstone(run))
		if err != nil && !errors.Is(err, ErrExists) { // it exists: the run was published or marked meanwhile
			return m, fmt.Errorf("mark run %s to collect: %w", run, err)
		}
	}
	return m, nil
}

// tombstone is the manifest of a collected run. It stays: a run id is never used again.
func tombstone(run string) Manifest {
	date, attempt, _ := ParseRun(run)
	now := time.Now().UTC()
	return Manifest{Run: run, Date: date, Attempt: attempt, CollectedAt: &now}
}

// settle takes the marked runs out of the releases for good; only then their manifests say that they are collected. Those
// that are kept after all, because a night claimed meanwhile reads them, are given back by the collection that marked them.
func (v *survey) settle(ctx context.Context, s Store, m marks) error {
	var going []string
	err := movePointer(ctx, s, func(p Pointer) (Pointer, error) {
		going = slices.Clone(p.Collecting)
		var left []string
		for _, run := range p.Doomed {
			switch fate := v.fates[run]; {
			case slices.Contains(m.all, run) && fate.Run != "" && !fate.Keep:
				going = append(going, run)
			case !slices.Contains(m.own, run):
				left = append(left, run)
			}
		}
		p.Doomed, p.Collecting = left, slices.Clone(going)
		p.Releases = slices.DeleteFunc(slices.Clone(p.Releases), func(r string) bool { return slices.Contains(going, r) })
		return p, nil
	})
	if err != nil {
		return fmt.Errorf("take collected runs out of the releases: %w", err)
	}
	for _, run := range going {
		if err := bury(ctx, s, run); err != nil {
			return fmt.Errorf("collect run %s: %w", run, err)
		}
	}
	for run, fate := range v.fates {
		if !fate.Keep && fate.State != StateCollected && !slices.Contains(going, run) {
			v.spare(run)
		}
	}
	return nil
}

// bury makes the manifest of a run say that it is collected.
func bury(ctx context.Context, s Store, run string) error {
	return update(ctx, s, ManifestKey(run), func(old []byte) ([]byte, error) {
		var m Manifest
		if json.Unmarshal(old, &m) == nil && m.CollectedAt != nil {
			return nil, nil
		}
		return encode(ManifestKey(run), tombstone(run))
	})
}

// spare keeps a run that only the later survey doomed, and what it names: it was never marked.
func (v *survey) spare(run string) {
	fate := v.fates[run]
	fate.Keep, fate.Why = true, "came of age just now: the next collection takes it"
	v.fates[run] = fate
	v.keep(run)
}

// sweep deletes: of each run what names files before the files.
func (v *survey) sweep(ctx context.Context, s Store, r Retention, now time.Time) error {
	for run := range v.fates {
		var names, files []Info
		for _, in := range v.garbage(run, r, now) {
			if strings.HasPrefix(in.Key, RunKey(run, "tables")+"/") || strings.HasPrefix(in.Key, RunKey(run, "work")+"/") {
				files = append(files, in)
			} else {
				names = append(names, in)
			}
		}
		if err := deleteAll(ctx, s, names); err != nil {
			return err
		}
		if err := deleteAll(ctx, s, files); err != nil {
			return err
		}
	}
	for folder := range v.kept {
		if v.abandoned(folder, r, now) {
			if err := dropItem(ctx, s, v.kept[folder], r.Grace, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func deleteAll(ctx context.Context, s Store, infos []Info) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, in := range infos {
		g.Go(func() error { return s.Delete(gctx, in.Key) })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("collect: %w", err)
	}
	return nil
}

// dropItem deletes a kept item. Its record goes first, by compare and swap: a night that uses the item renews the record,
// so one of the two loses and knows.
func dropItem(ctx context.Context, s Store, files []Info, grace time.Duration, now time.Time) error {
	at := slices.IndexFunc(files, func(in Info) bool { return strings.HasSuffix(in.Key, "/"+KeptRecord) })
	mark := Info{}
	if at >= 0 {
		record, err := s.Stat(ctx, files[at].Key)
		if errors.Is(err, ErrNotExist) || err == nil && now.Sub(record.ModifiedAt) < grace {
			return nil
		}
		if err == nil {
			mark, err = s.Swap(ctx, record.Key, []byte("collected "+now.UTC().Format(time.RFC3339Nano)+"\n"), record.ETag)
		}
		if errors.Is(err, ErrConflict) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("collect kept item: %w", err)
		}
		files = slices.Delete(slices.Clone(files), at, at+1)
	}
	if err := deleteAll(ctx, s, files); err != nil || at < 0 {
		return err
	}
	in, err := s.Stat(ctx, mark.Key)
	if err != nil || in.ETag != mark.ETag {
		return nil // made again meanwhile
	}
	return deleteAll(ctx, s, []Info{mark})
}

// release forgets the runs whose manifests say that they are collected.
func (v *survey) release(ctx context.Context, s Store) error {
	err := movePointer(ctx, s, func(p Pointer) (Pointer, error) {
		var left []string
		for _, run := range p.Collecting {
			if _, err := ReadManifest(ctx, s, run); !errors.Is(err, ErrCollected) {
				left = append(left, run)
			}
		}
		p.Collecting = left
		return p, nil
	})
	if err != nil {
		return fmt.Errorf("forget collected runs: %w", err)
	}
	return nil
}
