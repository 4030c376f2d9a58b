package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

// runProperty names, in the summary of a snapshot, the run whose files it holds.
const runProperty = "segue.run"

// Replace commits one snapshot that holds exactly the files of a request. Columns that are new in the files are added to the
// table, types may widen; anything else is refused. A table that holds these files already is left as it is.
func Replace(ctx context.Context, c *openedCatalog, r Request) (Answer, error) {
	t, err := openTable(ctx, c, r)
	if err != nil {
		return Answer{}, err
	}
	had, err := filesOf(ctx, t)
	if err != nil {
		return Answer{}, err
	}
	gone, added := without(had, r.Files), without(r.Files, had)
	if len(gone)+len(added) > 0 {
		t, err = commit(ctx, t, r, gone, added)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("make table %s.%s the files of run %s: %w", r.Namespace, r.Table, r.Run, err)
	}
	return Answer{
		Table: r.Namespace + "." + r.Table, Snapshot: t.CurrentSnapshot().SnapshotID, Metadata: t.MetadataLocation(),
		Files: len(r.Files), Rows: r.Rows, Changed: len(gone)+len(added) > 0,
	}, nil
}

// commit is one transaction: columns, files, and a check of the rows before anybody sees them.
func commit(ctx context.Context, t *table.Table, r Request, gone, added []string) (*table.Table, error) {
	tx := t.NewTransaction()
	if len(added) > 0 {
		if err := widen(ctx, t, tx, added[0]); err != nil {
			return nil, err
		}
	}
	if err := tx.ReplaceDataFiles(ctx, gone, added, iceberg.Properties{runProperty: r.Run}); err != nil {
		return nil, err
	}
	staged, err := tx.StagedTable()
	if err != nil {
		return nil, err
	}
	if rows, err := strconv.ParseInt(staged.CurrentSnapshot().Summary.Properties["total-records"], 10, 64); err != nil || rows != r.Rows {
		return nil, fmt.Errorf("the files have %d rows, the manifest says %d", rows, r.Rows)
	}
	return tx.Commit(ctx)
}

// openTable loads the table of a request, or makes it with the columns of the first file. gc.enabled is off, so that no
// engine deletes files of the lake with a snapshot or the table: segue gc does.
func openTable(ctx context.Context, c *openedCatalog, r Request) (*table.Table, error) {
	name := catalog.ToIdentifier(r.Namespace, r.Table)
	t, err := c.LoadTable(ctx, name)
	if !errors.Is(err, catalog.ErrNoSuchTable) {
		return t, err
	}
	err = c.CreateNamespace(ctx, catalog.ToIdentifier(r.Namespace), nil)
	if err != nil && !errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return nil, fmt.Errorf("make namespace %s: %w", r.Namespace, err)
	}
	fs, err := icebergio.LoadFS(ctx, c.props, r.Files[0])
	if err != nil {
		return nil, err
	}
	schema, err := schemaOf(fs, r.Files[0])
	if err != nil {
		return nil, err
	}
	mapping, err := json.Marshal(schema.NameMapping())
	if err != nil {
		return nil, err
	}
	t, err = c.CreateTable(ctx, name, schema, catalog.WithProperties(iceberg.Properties{
		"format-version": "2", "gc.enabled": "false", table.DefaultNameMappingKey: string(mapping),
	}))
	if err != nil {
		return nil, fmt.Errorf("make table %s.%s: %w", r.Namespace, r.Table, err)
	}
	return t, nil
}

// widen adds the columns that a file has and the table has not.
func widen(ctx context.Context, t *table.Table, tx *table.Transaction, address string) error {
	fs, err := t.FS(ctx)
	if err != nil {
		return err
	}
	schema, err := schemaOf(fs, address)
	if err != nil {
		return err
	}
	return tx.UpdateSchema(true, false, table.WithNameMapping(t.NameMapping())).UnionByNameWith(schema).Commit()
}

// schemaOf returns the columns of a Parquet file, numbered from 1.
func schemaOf(fs icebergio.IO, address string) (*iceberg.Schema, error) {
	f, err := fs.Open(address)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", address, err)
	}
	defer f.Close()
	p, err := file.NewParquetReader(f)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", address, err)
	}
	defer p.Close()
	columns, err := pqarrow.FromParquet(p.MetaData().Schema, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", address, err)
	}
	schema, err := table.ArrowSchemaToIcebergWithFreshIDs(columns, false)
	if err != nil {
		return nil, fmt.Errorf("columns of %s in Iceberg: %w", address, err)
	}
	return schema, nil
}

// filesOf lists the data files of a table's current snapshot.
func filesOf(ctx context.Context, t *table.Table) ([]string, error) {
	var out []string
	if t.CurrentSnapshot() == nil {
		return nil, nil
	}
	tasks, err := t.Scan().PlanFiles(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the files of the table: %w", err)
	}
	for _, task := range tasks {
		out = append(out, task.File.FilePath())
	}
	return out, nil
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(f string) bool { return slices.Contains(some, f) })
}
