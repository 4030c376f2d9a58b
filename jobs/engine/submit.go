package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/apache/beam/sdks/v2/go/container/tools"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
)

// patience is how long an engine may take to answer a call that needs no work.
const patience = 10 * time.Second

// staged is what an engine gets as the worker's file: nothing is started from it in any environment.
const staged = os.DevNull

// Submit hands a pipeline to the engine and returns its job, which runs on whether or not anyone waits for it; with
// the environment loopback it ends with this process, and Close must be called.
//
// Errors: settings that cannot work, an engine that does not answer within 10 seconds, a pipeline it refuses.
func Submit(ctx context.Context, s Settings, title string, p *beam.Pipeline) (*Job, error) {
	if err := s.reach(ctx); err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(s.Endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		return nil, fmt.Errorf("reach job service at %s: %w", s.Endpoint, err)
	}
	job := &Job{endpoint: s.Endpoint, client: jobpb.NewJobServiceClient(conn), closers: []func() error{conn.Close}}
	if err := job.submit(ctx, s, title, p); err != nil {
		return nil, errors.Join(err, job.Close())
	}
	return job, nil
}

// reach fails at once, with the address, where gRPC would try for minutes.
func (s Settings) reach(ctx context.Context) error {
	if err := dial(ctx, s.Endpoint); err != nil {
		return fmt.Errorf("no job service answers at %s: %w: is the engine's job server up?", s.Endpoint, err)
	}
	if s.Environment != "external" || !s.here() {
		return nil
	}
	if err := dial(ctx, s.Workers); err != nil {
		return fmt.Errorf("no worker pool answers at %s: %w: start segue worker-pool there", s.Workers, err)
	}
	return nil
}

func dial(ctx context.Context, address string) error {
	d := net.Dialer{Timeout: patience}
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return c.Close()
}

func (j *Job) submit(ctx context.Context, s Settings, title string, p *beam.Pipeline) error {
	model, err := j.model(ctx, s, p)
	if err != nil {
		return err
	}
	j.pipeline = model
	options, err := s.options(title)
	if err != nil {
		return err
	}
	proto, err := tools.OptionsToProto(options)
	if err != nil {
		return fmt.Errorf("encode options of job %s: %w", title, err)
	}
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	prepared, err := j.client.Prepare(short, &jobpb.PrepareJobRequest{Pipeline: model, PipelineOptions: proto, JobName: title})
	if err != nil {
		return fmt.Errorf("the job service at %s does not take job %s: %w", s.Endpoint, title, strangerOr(err))
	}
	token, err := runnerlib.Stage(ctx, prepared.GetPreparationId(), prepared.GetArtifactStagingEndpoint().GetUrl(), staged, prepared.GetStagingSessionToken())
	if err != nil {
		return fmt.Errorf("stage job %s at %s: %w", title, s.Endpoint, err)
	}
	j.id, err = runnerlib.Submit(ctx, j.client, prepared.GetPreparationId(), token)
	if err != nil {
		return fmt.Errorf("run job %s at %s: %w", title, s.Endpoint, strangerOr(err))
	}
	return nil
}

// model translates the pipeline, with the environment its workers start in.
func (j *Job) model(ctx context.Context, s Settings, p *beam.Pipeline) (*pipepb.Pipeline, error) {
	edges, _, err := p.Build()
	if err != nil {
		return nil, fmt.Errorf("build pipeline: %w", err)
	}
	urn, config := graphx.URNEnvExternal, s.Workers
	switch s.Environment {
	case "loopback":
		pool, err := extworker.StartLoopback(ctx, 0)
		if err != nil {
			return nil, fmt.Errorf("start workers of this process: %w", err)
		}
		j.closers = append(j.closers, func() error { return pool.Stop(context.Background()) })
		config = pool.EnvironmentConfig(ctx)
	case "process":
		command, err := s.command()
		if err != nil {
			return nil, err
		}
		urn, config = graphx.URNEnvProcess, protojson.Format(&pipepb.ProcessPayload{Command: command})
	}
	env, err := graphx.CreateEnvironment(ctx, urn, func(context.Context) string { return config })
	if err != nil {
		return nil, fmt.Errorf("describe environment %s: %w", s.Environment, err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		return nil, fmt.Errorf("encode pipeline: %w", err)
	}
	return model, runnerlib.UpdateGoEnvironmentWorker(staged, model)
}
