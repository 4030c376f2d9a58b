package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
)

// Of a job that is told to keep Beam silent the program's own warnings are printed, a line each in the form that is asked for; what Beam logs, and
// what is no warning, is not.
func TestOwnWarnings(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	for _, form := range []string{"text", "json"} {
		var out strings.Builder
		(&settings{Log: "off", LogForm: form}).tellWarnings(&out)
		log.Error(context.Background(), "of Beam")
		slog.Info("no warning")
		slog.With("run", 7).Warn("the brokers do not answer")
		if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "the brokers do not answer") || json.Valid([]byte(got)) != (form == "json") {
			t.Errorf("%s: %s", form, got)
		}
		out.Reset()
		slog.SetDefault(before)
		(&settings{Log: "error", LogForm: form}).tellWarnings(&out)
		if slog.Default() != before {
			t.Errorf("%s: what is set by hand is changed", form)
		}
	}
}
