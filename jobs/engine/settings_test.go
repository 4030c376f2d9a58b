package engine

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestCheckNamesWhatCannotWork(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "segue")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		settings Settings
		lake     string
		says     string // "" = fine
	}{
		{Settings{Environment: "loopback"}, "/lake", "engine.endpoint is missing"},
		{Settings{Endpoint: "flink", Environment: "loopback"}, "/lake", "no host:port"},
		{Settings{Endpoint: "localhost:8099", Environment: "docker"}, "/lake", "want one of"},
		{Settings{Endpoint: "flink:8099", Environment: "loopback"}, "s3://b/p", "another host"},
		{Settings{Endpoint: "flink:8099", Environment: "process"}, "/lake", "directory of this host"},
		{Settings{Endpoint: "flink:8099", Environment: "process", SharedDisk: true}, "/lake", ""},
		{Settings{Endpoint: "flink:8099", Environment: "process"}, "s3://b/p", ""},
		{Settings{Endpoint: "localhost:8099", Environment: "process", Command: "/none/segue"}, "/lake", "worker binary"},
		{Settings{Endpoint: "localhost:8099", Environment: "process", Command: plain}, "/lake", "not executable"},
		{Settings{Endpoint: "localhost:8099", Environment: "external", Workers: "pool"}, "/lake", "no host:port of a worker pool"},
		{Settings{Endpoint: "localhost:8099", Environment: "external", Workers: "localhost:50000"}, "mem://x", "memory of this process"},
		{Settings{Endpoint: "localhost:8099", Environment: "loopback"}, "mem://x", ""},
		{Settings{Endpoint: "localhost:8099", Environment: "loopback", Options: []string{"streaming"}}, "/lake", "key=value"},
		{Settings{Endpoint: "localhost:8099", Environment: "loopback", Options: []string{"streaming=maybe"}}, "/lake", "true or false"},
		{Settings{Endpoint: "localhost:8099", Environment: "loopback", Options: []string{"max_parallelism=many"}}, "/lake", "whole number"},
		{Settings{Endpoint: "localhost:8099", Environment: "loopback", Options: []string{"s3_secret_key=x"}}, "/lake", "looks like a secret"},
		{Settings{Endpoint: "localhost:8099", Environment: "loopback", Options: []string{"parallelism=4"}}, "/lake", "own setting"},
	} {
		err := c.settings.Check(c.lake)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v with lake %s: %v, want %q", c.settings, c.lake, err, c.says)
		}
	}
}

func TestOptionsAreTyped(t *testing.T) {
	s := Settings{Parallelism: 4, Options: []string{"streaming=true", "checkpointing_interval=10000", "savepoint_path=file:///s/1", "newer_flag=false", "newer_size=3"}}
	got, err := s.options("night")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"beam:option:go_options:v1": map[string]any{"options": map[string]string{}},
		"beam:option:app_name:v1":   "night", "beam:option:job_name:v1": "night", "beam:option:experiments:v1": []string{"beam_fn_api"},
		"beam:option:parallelism:v1": 4, // a number: the worker harness reads it as one
		"beam:option:streaming:v1":   true, "beam:option:checkpointing_interval:v1": "10000", "beam:option:savepoint_path:v1": "file:///s/1",
		"beam:option:newer_flag:v1": false, "beam:option:newer_size:v1": "3",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("options\n%v, want\n%v", got, want)
	}
}

func TestRootCause(t *testing.T) {
	for text, want := range map[string]string{
		"song 3 has no vector": "song 3 has no vector",
		"java.lang.RuntimeException: Pipeline execution failed\n\tat org.apache.beam.X.y(X.java:1)\nCaused by: org.apache.flink.JobException: Recovery is suppressed\n\t... 4 more\nCaused by: java.lang.RuntimeException: lake s3://b is not there\n\tat z.Z(Z.java:2)\n":        "lake s3://b is not there",
		"Traceback (most recent call last):\n  File \"/x/y.py\", line 4, in run\n    raise RuntimeError(e)\nRuntimeError: process bundle failed for instruction 1 using plan 2 : while executing Process for Plan[s01]: caused by: source failed caused by: song 3 has no vector": "song 3 has no vector",
		"java.lang.Exception: x\nCaused by: java.io.IOException: Cannot run program \"/opt/segue\": error=2, No such file or directory\n\tat y\nCaused by: java.io.IOException: error=2, No such file or directory\n":                                                             "Cannot run program \"/opt/segue\": error=2, No such file or directory",
		"": "",
	} {
		if got := RootCause(text); got != want {
			t.Errorf("RootCause(%q) = %q, want %q", text, got, want)
		}
	}
}

// A process is a worker only when an engine started it: no command of ours has such flags.
func TestBootReturnsForCommands(t *testing.T) {
	for _, args := range []string{"", "nightly --lake worker", "import --user --worker", "recs --id=3", "--id=3 --logging_endpoint=localhost:1"} {
		Boot(strings.Fields(args)) // ends the process otherwise
	}
}
