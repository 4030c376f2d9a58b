// Package publish checks every file of a run, writes its manifest and moves the current pointer: the release.
//
//	stage.go  Stage: Plan = the run's tables, Do = check and hash one table, then one commit
package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"segue/schemas"
	"segue/transforms/algo/simd"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[checkFn, work.Collect[lake.Table], item, lake.Table, []lake.Table]()
}

// landingFolders are the inputs a manifest names.
var landingFolders = []string{
	schemas.LandingPlaylists, schemas.LandingSongs, schemas.LandingUsers, schemas.LandingPlays, schemas.LandingRejected,
}

// Stage reads every published table and writes runs/<run>/manifest.json, then current.json.
//
// Errors: a file that is not there as recorded, rows out of order, a repeated key; then nothing is published.
// Cost: reads every table once, one table a work item.
func Stage() work.Stage {
	return work.Stage{Name: "publish", Reads: tableNames(), Run: run}
}

func tableNames() []string {
	var names []string
	for _, t := range schemas.Tables() {
		names = append(names, t.Name)
	}
	return names
}

func run(ctx context.Context, sc *work.Context) error {
	items, err := plan(sc)
	if err != nil {
		return err
	}
	checked, err := work.Run(sc, "check", items, checkFn{}, work.Collect[lake.Table]{})
	if err != nil {
		return err
	}
	tables := map[string]lake.Table{}
	for _, part := range checked {
		for _, t := range part {
			tables[t.Name] = t
		}
	}
	m, err := manifest(ctx, sc, tables)
	if err != nil {
		return err
	}
	if err = lake.Publish(ctx, sc.Env().Lake, m); errors.Is(err, lake.ErrHeld) {
		return fmt.Errorf("%w: %w", work.ErrGate, err)
	}
	return err
}

// item is one table and its files in order.
type item struct {
	Table string
	Files []lake.FileRef
}

func plan(sc *work.Context) ([]item, error) {
	var items []item
	for _, name := range tableNames() {
		if schemas.Optional(name) && !sc.Has(name) {
			continue
		}
		if !sc.Has(name) {
			return nil, fmt.Errorf("publish table %s: no stage of the run wrote it", name)
		}
		files, err := sc.Input(name)
		if err != nil {
			return nil, err
		}
		items = append(items, item{name, files})
	}
	return items, nil
}

// checkFn checks the files of one table and hashes its content.
type checkFn struct{}

// Do returns the table as the manifest names it.
func (checkFn) Do(ctx context.Context, env *work.Env, it item) ([]work.Keyed[lake.Table], error) {
	table, ok := schemas.FindTable(it.Table)
	if !ok {
		return nil, fmt.Errorf("publish table %s: not among the published tables", it.Table)
	}
	out := lake.Table{Name: table.Name, Version: table.Version, Files: it.Files, Key: table.Key, Order: table.Order}
	for _, f := range it.Files {
		info, err := env.Lake.Stat(ctx, f.Key)
		if err != nil {
			return nil, fmt.Errorf("check file of table %s: %w", it.Table, err)
		}
		if info.Size != f.Size || info.ETag != f.ETag {
			return nil, fmt.Errorf("check file %s: %w: it has %d bytes and ETag %s, recorded were %d and %s",
				f.Key, lake.ErrDamaged, info.Size, info.ETag, f.Size, f.ETag)
		}
		out.Rows += f.Rows
		out.Bytes += f.Size
	}
	content, err := parquetio.ContentOf(ctx, env.Lake, it.Files, table)
	if err != nil {
		return nil, err
	}
	if content.Rows != out.Rows {
		return nil, fmt.Errorf("check table %s: its files hold %d rows, recorded were %d", it.Table, content.Rows, out.Rows)
	}
	out.ContentHash, out.HashVersion = content.Hash, parquetio.ContentVersion
	return []work.Keyed[lake.Table]{{Key: it.Table, Value: out}}, nil
}

func manifest(ctx context.Context, sc *work.Context, tables map[string]lake.Table) (lake.Manifest, error) {
	s := sc.Env().Lake
	info, err := lake.ReadRun(ctx, s, sc.Env().Run)
	if err != nil {
		return lake.Manifest{}, err
	}
	m := lake.Manifest{
		Run: info.Run, Date: info.Date, Attempt: info.Attempt, Producer: info.Producer, ConfigHash: info.ConfigHash,
		InputHash: info.InputHash, Previous: info.Previous, Seed: info.Seed, Inputs: map[string][]lake.FileRef{}, CreatedAt: time.Now().UTC(), KernelTier: simd.Tier(),
	}
	for _, folder := range landingFolders {
		if refs := sc.Landing(folder); len(refs) > 0 {
			m.Inputs[folder] = refs
		}
	}
	for _, name := range tableNames() {
		if t, ok := tables[name]; ok {
			m.Tables = append(m.Tables, t)
		}
	}
	if m.Quality, err = quality(ctx, s, tables[schemas.TableEvaluation].Files); err != nil {
		return m, err
	}
	m.Failed, err = failed(ctx, s, tables[schemas.TableGate].Files)
	return m, err
}

// failed returns the names of the rules that hold the run back.
func failed(ctx context.Context, s lake.Store, files []lake.FileRef) ([]string, error) {
	names := []string{}
	for _, f := range files {
		rows, err := parquetio.ReadAll[schemas.GateRule](ctx, s, f)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Status == schemas.GateFail && !slices.Contains(names, r.Rule) {
				names = append(names, r.Rule)
			}
		}
	}
	return names, nil
}

// quality returns the evaluation's figures over all cases, as <metric>/<method>.
func quality(ctx context.Context, s lake.Store, files []lake.FileRef) ([]lake.Quality, error) {
	var out []lake.Quality
	for _, f := range files {
		rows, err := parquetio.ReadAll[schemas.Evaluation](ctx, s, f)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Stratum == schemas.All {
				out = append(out, lake.Quality{Name: r.Metric + "/" + r.Method, Value: r.Value, Low: r.Low, High: r.High, Detail: fmt.Sprintf("%d cases", r.Cases)})
			}
		}
	}
	return out, nil
}
