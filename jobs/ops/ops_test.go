package ops

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

var at = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func ended(err error) Night {
	return Night{
		ID: NewID(at), Lake: "s3://music/segue", Date: at.Truncate(24 * time.Hour), Producer: "segue test", StartedAt: at, EndedAt: at.Add(time.Minute), Err: err,
		Manifest: lake.Manifest{
			Inputs: map[string][]lake.FileRef{"landing/plays": {{Size: 7}}},
			Tables: []lake.Table{{Name: "charts", Rows: 3, Bytes: 9, Files: []lake.FileRef{{}}}},
		},
		Stages: []lake.StageRecord{{Stage: "clean", Seconds: 1.5}},
	}
}

var sample = regexp.MustCompile(`^[a-z_]+(\{[a-z]+="[^"]*"\})? -?[0-9.e+]+$`)

// Every line is a sample or a comment of the text format, each name has its type before it, and a failed night keeps the
// time of the last success.
func TestMetrics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "segue.prom")
	for _, err := range []error{nil, errors.New("broken"), errors.New("again")} {
		if err := WriteMetrics(path, ended(err)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	typed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			if typed[name] {
				t.Errorf("%s has two types", name)
			}
			typed[name] = true
		} else if name := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '{' })[0]; !strings.HasPrefix(line, "# HELP ") && (!sample.MatchString(line) || !typed[name]) {
			t.Errorf("no sample: %q", line)
		}
	}
	for _, want := range []string{lastSuccess + " 1795489260", "segue_night_success 0", `segue_table_rows{table="charts"} 3`, `segue_night_stage_seconds{stage="clean"} 1.5`} {
		if !strings.Contains(string(text), want+"\n") {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

var uuid7 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Events have what the specification demands of runs, jobs, datasets and facets, go to file and collector alike, and a
// night that fails or is stopped says so.
func TestLineage(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
		if r.URL.Path != "/api/v1/lineage" || r.Header.Get("Authorization") != "Bearer token-secret" {
			t.Errorf("asked %s with %q", r.URL.Path, r.Header.Get("Authorization"))
		}
	}))
	defer server.Close()
	l := Lineage{File: filepath.Join(t.TempDir(), "events.jsonl"), URL: server.URL, Key: "token-secret", Namespace: "prod"}
	start, stopped := ended(nil), ended(errors.New("signal"))
	start.EndedAt, stopped.Stopped = time.Time{}, true
	for _, n := range []Night{start, ended(nil), ended(errors.New("disk full")), stopped} {
		if err := l.Tell(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(l.File)
	if err != nil || strings.TrimSpace(string(text)) != strings.Join(got, "\n") {
		t.Fatalf("file %s (%v), posted %v", text, err, got)
	}
	for i, want := range []string{"START", "COMPLETE", "FAIL", "ABORT"} {
		var e map[string]any
		if err := json.Unmarshal([]byte(got[i]), &e); err != nil {
			t.Fatal(err)
		}
		if e["eventType"] != want {
			t.Errorf("event %d is %v, want %s", i, e["eventType"], want)
		}
		checkEvent(t, e)
	}
	if !strings.Contains(got[1], `"rowCount":3`) || !strings.Contains(got[1], `"name":"segue/landing/plays"`) || !strings.Contains(got[2], "disk full") || strings.Contains(string(text), "token-secret") {
		t.Errorf("events %s", text)
	}
}

// checkEvent checks the required members of RunEvent, Run, Job, Dataset and BaseFacet, and their formats.
func checkEvent(t *testing.T, e map[string]any) {
	t.Helper()
	uri := func(v any) {
		t.Helper()
		text, _ := v.(string)
		if u, err := url.Parse(text); err != nil || !u.IsAbs() {
			t.Errorf("no URI: %v", v)
		}
	}
	object := func(v any) map[string]any {
		m, ok := v.(map[string]any)
		if !ok {
			t.Errorf("no object: %v", v)
		}
		return m
	}
	uri(e["producer"])
	uri(e["schemaURL"])
	if _, err := time.Parse(time.RFC3339Nano, e["eventTime"].(string)); err != nil {
		t.Error(err)
	}
	run, job := object(e["run"]), object(e["job"])
	if !uuid7.MatchString(run["runId"].(string)) || job["namespace"] != "prod" || job["name"] == "" {
		t.Errorf("run %v, job %v", run["runId"], job)
	}
	facets := []any{run["facets"]}
	for _, side := range []string{"inputs", "outputs"} {
		for _, d := range e[side].([]any) {
			d := object(d)
			if d["namespace"] != "s3://music" || d["name"] == "" {
				t.Errorf("dataset %v", d)
			}
			facets = append(facets, d[strings.TrimSuffix(side, "s")+"Facets"])
		}
	}
	for _, set := range facets {
		for _, f := range object(set) {
			uri(object(f)["_producer"])
			uri(object(f)["_schemaURL"])
		}
	}
}

// Whatever fails, passwords and tokens are in no error.
func TestSecretsAreInNoError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	for _, base := range []string{strings.Replace(server.URL, "://", "://user:hidden-word@", 1), "http://user:hidden-word@127.0.0.1:1", "http://user:hidden-word@[", "ftp://user:hidden-word@x"} {
		for _, err := range []error{
			PushMetrics(t.Context(), base, ended(nil)), Lineage{URL: base, Key: "hidden-word"}.Tell(t.Context(), ended(nil)),
		} {
			if err == nil || strings.Contains(err.Error(), "hidden-word") {
				t.Errorf("%s: %v", base, err)
			}
		}
	}
}
