package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/transforms/io/lake"
)

// A night is told of at start and end; what cannot be told is a warning, and no secret of the environment is told anywhere.
func TestTellers(t *testing.T) {
	t.Setenv("OPENLINEAGE_URL", "http://user:url-secret@127.0.0.1:1")
	t.Setenv("OPENLINEAGE_API_KEY", "key-secret")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "store-secret")
	dir := exported(t)
	store, err := lake.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &settings{Ops: opsSettings{MetricsFile: filepath.Join(dir, "m.prom"), MetricsPush: "http://127.0.0.1:1", LineageFile: filepath.Join(dir, "l.jsonl")}}
	var warned bytes.Buffer
	o := nightly.Options{Lake: store, Date: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Producer: "segue test"}
	tellStart(t.Context(), s, &o, &warned).end(t.Context(), store, nightly.Result{Run: "2026-01-05.1"}, nil)
	tellStart(t.Context(), s, &o, &warned).end(t.Context(), store, nightly.Result{}, errors.New("disk full"))
	all := warned.String()
	for name, want := range map[string]string{"m.prom": "segue_night_success 0", "l.jsonl": `"rowCount":2`} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v: no %s in\n%s", name, err, want, text)
		}
		all += string(text)
	}
	if strings.Count(all, `"eventType"`) != 4 || strings.Count(warned.String(), "warning: ") != 6 || strings.Contains(all, "-secret") {
		t.Errorf("told:\n%s", all)
	}
}
