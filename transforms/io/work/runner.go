package work

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct" //lint:ignore SA1019 deprecated for pipelines that need a runner of their own; here it is a second opinion on results
)

// ShuffleStats says what a pipeline moved through Beam.
type ShuffleStats struct {
	Items      int64 // done by Doers
	Elements   int64
	Bytes      int64
	MaxElement int64 // bytes
	KeptHits   int64 // kept items that were there
	KeptMade   int64 // kept items that were not
}

// Execute runs a pipeline to its end. Where its workers are other processes it tells watch the metrics so far.
type Execute func(ctx context.Context, p *beam.Pipeline, watch func(metrics.Results)) (beam.PipelineResult, error)

// Runner executes pipelines.
type Runner interface {
	Name() string
	// Local reports whether all items run in this process, and so share its disk.
	Local() bool
	// Execute tells done the number of items finished so far, where that is not known in this process.
	Execute(ctx context.Context, p *beam.Pipeline, done func(items int64)) (ShuffleStats, error)
}

// Runners are the names NewRunner knows.
var Runners = []string{"prism", "direct"}

// NewRunner returns the runner of that name: prism (in this process, the default) or direct (one goroutine a pipeline).
func NewRunner(name string) (Runner, error) {
	switch name {
	case "", "prism":
		return beamRunner{"prism", inProcess(Prism), true}, nil
	case "direct":
		return beamRunner{"direct", inProcess(direct.Execute), true}, nil
	}
	return nil, fmt.Errorf("find runner %q: known are %v", name, Runners)
}

// NewEngine returns a runner that hands pipelines to an execution engine; local says whether its workers are in this process.
func NewEngine(name string, execute Execute, local bool) Runner {
	return beamRunner{name, execute, local}
}

func inProcess(execute func(context.Context, *beam.Pipeline) (beam.PipelineResult, error)) Execute {
	return func(ctx context.Context, p *beam.Pipeline, _ func(metrics.Results)) (beam.PipelineResult, error) {
		return execute(ctx, p)
	}
}

type beamRunner struct {
	name    string
	execute Execute
	local   bool
}

func (r beamRunner) Name() string { return r.name }

func (r beamRunner) Local() bool { return r.local }

func (r beamRunner) Execute(ctx context.Context, p *beam.Pipeline, done func(items int64)) (ShuffleStats, error) {
	res, err := r.execute(ctx, p, func(m metrics.Results) { done(stats(m).Items) })
	if err != nil || res == nil {
		return ShuffleStats{}, err
	}
	s := stats(res.Metrics())
	if !r.local {
		done(s.Items)
	}
	return s, nil
}

func stats(m metrics.Results) ShuffleStats {
	var s ShuffleStats
	q := m.Query(func(r metrics.SingleResult) bool { return r.Namespace() == "work" })
	for _, c := range q.Counters() {
		switch c.Name() {
		case "elements":
			s.Elements += c.Result()
		case "shuffled_bytes":
			s.Bytes += c.Result()
		case "items":
			s.Items += c.Result()
		case "kept_hits":
			s.KeptHits += c.Result()
		case "kept_made":
			s.KeptMade += c.Result()
		}
	}
	for _, d := range q.Distributions() {
		if d.Name() == "element_bytes" {
			s.MaxElement = max(s.MaxElement, d.Result().Max)
		}
	}
	return s
}
