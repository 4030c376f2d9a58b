package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
)

func newPromote() *cobra.Command {
	var o lake.Override
	cmd := &cobra.Command{
		Use:   "promote RUN",
		Short: "Make a published run current, also one that a rollback or its gate holds back",
		Long: `Make a published run current. Readers follow current.json, so they see all of one night or all of the other. After a
rollback, nights up to the date that was rolled back publish without becoming current until one is promoted. A run whose gate
failed is a candidate: it is promoted by naming every rule that failed, and a reason; both are kept with the run.`,
		Example: `  segue promote 2026-11-24.2 --lake lake
  segue promote 2026-11-24.1 --despite rows --reason "a label left the catalogue" --lake lake`,
		Args: cli.Args("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return point(cmd, args[0], func(ctx context.Context, s lake.Store, run string) error { return lake.Promote(ctx, s, run, o) })
		},
	}
	cmd.Flags().StringArrayVar(&o.Rules, "despite", nil, "a `rule` that failed; may be repeated")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why the run is right all the same")
	cmd.Flags().StringVar(&o.By, "by", userName(), "who says so")
	return cmd
}

// userName returns who runs the command, as far as the system knows.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

func newRollback() *cobra.Command {
	return &cobra.Command{
		Use:     "rollback [RUN]",
		Short:   "Make an earlier run current again (default: the one that was current before)",
		Example: "  segue rollback --lake lake",
		Args:    cli.Args("[RUN]"),
		RunE:    func(cmd *cobra.Command, args []string) error { return point(cmd, first(args), lake.Rollback) },
	}
}

// point moves the pointer of the command's lake to a run; "" = the one that was current before.
func point(cmd *cobra.Command, run string, move func(context.Context, lake.Store, string) error) error {
	store, _, err := lakeOf(cmd)
	if err != nil {
		return err
	}
	was, err := lake.ReadPointer(cmd.Context(), store)
	switch {
	case errors.Is(err, lake.ErrNotExist) && run == "":
		return fmt.Errorf("lake %s has no published night yet: run segue nightly first", store.URL())
	case err != nil && !errors.Is(err, lake.ErrNotExist):
		return damaged(err)
	}
	if run == "" {
		if run, err = before(was); err != nil {
			return err
		}
	}
	if _, err := findRelease(cmd.Context(), store, run); err != nil {
		return err
	}
	err = move(cmd.Context(), store, run)
	if errors.Is(err, lake.ErrHeld) {
		return fmt.Errorf("%w: see segue inspect head gate --run %s, then segue promote with --despite for each rule and --reason", err, run)
	}
	if err != nil {
		return err
	}
	return printPointer(cmd, store, was)
}

// before returns the run that was current before, which after a rollback is a later one.
func before(p lake.Pointer) (string, error) {
	switch {
	case p.Previous == "":
		return "", cli.Usage("no run was current before %s: name one, see segue runs", p.Run)
	case lake.CompareRuns(p.Previous, p.Run) > 0:
		return "", cli.Usage("before %s the later run %s was current: name an earlier one, see segue runs, or segue promote %s", p.Run, p.Previous, p.Previous)
	}
	return p.Previous, nil
}

// printPointer tells which run is current now.
func printPointer(cmd *cobra.Command, store lake.Store, was lake.Pointer) error {
	now, err := lake.ReadPointer(cmd.Context(), store)
	if err != nil {
		return err
	}
	switch was.Run {
	case now.Run:
		fmt.Fprintf(cmd.OutOrStdout(), "current is run %s already: nothing changed\n", now.Run)
	case "":
		fmt.Fprintf(cmd.OutOrStdout(), "current is run %s\n", now.Run)
	default:
		fmt.Fprintf(cmd.OutOrStdout(), "current is run %s, was %s\n", now.Run, was.Run)
	}
	if now.Floor != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "nights up to %s publish without becoming current until one is promoted\n", now.Floor)
	}
	return nil
}
