package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/parity"
	"segue/transforms/io/work"
)

func newParity() *cobra.Command {
	var date string
	p, o := sessions.Default(), parityOptions{}
	cmd := &cobra.Command{
		Use:   "parity",
		Short: "Replay archived plays and compare with what the live job left: features now, sessions of a day",
		Long: `Replay the archive through the accumulator of the live job and compare, field by field: the features of every listener with those
of the last snapshots, and the sessions that started on a day with those archived. Late plays are in the archive and not in the
features; the replay counts them. Exit code 3 when fewer records than --least are equal.`,
		Example: "  segue parity --date 2026-11-24 --lake lake\n  segue parity --date 2026-11-24 --examples --lake lake",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := (&settings{Date: date}).day()
			if err != nil {
				return err
			}
			return runParity(cmd, day, p, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&date, "date", "", "`day` of the sessions, YYYY-MM-DD or yesterday (UTC)")
	f.DurationVar(&p.Gap, "gap", p.Gap, "longest silence within a session, as the live job has it")
	f.DurationVar(&p.Lateness, "lateness", p.Lateness, "lateness of the live job")
	f.Float64Var(&o.least, "least", .999, "part of the records that must be equal")
	f.BoolVar(&o.examples, "examples", false, "list the first differences instead of the fields")
	f.StringVar(&o.format, "format", "text", "text, json, csv or markdown")
	return cmd
}

type parityOptions struct {
	format   string
	least    float64
	examples bool
}

func runParity(cmd *cobra.Command, day time.Time, p sessions.Params, o parityOptions) error {
	if err := cli.CheckFormat(o.format); err != nil {
		return err
	}
	if err := p.Validate(); err != nil {
		return cli.Usage("%s", err)
	}
	if !(o.least >= 0 && o.least <= 1) { // NaN, too
		return cli.Usage("--least %g: want a part of the records, from 0 to 1, such as .999", o.least)
	}
	store, _, err := lakeOf(cmd)
	if err != nil {
		return err
	}
	r, err := parity.Run(cmd.Context(), store, day, p)
	if err != nil {
		return err
	}
	return printParity(cmd, r, o)
}

// printParity prints a row a field, or the first differences; work.ErrGate when too few records are equal.
func printParity(cmd *cobra.Command, r parity.Report, o parityOptions) error {
	t := &cli.Table{Columns: []string{"table", "field", "equal", "different", "missing", "extra", "smape"}}
	if o.examples {
		t.Columns = []string{"table", "key", "field", "live", "replay"}
	}
	for _, table := range r.Tables {
		if o.examples {
			for _, e := range table.Examples {
				t.Add(table.Name, e.Key, e.Field, e.Live, e.Replay)
			}
			continue
		}
		t.Add(table.Name, "(records)", table.Equal, table.Different, table.Missing, table.Extra, nil)
		for _, f := range table.Fields {
			t.Add(table.Name, f.Name, f.Equal, f.Different, f.Missing, f.Extra, f.SMAPE)
		}
	}
	if err := t.Write(cmd.OutOrStdout(), o.format); err != nil {
		return err
	}
	if o.format == "text" {
		fmt.Fprintf(cmd.OutOrStdout(), "%.4f %% of records equal; %s, %s replayed, %d late, %d duplicates; %s still open\n",
			100*r.Share(), plural(r.Partitions, "partition"), plural(r.Plays, "play"), r.Late, r.Duplicates, plural(r.Open, "session"))
	}
	if share := r.Share(); share < o.least {
		return fmt.Errorf("%w: %.4f %% of the live job's records equal their replay, want %.4f %%: see segue parity --examples", work.ErrGate, 100*share, 100*o.least)
	}
	return nil
}
