package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

func newVerify() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "verify [RUN]",
		Short:   "Check every file of a run against its manifest: there, size, sha256, rows",
		Example: "  segue verify 2026-11-24.1 --lake lake",
		Args:    cli.Args("[RUN]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			r, err := openRelease(cmd, first(args))
			if err != nil {
				return err
			}
			return runVerify(cmd, r, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, csv or markdown: how problems are listed")
	return cmd
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func runVerify(cmd *cobra.Command, r release, format string) error {
	problems, err := lake.Verify(cmd.Context(), r.lake, r.manifest)
	if err != nil {
		return err
	}
	problems = append(problems, rowProblems(cmd.Context(), r, problems)...)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	files, bytes := 0, int64(0)
	for _, t := range r.manifest.Tables {
		files += len(t.Files)
		bytes += t.Bytes
	}
	if len(problems) > 0 || format != "text" {
		t := cli.Table{Columns: []string{"table", "file", "problem", "detail"}}
		for _, p := range problems {
			t.Add(p.Table, p.Key, p.Kind, p.Detail)
		}
		if err := t.Write(cmd.OutOrStdout(), format); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("verify run %s: %d problems in %d files: publish the night again, or roll back", r.manifest.Run, len(problems), files)
	}
	if format == "text" {
		fmt.Fprintf(cmd.OutOrStdout(), "run %s is whole: %d tables, %d files, %s, every size, sha256 and row count as the manifest says\n",
			r.manifest.Run, len(r.manifest.Tables), files, size(bytes))
	}
	return nil
}

// problemRows is a lake.Problem of a file whose footer counts other rows than the manifest.
const problemRows = "rows"

// rowProblems compares the row counts in the footers with the manifest, of the files that are otherwise sound.
func rowProblems(ctx context.Context, r release, known []lake.Problem) []lake.Problem {
	broken := map[string]bool{}
	for _, p := range known {
		broken[p.Key] = true
	}
	var out []lake.Problem
	for _, t := range r.manifest.Tables {
		for _, ref := range t.Files {
			if broken[ref.Key] {
				continue
			}
			f, err := parquetio.OpenFile(ctx, r.lake, ref.Key)
			if err != nil {
				out = append(out, lake.Problem{Table: t.Name, Key: ref.Key, Kind: lake.ProblemUnreadable, Detail: err.Error()})
				continue
			}
			if f.Rows != ref.Rows {
				out = append(out, lake.Problem{Table: t.Name, Key: ref.Key, Kind: problemRows, Detail: fmt.Sprintf("%d rows, the manifest says %d", f.Rows, ref.Rows)})
			}
			f.Close()
		}
	}
	return out
}
