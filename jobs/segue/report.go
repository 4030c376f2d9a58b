package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/nearest"
	"segue/jobs/report"
	"segue/transforms/io/lake"
)

// reportKey is the page that a night leaves in the lake.
func reportKey(run string) string { return lake.RunKey(run, "report.html") }

func newReport() *cobra.Command {
	var out string
	var open bool
	cmd := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Write a night as one HTML page: gate, flow, quality, trends, embedding, hours, charts, personas, lists",
		Long: `Write a night as one self-contained HTML page from its lake: no scripts, nothing loaded, light and dark. RUN is the
current release unless given; a candidate or unfinished run has a page too. The copy that a night leaves in the lake under
runs/RUN/report.html (setting report=false leaves it out) shows listeners without ids; this one names them.`,
		Example: "  segue report --lake lake --open\n  segue report 2026-11-24.1 --lake lake --out - > night.html",
		Args:    cli.Args("[RUN]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if open && out == "-" {
				return cli.Usage("--open needs a file: leave out --out -")
			}
			return runReport(cmd, append(args, "")[0], out, open)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`file` to write, - = standard output (default report-RUN.html)")
	cmd.Flags().BoolVar(&open, "open", false, "show it in a browser")
	return cmd
}

func runReport(cmd *cobra.Command, run, out string, open bool) error {
	ctx := cmd.Context()
	store, _, err := lakeOf(cmd)
	if err != nil {
		return err
	}
	if run, err = findRun(ctx, store, run); err != nil {
		return err
	}
	var page bytes.Buffer
	if err := report.Write(ctx, &page, store, run, report.Options{Producer: "segue " + version}); err != nil {
		return err
	}
	if out == "-" {
		_, err := cmd.OutOrStdout().Write(page.Bytes())
		return err
	}
	if out == "" {
		out = "report-" + run + ".html"
	}
	if err := os.WriteFile(out, page.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "report of run %s: %s (%s)\n", run, out, size(int64(page.Len()))); err != nil || !open {
		return err
	}
	return browse(ctx, out)
}

// findRun returns the id of a run that was claimed, published or not; "" = the current release.
func findRun(ctx context.Context, store lake.Store, run string) (string, error) {
	if run == "" {
		r, err := findRelease(ctx, store, "")
		return r.manifest.Run, err
	}
	infos, err := lake.ListRuns(ctx, store)
	if err != nil {
		return "", err
	}
	var known []string
	for _, i := range infos {
		if i.Run == run {
			return run, nil
		}
		known = append(known, i.Run)
	}
	return "", cli.Usage("no run %s in lake %s%s", run, store.URL(), nearest.Among(run, known))
}

// browse shows a file in the browser of the desktop.
func browse(ctx context.Context, file string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("open report: %w", err)
	}
	name, args := "xdg-open", []string{path}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", path}
	}
	if err := exec.CommandContext(ctx, name, args...).Run(); err != nil {
		return fmt.Errorf("open %s in a browser: %w: open it yourself", path, err)
	}
	return nil
}

// leaveReport writes the page of a run into its folder of the lake, in place of an earlier one; listeners have no ids there,
// so that erasing one need not look into pages.
func leaveReport(ctx context.Context, store lake.Store, run string) error {
	var page bytes.Buffer
	if err := report.Write(ctx, &page, store, run, report.Options{Producer: "segue " + version, Anonymous: true}); err != nil {
		return err
	}
	info, err := store.Stat(ctx, reportKey(run))
	if err != nil && !errors.Is(err, lake.ErrNotExist) {
		return fmt.Errorf("report run %s: %w", run, err)
	}
	if _, err := store.Swap(ctx, reportKey(run), page.Bytes(), info.ETag); err != nil {
		return fmt.Errorf("report run %s: %w", run, err)
	}
	return nil
}

// reportNight leaves the page of a night that ended, published or held. Whatever happens is told, and fails nothing.
func reportNight(ctx context.Context, s *settings, store lake.Store, run string) {
	if !s.Report || run == "" || ctx.Err() != nil {
		return
	}
	if err := leaveReport(ctx, store, run); err != nil {
		fmt.Fprintf(os.Stderr, "segue: no report: %s\n", cli.Clean(err.Error()))
	}
}
