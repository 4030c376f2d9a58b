package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
)

func newPromote() *cobra.Command {
	return &cobra.Command{
		Use:   "promote RUN",
		Short: "Make a published run current, also one that a rollback holds back",
		Long: `Make a published run current. Readers follow current.json, so they see all of one night or all of the other. After a
rollback, nights up to the date that was rolled back publish without becoming current until one is promoted.`,
		Example: "  segue promote 2026-11-24.2 --lake lake",
		Args:    cli.Args("RUN"),
		RunE:    func(cmd *cobra.Command, args []string) error { return point(cmd, args[0], lake.Promote) },
	}
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
	s, _, err := load(cmd)
	if err != nil {
		return err
	}
	store, err := s.openLake(cmd.Context())
	if err != nil {
		return err
	}
	was, err := lake.ReadPointer(cmd.Context(), store)
	if errors.Is(err, lake.ErrNotExist) {
		return fmt.Errorf("lake %s has no published night yet: run segue nightly first", store.URL())
	}
	if err != nil {
		return err
	}
	if run == "" {
		run = was.Previous
	}
	if run == "" {
		return cli.Usage("no run was current before %s: name one, see segue runs", was.Run)
	}
	if _, err := findRelease(cmd.Context(), store, run); err != nil {
		return err
	}
	if err := move(cmd.Context(), store, run); err != nil {
		return err
	}
	now, err := lake.ReadPointer(cmd.Context(), store)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "current is run %s, was %s\n", now.Run, was.Run)
	if now.Floor != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "nights up to %s publish without becoming current until one is promoted\n", now.Floor)
	}
	return nil
}
