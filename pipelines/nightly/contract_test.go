package nightly_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"

	"segue/pipelines/contract"
	"segue/transforms/io/work"
)

// contractVersion rises with every change of a name or a coder in the night's graphs.
// Version 6: neighbours has no phase lists. A run that an older program began finds its neighbours again, see neighbours.layout.
// Version 5: neighbours has phase find for together and search.
// Version 4: clean has phase numbers. A run that an older program began is begun again, see clean.layout.
// Version 3: recommend has phase centres.
// Version 2: plays go by folder and bucket. A run that an older program began is begun again, see clean.layout.
const contractVersion = 6

// Names and coders of every graph of a night, as an engine gets them, are those kept; no two transforms of a night share a name.
func TestGoldenContract(t *testing.T) {
	s, date := worldLake(t, 3)
	var mu sync.Mutex
	var all []string
	o := options(s, date)
	o.Engine = work.NewEngine("prism", func(ctx context.Context, p *beam.Pipeline, _ func(metrics.Results)) (beam.PipelineResult, error) {
		lines, err := contract.Describe(p)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		all = append(all, lines...)
		mu.Unlock()
		return work.Prism(ctx, p)
	}, true)
	mustRun(t, o)
	slices.Sort(all)
	unique := slices.Compact(slices.Clone(all))
	if len(unique) != len(all) {
		t.Errorf("%d transforms have the name of another", len(all)-len(unique))
	}
	if err := contract.Compare("testdata/contract.txt", contractVersion, unique, os.Getenv("SEGUE_GOLDEN") != ""); err != nil {
		t.Error(err)
	}
}
