package engine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// jobManager answers as Flink 1.20's REST interface does: savepoint asks take two polls.
func jobManager(t *testing.T, jobs string) (Flink, *[]string) {
	t.Helper()
	var calls []string
	polls := 0
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jobs/overview", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, jobs) })
	mux.HandleFunc("PATCH /jobs/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != "a1" {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"errors":["org.apache.flink.runtime.rest.handler.RestHandlerException: Job could not be found.","<Exception on server side:\norg.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (zz)\n\tat x.Y(Y.java:1)"]}`)
			return
		}
		calls = append(calls, "cancel "+r.URL.RawQuery)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, "{}")
	})
	mux.HandleFunc("POST /jobs/{id}/stop", func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		calls = append(calls, fmt.Sprint("stop ", body["targetDirectory"], " ", body["drain"]))
		fmt.Fprint(w, `{"request-id":"t9"}`)
	})
	mux.HandleFunc("GET /jobs/{id}/savepoints/t9", func(w http.ResponseWriter, r *http.Request) {
		if polls++; polls < 2 {
			fmt.Fprint(w, `{"status":{"id":"IN_PROGRESS"}}`)
			return
		}
		if r.PathValue("id") == "b2" {
			fmt.Fprint(w, `{"status":{"id":"COMPLETED"},"operation":{"failure-cause":{"class":"x","stack-trace":"java.util.concurrent.CompletionException: x\nCaused by: java.io.IOException: no space left"}}}`)
			return
		}
		fmt.Fprint(w, `{"status":{"id":"COMPLETED"},"operation":{"location":"file:/s/savepoint-1"}}`)
	})
	mux.HandleFunc("GET /jobs/{id}/exceptions", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"root-exception":"java.lang.Exception: x\n\tat y\nCaused by: java.lang.RuntimeException: lake is gone\n"}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return Flink{server.URL + "/"}, &calls
}

const twoJobs = `{"jobs":[{"jid":"a1","name":"segue-live","state":"RUNNING"},{"jid":"a0","name":"segue-live","state":"FINISHED"},{"jid":"b2","name":"other","state":"RUNNING"}]}`

func TestFlinkJobs(t *testing.T) {
	f, calls := jobManager(t, twoJobs)
	job, err := f.Running(t.Context(), "segue-live")
	if err != nil || job.ID != "a1" {
		t.Fatalf("%+v, %v", job, err)
	}
	if _, err := f.Running(t.Context(), "segue-night"); err == nil || !strings.Contains(err.Error(), "segue-live (running)") {
		t.Errorf("error %v does not name the jobs there are", err)
	}
	if path, err := f.StopWithSavepoint(t.Context(), job.ID, "file:///s"); err != nil || path != "file:/s/savepoint-1" {
		t.Errorf("savepoint %q, %v", path, err)
	}
	if err := f.Cancel(t.Context(), job.ID); err != nil {
		t.Error(err)
	}
	if got, want := strings.Join(*calls, "; "), "stop file:///s false; cancel mode=cancel"; got != want {
		t.Errorf("calls %q, want %q", got, want)
	}
	if cause, err := f.Failure(t.Context(), job.ID); err != nil || cause != "lake is gone" {
		t.Errorf("cause %q, %v", cause, err)
	}
}

func TestFlinkErrors(t *testing.T) {
	f, _ := jobManager(t, twoJobs)
	if err := f.Cancel(t.Context(), "zz"); err == nil || !strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), "ould not ") {
		t.Errorf("cancel of an unknown job: %v", err)
	}
	if _, err := f.StopWithSavepoint(t.Context(), "b2", "file:///s"); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("failed savepoint: %v", err)
	}
	if _, err := (Flink{"http://localhost:1"}).Jobs(t.Context()); err == nil || !strings.Contains(err.Error(), "no Flink answers at http://localhost:1") {
		t.Errorf("nobody there: %v", err)
	}
	twice, _ := jobManager(t, `{"jobs":[{"jid":"a1","name":"x","state":"RUNNING"},{"jid":"a2","name":"x","state":"RESTARTING"}]}`)
	if _, err := twice.Running(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "2 jobs x run") || !strings.Contains(err.Error(), "a1, a2") {
		t.Errorf("two of a name: %v", err)
	}
	if job, err := twice.Running(t.Context(), "a2"); err != nil || job.ID != "a2" {
		t.Errorf("by its id: %+v, %v", job, err)
	}
}
