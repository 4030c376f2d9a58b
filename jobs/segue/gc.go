package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

func newGC() *cobra.Command {
	var r lake.Retention
	var yes bool
	var format string
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Delete old runs and leftovers; without --yes only say what would go",
		Long: `Delete what no kept run needs. Kept are the current run and the one before it, one run of each of the newest days and
weeks, what these read, and everything younger than the grace period. Deleted are all other runs, files of kept runs that
nothing names (leftovers of repeated items), items kept for later nights that no kept run uses, and small files of the live
job's archive that a night has merged. The landing zone and other live data are not touched.

It may run beside nights and readers, may be killed at any moment, and then goes on where it was. A collected run leaves a
small manifest that says so, and its id is never used again. What was done is kept in gc/<id>.json.`,
		Example: `  segue gc --lake lake
  segue gc --keep-daily 14 --keep-weekly 8 --yes --lake lake`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runGC(cmd, r, yes, format) },
	}
	f := cmd.Flags()
	f.IntVar(&r.Daily, "keep-daily", 14, "keep one run of each of so many newest `days`")
	f.IntVar(&r.Weekly, "keep-weekly", 8, "keep the last run of each of so many newest `weeks`")
	f.DurationVar(&r.Grace, "grace", lake.MinGrace, "delete nothing younger, at least "+lake.MinGrace.String())
	f.BoolVar(&yes, "yes", false, "delete")
	f.StringVar(&format, "format", "text", "text, json (the whole receipt), csv or markdown")
	return cmd
}

func runGC(cmd *cobra.Command, r lake.Retention, yes bool, format string) error {
	if err := cli.CheckFormat(format); err != nil {
		return err
	}
	if err := r.Validate(); err != nil {
		return cli.Usage("%s", err)
	}
	store, _, err := lakeOf(cmd)
	if err != nil {
		return err
	}
	receipt, err := lake.Collect(cmd.Context(), store, r, time.Now(), !yes)
	if err != nil {
		return fmt.Errorf("%w: nothing that a kept run names is lost: run segue gc again", err)
	}
	if err := printReceipt(cmd.OutOrStdout(), receipt, yes, format); err != nil {
		return err
	}
	gone, err := archive.Sweep(cmd.Context(), store, r.Grace, time.Now(), yes)
	if err != nil || len(gone) == 0 {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "archive of the live job: %s\n", sweptLine(gone, yes))
	return err
}

func sweptLine(gone []lake.Info, done bool) string {
	var bytes int64
	for _, in := range gone {
		bytes += in.Size
	}
	does := "would delete"
	if done {
		does = "deleted"
	}
	return fmt.Sprintf("%s %d merged or unnamed files, %s", does, len(gone), size(bytes))
}

func printReceipt(w io.Writer, r lake.Receipt, yes bool, format string) error {
	if format == "json" {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return fmt.Errorf("encode receipt: %w", err)
		}
		_, err = fmt.Fprintf(w, "%s\n", data)
		return err
	}
	t := cli.Table{Columns: []string{"run_id", "state", "fate", "why", "files", "bytes"}}
	for _, f := range r.Runs {
		fate := "delete"
		if f.Keep {
			fate = "keep"
		}
		t.Add(f.Run, f.State, fate, f.Why, f.Files, f.Bytes)
	}
	if err := t.Write(w, format); err != nil || format != "text" {
		return err
	}
	fmt.Fprintf(w, "\nleftovers in kept runs: %s, %s\nkept items of no kept run: %s, %s\n",
		plural(r.Orphans.Files, "file"), size(r.Orphans.Bytes), plural(r.Kept.Files, "file"), size(r.Kept.Bytes))
	switch {
	case r.Total.Files == 0:
		fmt.Fprintln(w, "nothing to delete")
	case yes:
		fmt.Fprintf(w, "deleted %s, %s; receipt %s\n", plural(r.Total.Files, "file"), size(r.Total.Bytes), r.Key())
	default:
		fmt.Fprintf(w, "would delete %s, %s: add --yes to do it\n", plural(r.Total.Files, "file"), size(r.Total.Bytes))
	}
	return nil
}
