package engine

import (
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.Function1x1(double)
	register.Function1x2(refuse)
	register.Function1x1(dieAt)
}

// TestMain makes the test binary a worker when an engine or a pool starts it as one.
func TestMain(m *testing.M) {
	Boot(os.Args[1:])
	beam.Init()
	os.Exit(m.Run())
}
