package main

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// bucket is a store of which only the address matters.
type bucket struct{ lake.Store }

func (bucket) URL() string { return "s3://bucket/lake" }

// A night that outgrows a disk says which: that of a lake in a folder, that of the copies of one in a bucket, and none where the copies are
// another machine's.
func TestShortages(t *testing.T) {
	folder := t.TempDir()
	dir, err := lake.Open(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	want := nightly.StageForecast{Written: math.MaxInt64}
	for name, c := range map[string]struct {
		options nightly.Options
		says    []string
	}{
		"folder":              {nightly.Options{Lake: dir}, []string{folder, "segue gc"}},
		"bucket":              {nightly.Options{Lake: bucket{}}, []string{os.TempDir(), "TMPDIR"}},
		"bucket, workers off": {nightly.Options{Lake: bucket{}, Engine: work.NewEngine("flink", nil, false)}, nil},
	} {
		got := strings.Join(shortages(c.options, want), "\n")
		if (got == "") != (c.says == nil) {
			t.Errorf("%s: %q", name, got)
		}
		for _, s := range c.says {
			if !strings.Contains(got, s) {
				t.Errorf("%s: %q does not say %q", name, got, s)
			}
		}
	}
	if free, known := freeDisk(folder); known {
		nearly := nightly.StageForecast{Written: free / 10 * 9}
		if got := shortages(nightly.Options{Lake: bucket{}}, nearly); len(got) != 1 {
			t.Errorf("a night into a bucket that leaves no room for working files: %q", got)
		}
	}
	if got := shortages(nightly.Options{Lake: dir}, nightly.StageForecast{Written: 1, Peak: 1}); got != nil {
		t.Errorf("a night that fits: %q", got)
	}
}
