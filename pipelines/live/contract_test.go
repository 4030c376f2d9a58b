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

// Names and coders of the graph are those kept. Listeners' state is in snapshots, whose versions algo/sessions keeps and reads.
func TestGoldenContract(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	c := Default()
	c.Cluster = kafkaio.Cluster{Brokers: []string{"localhost:9092"}}
	build(s, c, "job", "reads", []kafkaio.Span{{Topic: schemas.TopicPlays, Start: 0, Stop: kafkaio.NoStop}})
	lines, err := contract.Describe(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.Compare("testdata/contract.txt", contractVersion, lines, os.Getenv("SEGUE_GOLDEN") != ""); err != nil {
		t.Error(err)
	}
}
