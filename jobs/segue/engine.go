package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"segue/jobs/cli"
	"segue/jobs/config"
	"segue/jobs/engine"
	"segue/jobs/nearest"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// engines are the runners behind a job service. They differ in name alone: what an engine is told are its options.
var engines = []string{"portable", "flink"}

func engineFlags(f *pflag.FlagSet) {
	f.String("runner", "prism", "prism or direct in this process; portable or flink through a job service")
	f.String("endpoint", "", "`host:port` of the engine's job service")
	f.String("environment", "loopback", "how the engine's workers start: loopback, process or external")
	f.StringArray("engine-option", nil, "`key=value` for the engine, such as max_parallelism=128; may be repeated")
}

func applyEngineFlags(cmd *cobra.Command, reg *config.Registry) error {
	for flag, key := range map[string]string{"endpoint": "engine.endpoint", "environment": "engine.environment"} {
		if f := cmd.Flags().Lookup(flag); f != nil && f.Changed {
			if err := reg.Set(key, f.Value.String(), "flag --"+flag); err != nil {
				return err
			}
		}
	}
	if f := cmd.Flags().Lookup("engine-option"); f != nil && f.Changed {
		options, _ := cmd.Flags().GetStringArray("engine-option")
		list, err := json.Marshal(options)
		if err != nil {
			return fmt.Errorf("encode --engine-option: %w", err)
		}
		return reg.Set("engine.options", string(list), "flag --engine-option")
	}
	return nil
}

// runner returns the engine of the settings; nil for runners inside this process.
func (s *settings) runner(store lake.Store, job string) (work.Runner, error) {
	if err := s.checkRunner(); err != nil || !slices.Contains(engines, s.Runner) {
		return nil, err
	}
	s.Engine.SelfHealing = s.Runner == "flink"
	if err := s.Engine.Check(store.URL()); err != nil {
		return nil, cli.Usage("%v", err)
	}
	execute := func(ctx context.Context, p *beam.Pipeline, watch func(metrics.Results)) (beam.PipelineResult, error) {
		return engine.Execute(ctx, s.Engine, job, p, watch)
	}
	return work.NewEngine(s.Runner, execute, s.Engine.Environment == "loopback"), nil
}

func (s *settings) checkRunner() error {
	if known := slices.Concat(work.Runners, engines); !slices.Contains(known, s.Runner) {
		return cli.Usage("unknown --runner %q%s", s.Runner, nearest.Hint(s.Runner, known))
	}
	return nil
}

// askWorkers finds out whether the workers of a night can work before it begins.
func (s *settings) askWorkers(ctx context.Context, r work.Runner, store lake.Store) error {
	if r == nil {
		return nil
	}
	err := work.Probe(ctx, r, store, time.Duration(s.Engine.WorkerSeconds)*time.Second)
	if errors.Is(err, engine.ErrJob) && !strings.Contains(err.Error(), work.CannotWork) { // an engine that gave up sooner
		err = fmt.Errorf("%w: %w", work.ErrNoWorker, err)
	}
	if errors.Is(err, work.ErrNoWorker) {
		return fmt.Errorf("%w: %s, and engine.worker_seconds is how long they may take", err, s.Engine.Start())
	}
	return err
}

func newWorkerPool() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "worker-pool",
		Short: "Start worker processes as an engine asks for them",
		Long: `Start worker processes of this binary as an engine asks for them, until stopped: the sidecar of an engine that is told
--environment external. The workers have the environment of this process, and so its credentials.`,
		Example: "  segue worker-pool --listen localhost:50000",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := net.Listen("tcp", listen)
			if err != nil {
				return fmt.Errorf("serve workers: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "worker pool at %s\n", l.Addr())
			return engine.NewPool(cmd.ErrOrStderr()).Serve(cmd.Context(), l)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "localhost:50000", "`host:port` to answer the engine at")
	return cmd
}
