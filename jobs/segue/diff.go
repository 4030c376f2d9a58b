package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// errDifferent makes diff exit 1, as diff(1) does.
var errDifferent = errors.New("the runs differ")

// diffOptions says how closely two runs are compared.
type diffOptions struct {
	depth  int // ranks of a list that are compared
	movers int // listeners and songs shown
	format string
}

func newDiff() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff RUN_A RUN_B",
		Short: "Compare two published runs: schema, rows and columns of every table, lists and neighbours",
		Long: `Compare two published runs: schema, rows and columns of every table, listeners' lists (overlap@k, rank-biased overlap,
score shift, tier moves) and songs' neighbours. Tables whose content hashes are equal are not read.
Exit codes: 0 equal contents, 1 differences or another error, 2 wrong usage.`,
		Example: "  segue diff 2026-11-23.1 2026-11-24.1 --lake lake",
		Args:    cli.Args("RUN_A", "RUN_B"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return runDiff(cmd, args[0], args[1], o)
		},
	}
	cmd.Flags().IntVar(&o.depth, "depth", 20, "ranks of a list that are compared")
	cmd.Flags().IntVar(&o.movers, "movers", 10, "listeners and songs shown whose lists changed most")
	cmd.Flags().StringVar(&o.format, "format", "text", "text, json, csv, markdown or html")
	return cmd
}

func (o diffOptions) check() error {
	if o.depth < 1 || o.movers < 0 {
		return cli.Usage("--depth %d, --movers %d: want at least 1 and 0", o.depth, o.movers)
	}
	if o.format == "html" {
		return nil
	}
	return cli.CheckFormat(o.format)
}

func runDiff(cmd *cobra.Command, runA, runB string, o diffOptions) error {
	a, err := openRelease(cmd, runA)
	if err != nil {
		return err
	}
	b, err := findRelease(cmd.Context(), a.lake, runB)
	if err != nil {
		return err
	}
	d := comparison{a: a, b: b, o: o}
	d.tables()
	if d.different == 0 {
		return d.write(cmd)
	}
	for _, step := range []func(context.Context) error{d.columns, d.lists, d.neighbours} {
		if err := step(cmd.Context()); err != nil {
			return err
		}
	}
	if err := d.write(cmd); err != nil {
		return err
	}
	return fmt.Errorf("compare runs %s and %s: %w in %d of %d tables", runA, runB, errDifferent, d.different, len(d.parts[0].table.Rows))
}

// comparison is a diff under way: its findings, in the order they are printed.
type comparison struct {
	a, b      release
	o         diffOptions
	different int // tables
	parts     []part
}

// part is one finding.
type part struct {
	name, title string
	table       *cli.Table
}

func (d *comparison) add(name, title string, columns ...string) *cli.Table {
	t := &cli.Table{Columns: columns}
	d.parts = append(d.parts, part{name, title, t})
	return t
}

// tables compares the manifests.
func (d *comparison) tables() {
	out := d.add("tables", "Tables", "table", "content", "version_a", "version_b", "rows_a", "rows_b", "rows_change", "bytes_a", "bytes_b")
	for _, name := range tableUnion(d.a.manifest, d.b.manifest) {
		a, inA := d.a.manifest.Table(name)
		b, inB := d.b.manifest.Table(name)
		content := "equal"
		switch {
		case !inA:
			content = "only in " + d.b.manifest.Run
		case !inB:
			content = "only in " + d.a.manifest.Run
		case a.HashVersion != b.HashVersion:
			content = "hashed otherwise"
		case !sameContents(a, b):
			content = "differs"
		}
		if content != "equal" {
			d.different++
		}
		out.Add(name, content, a.Version, b.Version, a.Rows, b.Rows, b.Rows-a.Rows, a.Bytes, b.Bytes)
	}
}

// sameContents reports whether two tables are known to be the same: hashes of two versions tell nothing.
func sameContents(a, b lake.Table) bool {
	return a.HashVersion == b.HashVersion && a.ContentHash == b.ContentHash
}

