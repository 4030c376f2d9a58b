package main

import (
	"strings"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
)

// A night that is resumed says when it began anew, and nothing when it went on.
func TestFreshNightsAreTold(t *testing.T) {
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	claimed := time.Date(2026, 1, 6, 3, 0, 0, 0, time.UTC)
	run, err := lake.ClaimRun(t.Context(), s, "2026-01-05", lake.RunInfo{Date: "2026-01-05", CreatedAt: claimed})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		resume  bool
		started time.Time
		says    bool
	}{{true, claimed.Add(-time.Second), true}, {true, claimed.Add(time.Second), false}, {false, claimed.Add(-time.Second), false}} {
		var out strings.Builder
		tellFresh(t.Context(), &out, nightly.Options{Lake: s, Resume: c.resume}, run, c.started)
		if strings.Contains(out.String(), "run "+run+" began anew") != c.says {
			t.Errorf("resume %v of a night started at %v says %q", c.resume, c.started, out.String())
		}
	}
}
