package ops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const lastSuccess = "segue_night_last_success_timestamp_seconds"

// Metrics returns the figures of an ended night in Prometheus' text format. A failed night has no time of last success, so
// that a gateway keeps the one before. No label is a run id: there would be a new series every night.
func Metrics(n Night) []byte {
	var b bytes.Buffer
	gauge := func(name, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name) }
	success := 0
	if n.Err == nil {
		success = 1
		gauge(lastSuccess, "When a night last ended well.")
		fmt.Fprintf(&b, "%s %d\n", lastSuccess, n.EndedAt.Unix())
	}
	for _, g := range []struct {
		name, help string
		value      any
	}{
		{"segue_night_success", "Whether the last night ended well.", success},
		{"segue_night_timestamp_seconds", "When the last night ended.", n.EndedAt.Unix()},
		{"segue_night_duration_seconds", "How long the last night took.", n.EndedAt.Sub(n.StartedAt).Seconds()},
		{"segue_night_logical_date_timestamp_seconds", "Day of the last night, 00:00 UTC.", n.Date.Unix()},
		{"segue_night_failed_rules", "Rules of the gate that failed in the last night.", len(n.Manifest.Failed)},
	} {
		gauge(g.name, g.help)
		fmt.Fprintf(&b, "%s %v\n", g.name, g.value)
	}
	perPart(&b, n, gauge)
	return b.Bytes()
}

// perPart writes the figures of stages and tables.
func perPart(b *bytes.Buffer, n Night, gauge func(name, help string)) {
	if len(n.Stages) > 0 {
		gauge("segue_night_stage_seconds", "How long a stage took.")
	}
	for _, s := range n.Stages {
		fmt.Fprintf(b, "segue_night_stage_seconds{stage=\"%s\"} %v\n", label(s.Stage), s.Seconds)
	}
	for _, m := range []struct {
		name, help string
	}{{"segue_table_rows", "Rows of a published table."}, {"segue_table_bytes", "Bytes of a published table."}} {
		if len(n.Manifest.Tables) > 0 {
			gauge(m.name, m.help)
		}
		for _, t := range n.Manifest.Tables {
			value := t.Rows
			if m.name == "segue_table_bytes" {
				value = t.Bytes
			}
			fmt.Fprintf(b, "%s{table=\"%s\"} %d\n", m.name, label(t.Name), value)
		}
	}
}

func label(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}

// WriteMetrics puts the figures of a night into a file for the node exporter's textfile collector, whole or not at all. The
// time of last success is carried over a failed night.
func WriteMetrics(path string, n Night) error {
	text := Metrics(n)
	if n.Err != nil {
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("write metrics: %w", err)
		}
		lines := slices.Collect(strings.Lines(string(old)))
		lines = slices.DeleteFunc(lines, func(l string) bool { return !strings.Contains(l, lastSuccess) })
		text = append([]byte(strings.Join(lines, "")), text...)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".segue-metrics-*")
	if err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return fmt.Errorf("write metrics %s: %w", path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	return nil
}

// PushMetrics posts the figures of a night to a Prometheus gateway, under job segue_nightly; others stay as they are.
func PushMetrics(ctx context.Context, gateway string, n Night) error {
	return post(ctx, gateway, "/metrics/job/segue_nightly", http.Header{"Content-Type": {"text/plain; version=0.0.4"}}, Metrics(n))
}
