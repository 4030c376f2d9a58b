package live

import (
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"segue/pipelines/contract"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// contractVersion rises with every change of a name or a coder in the graph. 2: a transform that tells that the pipeline runs; saved state does not hang on it.
const contractVersion = 2

// engineVersion is that of the graph for engines, whose savepoints hang on it.
const engineVersion = 1

// Names and coders of the graph are those kept. Listeners' state is in snapshots, whose versions algo/sessions keeps and reads.
func TestGoldenContract(t *testing.T) {
	golden(t, "contract.txt", contractVersion, func(s beam.Scope, c Config, spans []kafkaio.Span) { build(s, c, "job", "reads", spans) })
}

// So are those of the graph for engines; what it keeps are batches, whose frozen bytes kafkaio reads.
func TestGoldenEngineContract(t *testing.T) {
	golden(t, "engine.txt", engineVersion, func(s beam.Scope, c Config, spans []kafkaio.Span) { buildOnEngine(s, c, "job", spans) })
}

func golden(t *testing.T, file string, version int, build func(beam.Scope, Config, []kafkaio.Span)) {
	t.Helper()
	p, s := beam.NewPipelineWithRoot()
	c, _ := setup(t)
	build(s, c, []kafkaio.Span{{Topic: schemas.TopicPlays, Start: 0, Stop: kafkaio.NoStop}})
	lines, err := contract.Describe(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.Compare("testdata/"+file, version, lines, os.Getenv("SEGUE_GOLDEN") != ""); err != nil {
		t.Error(err)
	}
}
