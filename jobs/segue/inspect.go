package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// look is one subcommand of inspect that shows something of a table.
type look struct {
	use, short, example string
	show                func(*cobra.Command, release, lake.Table, []string) (*cli.Table, error)
	args                []string // after TABLE; a last one in brackets with dots may repeat
	flags               func(*cobra.Command)
}

func newInspect() *cobra.Command {
	var run, format string
	var commands []*cobra.Command
	for _, l := range append(looks(), searches()...) {
		cmd := &cobra.Command{
			Use: strings.Join(append([]string{l.use, "TABLE"}, l.args...), " "), Short: l.short,
			Example: "  segue inspect " + l.example, Args: l.check,
			RunE: func(cmd *cobra.Command, args []string) error { return inspect(cmd, run, format, args, l.show) },
		}
		if l.flags != nil {
			l.flags(cmd)
		}
		commands = append(commands, cmd)
	}
	tables := &cobra.Command{
		Use: "tables", Short: "List the tables of a run: rows, files, bytes, what each holds", Example: "  segue inspect tables --lake lake", Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return inspect(cmd, run, format, nil, nil) },
	}
	sql := &cobra.Command{
		Use: "sql TABLE", Short: "Print the DuckDB statement that reads exactly the files of a table", Args: cli.Args("TABLE"),
		Example: `  duckdb -c "$(segue inspect sql charts --lake lake)"`,
		RunE:    func(cmd *cobra.Command, args []string) error { return printSQL(cmd, run, args[0]) },
	}
	group := cli.Group("inspect", "Look into published tables, or any Parquet by its path, s3:// or http(s) address", append([]*cobra.Command{tables, sql}, commands...)...)
	group.PersistentFlags().StringVar(&run, "run", "", "run `id` (default: the current release)")
	group.PersistentFlags().StringVar(&format, "format", "text", "text, json, csv or markdown")
	return group
}

// check demands the table and the arguments behind it.
func (l look) check(cmd *cobra.Command, args []string) error {
	names := append([]string{"TABLE"}, l.args...)
	if n := len(names); strings.HasSuffix(names[n-1], "...") && len(args) > n {
		args = args[:n]
	}
	return cli.Args(names...)(cmd, args)
}

// looks describes what can be seen of a table without reading more than it takes.
func looks() []look {
	plain := func(show func(*cobra.Command, release, lake.Table) (*cli.Table, error)) func(*cobra.Command, release, lake.Table, []string) (*cli.Table, error) {
		return func(cmd *cobra.Command, r release, t lake.Table, _ []string) (*cli.Table, error) {
			return show(cmd, r, t)
		}
	}
	return []look{
		{use: "files", short: "List the files of a table: rows, bytes, sort range, sha256", example: "files song_neighbours --lake lake", show: plain(filesTable)},
		{use: "schema", short: "Print the columns of a table as they are stored, and what they mean", example: "schema song_neighbours --lake lake", show: plain(schemaTable)},
		{use: "stats", short: "Print nulls, bounds and sizes of every column", example: "stats songs --lake lake", show: plain(statsTable)},
		{use: "groups", short: "List the row groups of a table by column: encodings, compression, bounds, page index, bloom filter", example: "groups charts --lake lake", show: plain(groupsTable)},
		{use: "meta", short: "Print the key-value metadata of a table's files", example: "meta charts --lake lake", show: plain(metaTable)},
	}
}

// searches describes what reads rows or values of a table.
func searches() []look {
	var limit, bins int
	var seed uint64
	limited := func(cmd *cobra.Command) { cli.Limit(cmd.Flags(), &limit, 10) }
	return []look{
		{
			use: "head", short: "Print the first rows of a table", example: "head charts --lake lake", flags: limited,
			show: func(cmd *cobra.Command, r release, t lake.Table, _ []string) (*cli.Table, error) {
				return headTable(cmd.Context(), r, t, limit)
			},
		},
		{
			use: "sample", short: "Print rows drawn at random, the same ones for the same seed", example: "sample songs --limit 5 --lake lake",
			flags: func(cmd *cobra.Command) {
				limited(cmd)
				cmd.Flags().Uint64Var(&seed, "sample-seed", 1, "what to draw by")
			},
			show: func(cmd *cobra.Command, r release, t lake.Table, _ []string) (*cli.Table, error) {
				return sampleTable(cmd, r, t, limit, seed)
			},
		},
		{
			use: "where", short: "Print the rows that fulfil every condition, reading only the row groups that may hold them",
			example: "where user_recommendations user_id=u1 'rank<=10' --lake lake\n  segue inspect where songs 'tempo is null' --lake lake", args: []string{"CONDITION..."}, flags: limited,
			show: func(cmd *cobra.Command, r release, t lake.Table, args []string) (*cli.Table, error) {
				return whereTable(cmd, r, t, args, limit)
			},
		},
		{
			use: "hist", short: "Draw how the values of a column are spread", example: "hist user_recommendations score --lake lake", args: []string{"COLUMN"},
			flags: func(cmd *cobra.Command) {
				cmd.Flags().IntVar(&bins, "bins", 20, "steps of a column of numbers or times")
			},
			show: func(cmd *cobra.Command, r release, t lake.Table, args []string) (*cli.Table, error) {
				return histogramTable(cmd, r, t, args[0], bins)
			},
		},
	}
}

// inspect prints one table about a table of a release or about a Parquet file; without arguments, about all tables.
func inspect(cmd *cobra.Command, run, format string, args []string, show func(*cobra.Command, release, lake.Table, []string) (*cli.Table, error)) error {
	if err := cli.CheckFormat(format); err != nil {
		return err
	}
	if len(args) == 0 {
		r, err := openRelease(cmd, run)
		if err != nil {
			return err
		}
		return tablesTable(r).Write(cmd.OutOrStdout(), format)
	}
	r, t, err := openTarget(cmd, run, args[0])
	if err != nil {
		return err
	}
	out, err := show(cmd, r, t, args[1:])
	if err != nil {
		return err
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

// filesTable lists what the manifest says of files; of those no manifest names, what their footers say.
func filesTable(cmd *cobra.Command, r release, t lake.Table) (*cli.Table, error) {
	out := &cli.Table{Columns: []string{"file", "rows", "bytes", "min", "max", "sha256"}}
	for _, f := range t.Files {
		if r.manifest.Run == noRun {
			found, err := parquetio.OpenFile(cmd.Context(), r.lake, f.Key)
			if err != nil {
				return nil, err
			}
			f.Rows = found.Rows
			found.Close()
		}
		out.Add(location(r.lake, f.Key), f.Rows, f.Size, f.Min, f.Max, f.SHA256)
	}
	return out, nil
}

func printSQL(cmd *cobra.Command, run, name string) error {
	r, t, err := openTarget(cmd, run, name)
	if err != nil {
		return err
	}
	if len(t.Files) == 0 {
		return fmt.Errorf("table %s of run %s has no files", name, r.manifest.Run)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), secretSQL(r)+selectSQL(r, t))
	return err
}
