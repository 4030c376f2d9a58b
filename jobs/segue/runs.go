package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/lake"
)

func newRuns() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs of a lake, how good they are and which one is current",
		Long: `List the runs of a lake: how far each came, its rows and seconds, nDCG@100 of its published neighbours on held-out
playlists with the 95 % interval, and what the gate says: ok, how many rules warn, or which failed.`,
		Example: "  segue runs --lake lake",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			store, _, err := lakeOf(cmd)
			if err != nil {
				return err
			}
			t, err := runsTable(cmd.Context(), store)
			if err != nil {
				return err
			}
			return t.Write(cmd.OutOrStdout(), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}

func runsTable(ctx context.Context, store lake.Store) (*cli.Table, error) {
	infos, err := lake.ListRuns(ctx, store)
	if err != nil {
		return nil, err
	}
	pointer, err := lake.ReadPointer(ctx, store)
	if err != nil && !errors.Is(err, lake.ErrNotExist) {
		return nil, damaged(err)
	}
	t := &cli.Table{Columns: []string{"run_id", "date", "state", "rows", "seconds", "quality", "gate", "kernels", "current"}}
	for _, info := range infos {
		stages, err := lake.ReadStages(ctx, store, info.Run)
		if err != nil {
			return nil, err
		}
		var seconds float64
		for _, st := range stages {
			seconds += st.Seconds
		}
		state, m, err := runState(ctx, store, info.Run, stages)
		if err != nil {
			return nil, err
		}
		rows := any(nil)
		if m.Run != "" {
			rows = tableRows(m)
		}
		t.Add(info.Run, info.Date, state, rows, round(seconds), qualityWords(m), gateWords(m, lake.Counters(stages)), m.KernelTier, info.Run == pointer.Run)
	}
	return t, nil
}

// headline is the figure of a run that stands for its quality: metric and method of table evaluation.
const headline = "ndcg@100/published"

// qualityWords returns nDCG@100 of the published neighbours with its interval; nil where it was not measured.
func qualityWords(m lake.Manifest) any {
	for _, q := range m.Quality {
		if q.Name != headline {
			continue
		}
		if q.Low == nil || q.High == nil {
			return fmt.Sprintf("%.4f", q.Value)
		}
		return fmt.Sprintf("%.4f [%.4f, %.4f]", q.Value, *q.Low, *q.High)
	}
	return nil
}

// gateWords says what the gate found; nil where it has not judged the run.
func gateWords(m lake.Manifest, counters map[string]int64) any {
	_, judged := counters["gate/"+schemas.GateOK]
	switch warned := counters["gate/"+schemas.GateWarn]; {
	case m.Run == "" && !judged:
		return nil
	case len(m.Failed) > 0:
		return "failed: " + strings.Join(m.Failed, ", ")
	case counters["gate/"+schemas.GateFail] > 0:
		return fmt.Sprintf("%d failed", counters["gate/"+schemas.GateFail])
	case warned > 0:
		return fmt.Sprintf("%d warn", warned)
	case judged:
		return schemas.GateOK
	}
	return nil
}

// runState says in words how far a run came, and returns its manifest where it has one.
func runState(ctx context.Context, store lake.Store, run string, stages []lake.StageRecord) (string, lake.Manifest, error) {
	m, err := lake.ReadManifest(ctx, store, run)
	switch {
	case err == nil && len(m.Failed) > 0:
		state, err := heldState(ctx, store, m)
		return state, m, err
	case err == nil:
		return "published", m, nil
	case errors.Is(err, lake.ErrCollected):
		return "collected", lake.Manifest{}, nil
	case errors.Is(err, lake.ErrDamaged):
		return "damaged: " + lake.ManifestKey(run), lake.Manifest{}, nil
	case errors.Is(err, lake.ErrNotExist) && len(stages) > 0:
		return "unfinished after " + stages[len(stages)-1].Stage, lake.Manifest{}, nil
	case errors.Is(err, lake.ErrNotExist):
		return "unfinished", lake.Manifest{}, nil
	}
	return "", m, err
}

// heldState says of a run whose gate failed whether somebody promoted it.
func heldState(ctx context.Context, store lake.Store, m lake.Manifest) (string, error) {
	rules := strings.Join(m.Failed, ", ")
	_, err := lake.ReadOverride(ctx, store, m.Run)
	if errors.Is(err, lake.ErrNotExist) {
		return "candidate: " + rules + " failed", nil
	}
	return "promoted despite " + rules, err
}

func tableRows(m lake.Manifest) int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// round keeps hundredths of seconds.
func round(seconds float64) float64 { return float64(int64(seconds*100+0.5)) / 100 }
