package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/lake"
)

func newInspect() *cobra.Command {
	var run, format string
	var limit int
	table := func(use, short string, show func(*cobra.Command, release, lake.Table) (*cli.Table, error)) *cobra.Command {
		return &cobra.Command{
			Use: use + " TABLE", Short: short, Example: "  segue inspect " + use + " song_neighbours --lake lake", Args: cli.Args("TABLE"),
			RunE: func(cmd *cobra.Command, args []string) error { return inspect(cmd, run, format, args[0], show) },
		}
	}
	tables := &cobra.Command{
		Use: "tables", Short: "List the tables of a run: rows, files, bytes, what each holds", Example: "  segue inspect tables --lake lake", Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return inspect(cmd, run, format, "", nil) },
	}
	head := table("head", "Print the first rows of a table", func(cmd *cobra.Command, r release, t lake.Table) (*cli.Table, error) {
		return headTable(cmd.Context(), r, t, limit)
	})
	head.Flags().IntVar(&limit, "limit", 10, "rows at most")
	sql := &cobra.Command{
		Use: "sql TABLE", Short: "Print the DuckDB statement that reads exactly the files of a table", Args: cli.Args("TABLE"),
		Example: `  duckdb -c "$(segue inspect sql charts --lake lake)"`,
		RunE:    func(cmd *cobra.Command, args []string) error { return printSQL(cmd, run, args[0]) },
	}
	group := cli.Group("inspect", "Look into published tables: tables, files, schema, head, stats, sql",
		tables, table("files", "List the files of a table: rows, bytes, sort range, sha256", filesTable),
		table("schema", "Print the columns of a table as they are stored, and what they mean", schemaTable), head,
		table("stats", "Print nulls, bounds and sizes of every column", statsTable), sql)
	group.PersistentFlags().StringVar(&run, "run", "", "run `id` (default: the current release)")
	group.PersistentFlags().StringVar(&format, "format", "text", "text, json or csv")
	return group
}

// inspect opens a release and prints one table about one of its tables; without a name, about all of them.
func inspect(cmd *cobra.Command, run, format, name string, show func(*cobra.Command, release, lake.Table) (*cli.Table, error)) error {
	if err := cli.CheckFormat(format); err != nil {
		return err
	}
	r, err := openRelease(cmd, run)
	if err != nil {
		return err
	}
	out := tablesTable(r)
	if name != "" {
		t, err := r.table(name)
		if err != nil {
			return err
		}
		if out, err = show(cmd, r, t); err != nil {
			return err
		}
	}
	return out.Write(cmd.OutOrStdout(), format)
}

func tablesTable(r release) *cli.Table {
	out := &cli.Table{Columns: []string{"table", "version", "rows", "files", "bytes", "sorted_by", "doc"}}
	for _, t := range r.manifest.Tables {
		known, _ := schemas.FindTable(t.Name)
		out.Add(t.Name, t.Version, t.Rows, len(t.Files), t.Bytes, strings.Join(t.Order, ", "), known.Doc)
	}
	return out
}

func filesTable(_ *cobra.Command, r release, t lake.Table) (*cli.Table, error) {
	out := &cli.Table{Columns: []string{"file", "rows", "bytes", "min", "max", "sha256"}}
	for _, f := range t.Files {
		out.Add(location(r.lake, f.Key), f.Rows, f.Size, f.Min, f.Max, f.SHA256)
	}
	return out, nil
}

func printSQL(cmd *cobra.Command, run, name string) error {
	r, err := openRelease(cmd, run)
	if err != nil {
		return err
	}
	t, err := r.table(name)
	if err != nil {
		return err
	}
	if len(t.Files) == 0 {
		return fmt.Errorf("table %s of run %s has no files", name, r.manifest.Run)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), secretSQL(r)+selectSQL(r, t))
	return err
}
