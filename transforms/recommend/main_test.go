package recommend_test

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
)

type silent struct{}

func (silent) Log(context.Context, beamlog.Severity, int, string) {}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	beamlog.SetLogger(silent{})
	beam.Init()
	os.Exit(m.Run())
}
