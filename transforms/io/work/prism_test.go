package work_test

import (
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"

	"segue/transforms/io/work"
)

// Twenty pipelines leave no file in the temporary folder, and no descriptor open.
func TestPrismLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	run := func() {
		p, s := beam.NewPipelineWithRoot()
		passert.Equals(s, beam.Create(s, 1, 2), 2, 1)
		if _, err := work.Prism(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	run() // starts the server
	before := descriptors(t)
	for range 20 {
		run()
	}
	if after := descriptors(t); after >= before+20 {
		t.Errorf("%d descriptors are open, %d before", after, before)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("%d files are left, such as %v, error %v", len(left), left, err)
	}
}

// descriptors counts what this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	return len(open)
}
