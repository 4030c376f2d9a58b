package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
)

// duration writes seconds as a person would: 0.12 s, 9.0 s, 3m20s.
func duration(seconds float64) string {
	switch {
	case seconds < 1:
		return fmt.Sprintf("%.2f s", seconds)
	case seconds < 120:
		return fmt.Sprintf("%.1f s", seconds)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// size writes bytes with a binary unit.
func size(bytes int64) string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(bytes)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d B", bytes)
}

// plural writes a number and what it counts, a noun that takes an s where there is not one of it.
func plural[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// printNight tells what a night did: stages, rejects, quality, tables and how to open them.
func printNight(ctx context.Context, w io.Writer, store lake.Store, result nightly.Result, took time.Duration) error {
	switch {
	case result.AlreadyPublished:
		fmt.Fprintf(w, "run %s is published already: these inputs, settings and seed, nothing to do\n", result.Run)
	case result.Published:
		fmt.Fprintf(w, "run %s is published, after %s\n", result.Run, duration(took.Seconds()))
	default:
		fmt.Fprintf(w, "run %s stopped after stage %s as asked, after %s: nothing is published\n\n",
			result.Run, result.Stages[len(result.Stages)-1].Stage, duration(took.Seconds()))
		printStages(w, result.Stages)
		return nil
	}
	if err := printOther(ctx, w, store, result.Run); err != nil {
		return err
	}
	r, err := findRelease(ctx, store, result.Run)
	if err != nil {
		return err
	}
	if !result.AlreadyPublished {
		fmt.Fprintln(w)
		printStages(w, result.Stages)
		if err := printRejected(ctx, w, r); err != nil {
			return err
		}
		if err := printQuality(ctx, w, r); err != nil {
			return err
		}
	}
	return printTables(ctx, w, r)
}

// printOther tells which other run readers see though this one is published.
func printOther(ctx context.Context, w io.Writer, store lake.Store, run string) error {
	p, err := lake.ReadPointer(ctx, store)
	switch {
	case err != nil || p.Run == run:
		return err
	case lake.CompareRuns(p.Run, run) > 0:
		fmt.Fprintf(w, "current is still run %s, a later one\n", p.Run)
	default:
		fmt.Fprintf(w, "current is still run %s since a rollback: segue promote %s makes this one current\n", p.Run, run)
	}
	return nil
}

func printStages(w io.Writer, stages []lake.StageRecord) {
	t := cli.Table{Columns: []string{"stage", "seconds", "cpu", "table rows", "bytes written", "peak memory"}}
	for _, st := range stages {
		var rows, bytes int64
		for name, refs := range st.Outputs {
			_, published := schemas.FindTable(name)
			for _, ref := range refs {
				bytes += ref.Size
				if published {
					rows += ref.Rows
				}
			}
		}
		t.Add(st.Stage, fmt.Sprintf("%.2f", st.Seconds), fmt.Sprintf("%.2f", st.CPUSeconds), rows, size(bytes), size(st.PeakBytes))
	}
	t.Write(w, "text")
}

// reasonOnly is the column of table rejected that the summary counts.
type reasonOnly struct {
	Reason string `parquet:"reason,dict"`
}

func printRejected(ctx context.Context, w io.Writer, r release) error {
	t, err := r.table(schemas.TableRejected)
	if err != nil || t.Rows == 0 {
		return err
	}
	counts := map[string]int64{}
	for row, err := range rows[reasonOnly](ctx, r, t.Files) {
		if err != nil {
			return err
		}
		counts[row.Reason]++
	}
	fmt.Fprintf(w, "\n%d input records were not used\n", t.Rows)
	out := cli.Table{Columns: []string{"reason", "records"}}
	for _, reason := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	}) {
		out.Add(reason, counts[reason])
	}
	return out.Write(w, "text")
}

func printTables(ctx context.Context, w io.Writer, r release) error {
	t := tablesTable(r)
	fmt.Fprintf(w, "\ntables of run %s in %s\n", r.manifest.Run, r.lake.URL())
	if err := t.Write(w, "text"); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nopen them\n%s", openers(r))
	return ctx.Err()
}
