package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

func newVerify() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "verify [RUN]",
		Short: "Check every file of a run against its manifest and its contract",
		Long: `Check every file of a run against its manifest: there, size, sha256, rows; and every table against its contract: columns,
types, nulls, order of rows, keys that occur once, and the hash of its content.`,
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
	problems = append(problems, contractProblems(cmd.Context(), r, problems)...)
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
		return fmt.Errorf("verify run %s: %s in %s: %s", r.manifest.Run, plural(len(problems), "problem"), plural(files, "file"), remedy(r.manifest, problems))
	}
	if format == "text" {
		fmt.Fprintf(cmd.OutOrStdout(), "run %s is whole: %s, %s, %s, every size, sha256 and row count as the manifest says, columns, order and keys as contracts say\n",
			r.manifest.Run, plural(len(r.manifest.Tables), "table"), plural(files, "file"), size(bytes))
	}
	return nil
}

// remedy says how readers get whole tables again: a night that is published already is repeated only from a stage on.
func remedy(m lake.Manifest, problems []lake.Problem) string {
	var all nightly.Params
	all.Recommend.Candidates = true
	for _, st := range nightly.Stages(all) {
		for _, p := range problems {
			if p.Kind != problemVersion && slices.Contains(st.Writes, p.Table) {
				return fmt.Sprintf("segue rollback makes an earlier run current; segue nightly --date %s --from %s, with the settings of that night, makes the tables again from the first bad one on", m.Date, st.Name)
			}
		}
	}
	return "segue rollback makes an earlier run current"
}

// Kinds of lake.Problem found here.
const (
	problemRows     = "rows"     // the footer counts other rows than the manifest
	problemContract = "contract" // columns, order or keys are not those of the table's contract
	problemVersion  = "version"  // the table is of a version whose contract this program does not know
)

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

// contractProblems compares the tables whose files are sound with their contracts.
func contractProblems(ctx context.Context, r release, known []lake.Problem) []lake.Problem {
	broken := map[string]bool{}
	for _, p := range known {
		broken[p.Table] = true
	}
	var out []lake.Problem
	for _, t := range r.manifest.Tables {
		contract, ok := schemas.FindTable(t.Name)
		switch {
		case broken[t.Name]:
		case !ok || contract.Version != t.Version:
			out = append(out, lake.Problem{Table: t.Name, Kind: problemVersion, Detail: fmt.Sprintf("version %d, this program (%s) knows %d: use the one that wrote it, %s", t.Version, version, contract.Version, r.manifest.Producer)})
		default:
			out = append(out, breaches(ctx, r.lake, t, contract)...)
		}
	}
	return out
}

// breaches reads a table whole and says how it breaks its contract.
func breaches(ctx context.Context, s lake.Store, t lake.Table, contract schemas.Table) (out []lake.Problem) {
	for _, ref := range t.Files {
		f, err := parquetio.OpenFile(ctx, s, ref.Key)
		if err != nil {
			return append(out, lake.Problem{Table: t.Name, Key: ref.Key, Kind: lake.ProblemUnreadable, Detail: err.Error()})
		}
		for _, breach := range f.Breaches(contract) {
			out = append(out, lake.Problem{Table: t.Name, Key: ref.Key, Kind: problemContract, Detail: breach})
		}
		f.Close()
	}
	if len(out) > 0 {
		return out // rows of other columns have no order
	}
	content, err := parquetio.ContentOf(ctx, s, t.Files, contract)
	switch {
	case err != nil:
		return []lake.Problem{{Table: t.Name, Kind: problemContract, Detail: err.Error()}}
	case t.HashVersion == parquetio.ContentVersion && t.ContentHash != "" && content.Hash != t.ContentHash:
		return []lake.Problem{{Table: t.Name, Kind: lake.ProblemContent, Detail: fmt.Sprintf("rows hash to %s, the manifest says %s", content.Hash, t.ContentHash)}}
	}
	return nil
}
