package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/transforms/algo/pareto"
)

// tuning is what segue tune is asked for.
type tuning struct {
	nightly.TuneOptions
	out, form string
}

func newTune() *cobra.Command {
	var t tuning
	cmd := &cobra.Command{
		Use:   "tune",
		Short: "Search better parameters of the recipe on held-out playlists, and write them as a configuration",
		Long: `Train the recipe again and again in memory on a sample of the newest playlists of the landing zone, each time with other
parameters, and measure it on held-out ones. The table is the front: trials that no other beats in nDCG, coverage and recall of rare
songs alike. The configuration has the trial of highest nDCG that loses at most a twentieth of the coverage and of the recall of rare
songs, compared with where the search began: the settings as they are, --set included. At the end it is compared with the start
on two other splits, with a 95 % interval.

Trials are kept in OUT.trials: the same command goes on where it was stopped. They depend on the playlists, the settings,
--sample and --seed alone; --trials and --budget only say when to stop. A small sample favours smoother parameters than all of
the playlists would: choose it as large as the budget allows.`,
		Example: "  segue tune --trials 40 --sample 0.1 --budget 20m --out tuned.yaml --lake lake\n  segue nightly --config tuned.yaml --date 2026-11-24 --lake lake",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := t.validate(); err != nil {
				return err
			}
			return t.run(cmd)
		},
	}
	f := cmd.Flags()
	f.IntVar(&t.Trials, "trials", 40, "trials at most, with those of earlier calls")
	f.Float64Var(&t.Sample, "sample", .1, "share of the playlists, up to 1")
	f.DurationVar(&t.Budget, "budget", 20*time.Minute, "`time` after which no trial begins, such as 20m; 0 = no limit")
	f.StringVar(&t.out, "out", "tuned.yaml", "configuration `file` to write")
	f.String("date", "", "logical `day` up to which the landing zone counts (default: all)")
	f.Uint64("seed", 1, "seed of the sample and the search")
	f.String("progress", "auto", "none, or anything else for a line a trial")
	f.StringVar(&t.form, "format", "text", "text, json, csv or markdown")
	return cmd
}

func (t *tuning) validate() error {
	switch {
	case t.Trials < 1:
		return cli.Usage("--trials is %d, want at least 1", t.Trials)
	case !(t.Sample > 0 && t.Sample <= 1):
		return cli.Usage("--sample is %g, want a share above 0, at most 1", t.Sample)
	case t.Budget < 0:
		return cli.Usage("--budget is %s, want a time of at least 0", t.Budget)
	case t.out == "":
		return cli.Usage("--out is empty: give a file")
	}
	return cli.CheckFormat(t.form)
}

func (t *tuning) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	store, s, err := lakeOf(cmd)
	if err != nil {
		return err
	}
	playlists, artists, err := landed(ctx, store, s)
	if err != nil {
		return err
	}
	t.Seed = s.Seed
	log, done, err := openTrials(t.out+".trials", searchOf(playlists, s.Night, t.TuneOptions))
	if err != nil {
		return err
	}
	defer log.Close()
	t.Done = done
	watch := io.Discard
	if s.Progress != "none" {
		watch = cmd.ErrOrStderr()
	}
	t.Each = t.report(watch, log)
	found, err := nightly.Tune(ctx, playlists, artists, s.Night, t.TuneOptions)
	if err != nil {
		return t.explain(ctx, found, err)
	}
	if err := os.WriteFile(t.out, []byte(tunedConfig(found)), 0o644); err != nil {
		return err
	}
	return t.print(cmd, found)
}

// report returns what is done with each new trial: it is kept, and told.
func (t *tuning) report(w io.Writer, log *trialLog) func(pareto.Trial) error {
	n, began := len(t.Done), time.Now()
	highest := math.Inf(-1)
	for _, d := range t.Done {
		highest = max(highest, d.Value[0])
	}
	if n > 0 {
		fmt.Fprintf(w, "%s known from %s.trials\n", plural(n, "trial"), t.out)
	}
	return func(trial pareto.Trial) error {
		n++
		highest = max(highest, trial.Value[0])
		left := ""
		if t.Budget > 0 {
			left = fmt.Sprintf(", budget left %s", max(t.Budget-time.Since(began), 0).Round(time.Second))
		}
		fmt.Fprintf(w, "trial %d of %d: ndcg %.4f (highest %.4f), coverage %.3f, tail recall %.4f%s\n",
			n, t.Trials, trial.Value[0], highest, trial.Value[1], trial.Value[2], left)
		return log.add(trial)
	}
}

func (t *tuning) explain(ctx context.Context, found nightly.Tuned, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("stopped after %s: the same command goes on from %s.trials: %w", plural(len(found.Trials), "trial"), t.out, ctx.Err())
	}
	return err
}

// print shows the front, best first, and what came of it.
func (t *tuning) print(cmd *cobra.Command, found nightly.Tuned) error {
	out := cli.Table{Columns: []string{"trial", "chosen"}}
	out.Columns = append(out.Columns, nightly.Objectives...)
	for _, k := range nightly.Knobs() {
		out.Columns = append(out.Columns, k.Name)
	}
	front := slices.Clone(found.Front)
	slices.SortStableFunc(front, func(a, b int) int {
		return int(math.Copysign(1, found.Trials[b].Value[0]-found.Trials[a].Value[0]))
	})
	for _, i := range front {
		line := []any{i + 1, i == found.Best}
		for _, v := range found.Trials[i].Value {
			line = append(line, figure(v))
		}
		for _, v := range found.Trials[i].At {
			line = append(line, v)
		}
		out.Rows = append(out.Rows, line)
	}
	if err := out.Write(cmd.OutOrStdout(), t.form); err != nil || t.form != "text" {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "\n%s on %d cases; %s\nwritten to %s: segue nightly --config %s\n", plural(len(found.Trials), "trial"), found.Cases, verdict(found), t.out, t.out)
	return err
}

// verdict says in words how the chosen trial compares with the start.
func verdict(found nightly.Tuned) string {
	switch start := found.Trials[0].Value[0]; {
	case found.Best == 0:
		return "nothing better than the settings as they are"
	case math.IsNaN(found.Ratio.Value):
		return fmt.Sprintf("trial %d has %.3f × the nDCG of the start on the cases it was chosen by, not confirmed on others", found.Best+1, found.Trials[found.Best].Value[0]/start)
	}
	return fmt.Sprintf("trial %d has %.3f × the nDCG of the start (95 %%: %.3f to %.3f) on %d cases of other splits",
		found.Best+1, found.Ratio.Value, found.Ratio.Low, found.Ratio.High, found.Fresh)
}

// tunedConfig returns the chosen trial as a configuration file.
func tunedConfig(found nightly.Tuned) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# By segue tune, %s on %d cases: %s.\n", plural(len(found.Trials), "trial"), found.Cases, verdict(found))
	stage := ""
	for i, k := range nightly.Knobs() {
		section, name, _ := strings.Cut(k.Name, ".")
		if section != stage {
			fmt.Fprintf(&b, "%s:\n", section)
			stage = section
		}
		fmt.Fprintf(&b, "  %s: %s\n", name, strconv.FormatFloat(found.Trials[found.Best].At[i], 'g', -1, 64))
	}
	return b.String()
}
