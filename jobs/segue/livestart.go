package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/engine"
	"segue/pipelines/live"
)

// liveJob is the usual name of the live job on an engine: what it is found by, and who holds its partitions.
const liveJob = "segue-live"

// flinkLive are the options of a streaming job that a caller has not chosen: Flink stops sources without checkpoints, and bundles bound
// the delay of features.
var flinkLive = []string{"streaming=true", "checkpointing_interval=10000", "max_bundle_time_mills=500", "finish_bundle_before_checkpointing=true", "max_parallelism=128"}

// startOptions are the flags of segue live start that segue live does not have.
type startOptions struct {
	name, savepoint string
	detached        bool
}

func newLiveStart() *cobra.Command {
	var o liveOptions
	var so startOptions
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Run the live job on an engine instead of in this process",
		Long: `Run what segue live does on an engine behind Beam's job service. The engine keeps what partitions have read since their last snapshot
in the lake; so a job on an engine and segue live in a process can follow each other, and a job that ended in any way goes on when it is
started again. With --from-savepoint it goes on from a savepoint of Flink.

It shows how far it is until the job ends, and an interrupt cancels the job: nothing is lost. With --detached it ends once the engine
has the job.`,
		Example: "  segue live start --runner flink --endpoint flink:8099 --environment external --detached --brokers kafka:9092 --lake s3://music/segue",
		Args:    cli.Args(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return startLive(cmd, o, so) },
	}
	addLiveFlags(cmd, &o)
	engineFlags(cmd.Flags())
	f := cmd.Flags()
	runner := f.Lookup("runner")
	runner.Usage, runner.DefValue = "portable or flink: the kind of engine behind the job service (required, or as a setting)", ""
	f.StringVar(&so.name, "name", liveJob, "`name` of the job")
	f.BoolVar(&so.detached, "detached", false, "end when the engine has the job, and leave it running")
	f.StringVar(&so.savepoint, "from-savepoint", "", "`path` of a savepoint, as segue live stop printed it")
	f.String("progress", "auto", "auto, plain, json or none: a line every ten seconds")
	return cmd
}

func newLiveStop() *cobra.Command {
	cmd := stopCommand(liveJob)
	cmd.Long = `Stop the live job of a Flink cluster with a savepoint, and print its path for segue live start --from-savepoint. A job is known by its
name (` + liveJob + `) or, where several have it, by its id.`
	cmd.Example = "  segue live stop --savepoint s3://music/savepoints --rest http://flink:8081"
	restFlag(cmd)
	return cmd
}

func newLiveCancel() *cobra.Command {
	cmd := cancelCommand(liveJob)
	cmd.Short = "End the live job of a Flink cluster at once: a start goes on behind the snapshots in the lake"
	cmd.Example = "  segue live cancel --rest http://flink:8081"
	restFlag(cmd)
	return cmd
}

// onEngine returns the settings of an engine that can run the live job.
func (so startOptions) onEngine(s *settings) error {
	switch {
	case s.Runner == "prism":
		return cli.Usage("--runner: want portable or flink; on prism, in this process, segue live runs the job")
	case !slices.Contains(engines, s.Runner):
		return cli.Usage("--runner %q: want portable or flink; segue live runs the job in this process", s.Runner)
	case so.detached && s.Engine.Environment == "loopback":
		return cli.Usage("--detached: the workers of --environment loopback are in this process, and end with it: use process or external")
	case so.savepoint != "" && s.Runner != "flink":
		return cli.Usage("--from-savepoint is of --runner flink alone")
	}
	return nil
}

// jobOptions are the settings of the engine for the job itself.
func (so startOptions) jobOptions(s *settings, ends bool) engine.Settings {
	e := s.Engine
	if s.Runner == "flink" {
		e = e.WithDefaults(flinkLive...)
		if ends { // else a source that has said all it will say is kept for ever, and its job with it
			e = e.WithDefaults("shutdown_sources_after_idle_ms=0")
		}
	}
	if so.savepoint != "" {
		e = e.WithDefaults("savepoint_path=" + so.savepoint)
	}
	return e
}

func startLive(cmd *cobra.Command, o liveOptions, so startOptions) error {
	s, _, err := load(cmd)
	if err != nil {
		return err
	}
	if err := so.onEngine(s); err != nil {
		return err
	}
	c, _, err := o.config(cmd)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	runner, err := s.runner(c.Lake, so.name)
	if err != nil {
		return err
	}
	if err := s.askWorkers(ctx, runner, c.Lake); err != nil {
		return err
	}
	p, root := beam.NewPipelineWithRoot()
	if err := live.BuildOnEngine(ctx, root, c, so.name); err != nil {
		return err
	}
	s.Engine = so.jobOptions(s, o.until != "")
	job, err := engine.Submit(ctx, s.Engine, so.name, p)
	if err != nil {
		return err
	}
	defer job.Close()
	if so.detached {
		fmt.Fprintf(cmd.OutOrStdout(), "job %s runs as %s at %s\n", job.ID(), so.name, s.Engine.Endpoint)
		if s.Runner == "flink" {
			fmt.Fprintf(cmd.OutOrStdout(), "  segue flink jobs --rest URL\n  segue live stop %s --savepoint FOLDER --rest URL\n  segue live cancel %s --rest URL\n", so.name, so.name)
		}
		return nil
	}
	return followJob(ctx, cmd.ErrOrStderr(), s, job)
}

// followJob shows how far a job is until it ends; when the caller gives up, it is cancelled.
func followJob(ctx context.Context, w io.Writer, s *settings, job *engine.Job) error {
	var shown time.Time
	fmt.Fprintf(w, "job %s runs at %s; an interrupt cancels it\n", job.ID(), s.Engine.Endpoint)
	err := job.Follow(ctx, s.Engine, func(m metrics.Results) {
		if s.Progress != "none" && time.Since(shown) >= 10*time.Second {
			shown = time.Now()
			fmt.Fprintln(w, jobLine(m, s.Progress))
		}
	})
	if ctx.Err() != nil {
		fmt.Fprintln(w, "cancelled: the next start goes on behind the snapshots in the lake")
		return nil
	}
	return err
}

// jobLine tells the counters of a job.
func jobLine(m metrics.Results, form string) string {
	counts := map[string]int64{}
	for _, c := range m.AllMetrics().Counters() {
		counts[c.Namespace()+"/"+c.Name()] += c.Result()
	}
	read, applied := counts["kafkaio/read_records"], counts["live/records"]
	if form == "json" {
		return fmt.Sprintf(`{"read":%d,"applied":%d}`, read, applied)
	}
	return fmt.Sprintf("%d records read, %d applied", read, applied)
}
