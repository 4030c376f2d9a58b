package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/engine"
)

// savepointWithin bounds the wait for a savepoint.
const savepointWithin = 10 * time.Minute

func newFlink() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "flink",
		Short: "List, stop with a savepoint and cancel jobs of a Flink cluster",
		Long: `List, stop with a savepoint and cancel jobs of a Flink cluster, through the REST interface of its JobManager. A job is known by
its name, which a restart keeps.`,
		Example: "  segue flink jobs --rest http://flink:8081",
	}
	restFlag(cmd)
	cmd.AddCommand(newFlinkJobs(), newFlinkStop(), newFlinkCancel())
	return cmd
}

func restFlag(cmd *cobra.Command) {
	cmd.PersistentFlags().String("rest", "http://localhost:8081", "`address` of the JobManager's REST interface")
}

// flinkOf returns the cluster of a command.
func flinkOf(cmd *cobra.Command) (engine.Flink, error) {
	address, _ := cmd.Flags().GetString("rest")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return engine.Flink{}, cli.Usage("--rest %q is no address: write it as http://localhost:8081", address)
	}
	return engine.Flink{URL: address}, nil
}

func newFlinkJobs() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "jobs",
		Short:   "List the cluster's jobs, with the root cause of those that failed",
		Example: "  segue flink jobs --rest http://flink:8081",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			f, err := flinkOf(cmd)
			if err != nil {
				return err
			}
			jobs, err := f.Jobs(cmd.Context())
			if err != nil {
				return err
			}
			t := &cli.Table{Columns: []string{"job_id", "name", "state", "cause"}}
			for _, j := range jobs {
				cause, err := f.Failure(cmd.Context(), j.ID)
				if err != nil {
					return err
				}
				t.Add(j.ID, j.Name, j.State, cause)
			}
			return t.Write(cmd.OutOrStdout(), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}

func newFlinkStop() *cobra.Command {
	cmd := stopCommand("")
	cmd.Long = `Stop a streaming job with a savepoint, and print its path: a job that is started with --engine-option savepoint_path=PATH goes on
from there. Nothing is drained: windows stay open.`
	cmd.Example = "  segue flink stop NAME --savepoint s3://music/savepoints --rest http://flink:8081"
	return cmd
}

// jobArgs are the arguments of a command that is told a job's name or id, which may be left out where there is a usual one.
func jobArgs(usual string) (use string, args cobra.PositionalArgs) {
	if usual == "" {
		return " NAME", cli.Args("NAME")
	}
	return " [NAME]", cli.Args("[NAME]")
}

// jobOf is the job a command is told, or the usual one.
func jobOf(args []string, usual string) string { return append(args, usual)[0] }

func stopCommand(usual string) *cobra.Command {
	var folder string
	use, positional := jobArgs(usual)
	cmd := &cobra.Command{
		Use:   "stop" + use,
		Short: "Stop a streaming job with a savepoint, and print the savepoint's path",
		Args:  positional,
		RunE: func(cmd *cobra.Command, args []string) error {
			if folder == "" {
				return cli.Usage("--savepoint is missing: give a folder every host of the cluster reaches, or use cancel, which leaves none")
			}
			f, job, err := flinkJob(cmd, jobOf(args, usual))
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), savepointWithin)
			defer cancel()
			path, err := f.StopWithSavepoint(ctx, job.ID, folder)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), path)
			return nil
		},
	}
	cmd.Flags().StringVar(&folder, "savepoint", "", "`folder` to write the savepoint into, as the cluster names it: file:///mnt/x, s3://bucket/x")
	return cmd
}

func newFlinkCancel() *cobra.Command {
	cmd := cancelCommand("")
	cmd.Example = "  segue flink cancel NAME --rest http://flink:8081"
	return cmd
}

func cancelCommand(usual string) *cobra.Command {
	use, positional := jobArgs(usual)
	return &cobra.Command{
		Use:   "cancel" + use,
		Short: "End a job at once; what is in flight is lost to it",
		Args:  positional,
		RunE: func(cmd *cobra.Command, args []string) error {
			f, job, err := flinkJob(cmd, jobOf(args, usual))
			if err != nil {
				return err
			}
			if err := f.Cancel(cmd.Context(), job.ID); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "job %s (%s) is cancelled\n", job.ID, job.Name)
			return nil
		},
	}
}

func flinkJob(cmd *cobra.Command, name string) (engine.Flink, engine.FlinkJob, error) {
	f, err := flinkOf(cmd)
	if err != nil {
		return f, engine.FlinkJob{}, err
	}
	job, err := f.Running(cmd.Context(), name)
	return f, job, err
}