func tableUnion(a, b lake.Manifest) []string {
	var names []string
	for _, m := range []lake.Manifest{a, b} {
		for _, t := range m.Tables {
			if !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

// columns compares what the footers say of each column of the tables that differ, and names those that come or go.
func (d *comparison) columns(ctx context.Context) error {
	out := d.add("columns", "Columns that differ", "table", "column", "what", "a", "b")
	for _, name := range tableUnion(d.a.manifest, d.b.manifest) {
		a, b, ok := d.both(name)
		if !ok {
			continue
		}
		was, err := parquetio.Stats(ctx, d.a.lake, a.Files)
		if err != nil {
			return err
		}
		now, err := parquetio.Stats(ctx, d.b.lake, b.Files)
		if err != nil {
			return err
		}
		compareColumns(out, name, was, now)
		if err := d.spreads(ctx, out, a, b, now); err != nil {
			return err
		}
	}
	return nil
}

func compareColumns(out *cli.Table, table string, was, now []parquetio.ColumnStats) {
	find := func(all []parquetio.ColumnStats, column string) (parquetio.ColumnStats, bool) {
		i := slices.IndexFunc(all, func(s parquetio.ColumnStats) bool { return s.Column == column })
		if i < 0 {
			return parquetio.ColumnStats{}, false
		}
		return all[i], true
	}
	for _, w := range was {
		n, ok := find(now, w.Column)
		if !ok {
			out.Add(table, w.Column, "column", w.Type, nil)
			continue
		}
		for _, x := range []struct {
			what string
			a, b any
		}{{"type", w.Type, n.Type}, {"nulls", w.Nulls, n.Nulls}, {"min", w.Min, n.Min}, {"max", w.Max, n.Max}} {
			if x.a != x.b {
				out.Add(table, w.Column, x.what, x.a, x.b)
			}
		}
	}
	for _, n := range now {
		if _, ok := find(was, n.Column); !ok {
			out.Add(table, n.Column, "column", nil, n.Type)
		}
	}
}

// spreads compares quantiles of numbers and counts of distinct values of the columns both tables have.
func (d *comparison) spreads(ctx context.Context, out *cli.Table, a, b lake.Table, columns []parquetio.ColumnStats) error {
	for _, c := range columns {
		was, err := d.a.spreadOf(ctx, a, c.Column)
		if errors.Is(err, parquetio.ErrCondition) {
			continue // a column that is new
		}
		if err != nil {
			return err
		}
		now, err := d.b.spreadOf(ctx, b, c.Column)
		if err != nil {
			return err
		}
		for i, w := range was.statistics() {
			if n := now.statistics()[i]; w.value != n.value {
				out.Add(a.Name, c.Column, w.name, w.value, n.value)
			}
		}
	}
	return nil
}

func (d *comparison) write(cmd *cobra.Command) error {
	w := cmd.OutOrStdout()
	switch d.o.format {
	case "json":
		return writeParts(w, d.parts)
	case "html":
		return d.page().Write(w)
	}
	for i, p := range d.parts {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if d.o.format != "csv" {
			fmt.Fprintf(w, "%s\n\n", p.title)
		}
		if err := p.table.Write(w, d.o.format); err != nil {
			return err
		}
	}
	return nil
}

// both returns a table of both runs; ok is false where its contents are equal or one run lacks it.
func (d *comparison) both(name string) (a, b lake.Table, ok bool) {
	a, inA := d.a.manifest.Table(name)
	b, inB := d.b.manifest.Table(name)
	return a, b, inA && inB && !sameContents(a, b)
}

// reader reads the first ranks of all lists of a table.
type reader func(ctx context.Context, r release, t lake.Table, depth int) (listsByID, error)

// read reads the lists of a table of both runs; none where its contents are equal or one run lacks it.
func (d *comparison) read(ctx context.Context, table string, from reader) (was, now listsByID, err error) {
	a, b, ok := d.both(table)
	if !ok {
		return nil, nil, nil
	}
	if was, err = from(ctx, d.a, a, d.o.depth); err != nil {
		return nil, nil, err
	}
	now, err = from(ctx, d.b, b, d.o.depth)
	return was, now, err
}

// lists compares the listeners' general lists.
func (d *comparison) lists(ctx context.Context) error {
	was, now, err := d.read(ctx, schemas.TableUserRecommendations, readLists)
	if was != nil && err == nil {
		d.compareLists("lists", "Listeners' lists", "user_id", was, now)
		d.tiers(was, now)
	}
	return err
}

// neighbours compares the songs' neighbours.
func (d *comparison) neighbours(ctx context.Context) error {
	was, now, err := d.read(ctx, schemas.TableSongNeighbours, readNeighbours)
	if was != nil && err == nil {
		d.compareLists("neighbours", "Songs' neighbours", "song_id", was, now)
	}
	return err
}
