package work

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
)

// Prism runs a pipeline to its end on prism in this process. It does what prism.Execute does, which leaves a file in the temporary
// folder and a descriptor of it with every pipeline.
func Prism(ctx context.Context, p *beam.Pipeline) (beam.PipelineResult, error) {
	endpoint, err := prismServer()
	if err != nil {
		return nil, err
	}
	edges, _, err := p.Build()
	if err != nil {
		return nil, fmt.Errorf("build pipeline: %w", err)
	}
	pool, err := extworker.StartLoopback(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("start workers of this process: %w", err)
	}
	defer pool.Stop(ctx)
	env, err := graphx.CreateEnvironment(ctx, graphx.URNEnvExternal, pool.EnvironmentConfig)
	if err != nil {
		return nil, fmt.Errorf("describe workers of this process: %w", err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		return nil, fmt.Errorf("encode pipeline: %w", err)
	}
	options := &runnerlib.JobOptions{Name: jobopts.GetJobName(), Experiments: jobopts.GetExperiments(), Worker: os.DevNull}
	return runnerlib.Execute(ctx, model, endpoint, options, false)
}

// prismServer starts the job server that the pipelines of this process share, and returns its address: prism starts it before it looks
// at what it is given, which here it refuses.
var prismServer = sync.OnceValues(func() (string, error) {
	_, err := prism.Execute(context.Background(), beam.NewPipeline())
	if *jobopts.Endpoint == "" {
		return "", fmt.Errorf("start prism: %w", err)
	}
	return *jobopts.Endpoint, nil
})
