package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/nearest"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// release is a published run: all that commands which read tables know.
type release struct {
	lake     lake.Store
	manifest lake.Manifest
}

// openRelease opens a run of the command's lake; "" = the current one.
func openRelease(cmd *cobra.Command, run string) (release, error) {
	store, _, err := lakeOf(cmd)
	if err != nil {
		return release{}, err
	}
	return findRelease(cmd.Context(), store, run)
}

func findRelease(ctx context.Context, store lake.Store, run string) (release, error) {
	if run == "" {
		_, m, err := lake.Current(ctx, store)
		if errors.Is(err, lake.ErrNotExist) {
			return release{}, fmt.Errorf("lake %s has no published night yet: run segue nightly first", store.URL())
		}
		return release{store, m}, damaged(err)
	}
	infos, err := lake.ListRuns(ctx, store)
	if err != nil {
		return release{}, err
	}
	var known []string
	for _, i := range infos {
		known = append(known, i.Run)
	}
	m, err := lake.ReadManifest(ctx, store, run)
	_, _, noID := lake.ParseRun(run)
	switch {
	case err == nil:
		return release{store, m}, nil
	case errors.Is(err, lake.ErrCollected):
		return release{}, fmt.Errorf("open run %s of lake %s: %w: see segue runs for those that are left", run, store.URL(), err)
	case errors.Is(err, lake.ErrDamaged):
		return release{}, damaged(err)
	case noID == nil && !errors.Is(err, lake.ErrNotExist):
		return release{}, err
	}
	for _, k := range known {
		if k == run {
			return release{}, fmt.Errorf("run %s of lake %s is not published: finish it with segue nightly --resume", run, store.URL())
		}
	}
	return release{}, cli.Usage("no run %s in lake %s%s", run, store.URL(), nearest.Among(run, known))
}

// damaged says of a manifest or pointer that cannot be read what to do; other errors it leaves as they are.
func damaged(err error) error {
	switch {
	case !errors.Is(err, lake.ErrDamaged):
		return err
	case strings.Contains(err.Error(), lake.PointerKey):
		return fmt.Errorf("%w: put back an earlier version of %s, or delete it and run segue promote RUN for the newest of segue runs", err, lake.PointerKey)
	}
	return fmt.Errorf("%w: make another run current by segue rollback RUN, then run the night again", err)
}

// table returns a table of the release.
func (r release) table(name string) (lake.Table, error) {
	if t, ok := r.manifest.Table(name); ok {
		return t, nil
	}
	var known []string
	for _, t := range r.manifest.Tables {
		known = append(known, t.Name)
	}
	return lake.Table{}, cli.Usage("no table %s in run %s%s", name, r.manifest.Run, cmp.Or(nearest.Hint(name, known), nearest.Among(name, known)))
}

// rows yields the rows of some files of the release, in order.
func rows[T any](ctx context.Context, r release, files []lake.FileRef) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, ref := range files {
			for row, err := range parquetio.Read[T](ctx, r.lake, ref) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// holding keeps the files whose range of the first sort column holds a value; files without a range are kept.
func holding(files []lake.FileRef, value string) []lake.FileRef {
	var out []lake.FileRef
	for _, f := range files {
		if (f.Min == "" && f.Max == "") || (f.Min <= value && value <= f.Max) {
			out = append(out, f)
		}
	}
	return out
}
