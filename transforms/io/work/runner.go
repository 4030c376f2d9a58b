package work

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct" //lint:ignore SA1019 deprecated for pipelines that need a runner of their own; here it is a second opinion on results
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
)

// ShuffleStats says what a pipeline moved through Beam.
type ShuffleStats struct {
	Elements   int64
	Bytes      int64
	MaxElement int64 // bytes
	KeptHits   int64 // kept items that were there
	KeptMade   int64 // kept items that were not
}

// Runner executes pipelines.
type Runner interface {
	Name() string
	Execute(ctx context.Context, p *beam.Pipeline) (ShuffleStats, error)
}

// Runners are the names NewRunner knows.
var Runners = []string{"prism", "direct"}

// NewRunner returns the runner of that name: prism (in this process, the default) or direct (one goroutine a pipeline).
func NewRunner(name string) (Runner, error) {
	switch name {
	case "", "prism":
		return beamRunner{"prism", prism.Execute}, nil
	case "direct":
		return beamRunner{"direct", direct.Execute}, nil
	}
	return nil, fmt.Errorf("find runner %q: known are %v", name, Runners)
}

type beamRunner struct {
	name    string
	execute func(context.Context, *beam.Pipeline) (beam.PipelineResult, error)
}

func (r beamRunner) Name() string { return r.name }

func (r beamRunner) Execute(ctx context.Context, p *beam.Pipeline) (ShuffleStats, error) {
	res, err := r.execute(ctx, p)
	if err != nil || res == nil {
		return ShuffleStats{}, err
	}
	return stats(res), nil
}

func stats(res beam.PipelineResult) ShuffleStats {
	var s ShuffleStats
	q := res.Metrics().Query(func(r metrics.SingleResult) bool { return r.Namespace() == "work" })
	for _, c := range q.Counters() {
		switch c.Name() {
		case "elements":
			s.Elements += c.Result()
		case "shuffled_bytes":
			s.Bytes += c.Result()
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
