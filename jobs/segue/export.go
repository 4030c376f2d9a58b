package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// exporter writes a table in one format, row after row.
type exporter interface {
	begin(f *parquetio.File) error // before the first file
	row(names []string, values []any) error
	end() error
}

func newExport() *cobra.Command {
	var run string
	views := &cobra.Command{
		Use:   "duckdb [TABLE]",
		Short: "Print statements that make a DuckDB view of a table, or of every table, over exactly its files",
		Long: `Print statements that make a DuckDB view of a table, or of every table of a run, over exactly the files of the run: a
glob would find leftovers of failed attempts too. The views stay with this run when another becomes current.`,
		Example: `  segue export duckdb --lake lake > night.sql && duckdb -init night.sql`,
		Args:    cli.Args("[TABLE]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := openRelease(cmd, run)
			if err != nil {
				return err
			}
			return exportViews(cmd.OutOrStdout(), r, args)
		},
	}
	group := cli.Group("export", "Write a table for other programs: DuckDB views, Iceberg, SQL, CSV, JSON lines", views, exportIceberg(&run),
		exportCommand("sql", "Print a table as CREATE TABLE and INSERT statements of standard SQL; lists and structs are JSON text", &run,
			func(w io.Writer, t lake.Table) exporter { return &sqlExport{w: w, table: t.Name} }),
		exportCommand("csv", "Print a table as CSV with a header; null is an empty field, lists and structs are JSON", &run,
			func(w io.Writer, _ lake.Table) exporter { return &csvExport{csv.NewWriter(w)} }),
		exportCommand("jsonl", "Print a table as one JSON object a line, in the order of its columns", &run,
			func(w io.Writer, _ lake.Table) exporter { return jsonExport{w} }))
	group.PersistentFlags().StringVar(&run, "run", "", "run `id` (default: the current release)")
	return group
}

func exportCommand(format, short string, run *string, make func(io.Writer, lake.Table) exporter) *cobra.Command {
	return &cobra.Command{
		Use: format + " TABLE", Short: short, Args: cli.Args("TABLE"),
		Example: fmt.Sprintf("  segue export %s charts --lake lake > charts.%s", format, format),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, t, err := openTarget(cmd, *run, args[0])
			if err != nil {
				return err
			}
			w := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
			if err := exportRows(cmd, r, t, make(w, t)); err != nil {
				return fmt.Errorf("export table %s: %w", t.Name, err)
			}
			return w.Flush()
		},
	}
}

// exportRows hands the rows of a table to an exporter, file after file in the table's order.
func exportRows(cmd *cobra.Command, r release, t lake.Table, to exporter) error {
	for i, ref := range t.Files {
		f, err := parquetio.OpenFile(cmd.Context(), r.lake, ref.Key)
		if err != nil {
			return err
		}
		if i == 0 {
			err = to.begin(f)
		}
		if err == nil {
			err = exportFile(cmd, f, to)
		}
		f.Close()
		if err != nil {
			return err
		}
	}
	return to.end()
}

func exportFile(cmd *cobra.Command, f *parquetio.File, to exporter) error {
	names := f.Names()
	for row, err := range f.All() {
		if err == nil {
			err = cmd.Context().Err()
		}
		if err == nil {
			err = to.row(names, row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// exportViews prints a view a table; tables without files have none.
func exportViews(w io.Writer, r release, only []string) error {
	tables := r.manifest.Tables
	if len(only) > 0 {
		t, err := r.table(only[0])
		if err != nil {
			return err
		}
		tables = []lake.Table{t}
	}
	fmt.Fprintf(w, "-- run %s of %s\n", r.manifest.Run, r.lake.URL())
	if secret := secretSQL(r); secret != "" {
		fmt.Fprintln(w, strings.TrimSpace(secret))
	}
	for _, t := range tables {
		if len(t.Files) == 0 {
			fmt.Fprintf(w, "-- %s has no files\n", t.Name)
			continue
		}
		if _, err := fmt.Fprintf(w, "CREATE OR REPLACE VIEW %s AS %s;\n", quoteName(t.Name), selectSQL(r, t)); err != nil {
			return err
		}
	}
	return nil
}

type csvExport struct{ w *csv.Writer }

func (e *csvExport) begin(f *parquetio.File) error { return e.w.Write(f.Names()) }

func (e *csvExport) row(_ []string, values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		text, err := plainText(v)
		if err != nil {
			return err
		}
		cells[i] = text
	}
	return e.w.Write(cells)
}

func (e *csvExport) end() error {
	e.w.Flush()
	return e.w.Error()
}

type jsonExport struct{ w io.Writer }

func (e jsonExport) begin(*parquetio.File) error { return nil }

// row keeps the order of the columns, which a map would lose.
func (e jsonExport) row(names []string, values []any) error {
	line := []byte{'{'}
	for i, v := range values {
		name, err := json.Marshal(names[i])
		if err != nil {
			return err
		}
		value, err := json.Marshal(finite(v))
		if err != nil {
			return fmt.Errorf("encode column %s: %w", names[i], err)
		}
		if i > 0 {
			line = append(line, ',')
		}
		line = append(append(append(line, name...), ':'), value...)
	}
	_, err := e.w.Write(append(line, '}', '\n'))
	return err
}

func (e jsonExport) end() error { return nil }
