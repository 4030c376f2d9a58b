package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Flink speaks to the REST interface of a JobManager, such as http://localhost:8081.
type Flink struct{ URL string }

// FlinkJob is one job of a cluster.
type FlinkJob struct {
	ID    string `json:"jid"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// Jobs lists the cluster's jobs.
func (f Flink) Jobs(ctx context.Context) ([]FlinkJob, error) {
	var out struct {
		Jobs []FlinkJob `json:"jobs"`
	}
	return out.Jobs, f.call(ctx, http.MethodGet, "/jobs/overview", nil, &out)
}

// Running returns the one job that runs and has that name or id; a name is what survives a restart.
func (f Flink) Running(ctx context.Context, name string) (FlinkJob, error) {
	jobs, err := f.Jobs(ctx)
	if err != nil {
		return FlinkJob{}, err
	}
	var found []FlinkJob
	for _, j := range jobs {
		if (j.Name == name || j.ID == name) && (j.State == "RUNNING" || j.State == "RESTARTING" || j.State == "CREATED") {
			found = append(found, j)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return FlinkJob{}, fmt.Errorf("no job %s runs at %s: its jobs are %s", name, f.URL, names(jobs))
	}
	return FlinkJob{}, fmt.Errorf("%d jobs %s run at %s: give the id of one: %s", len(found), name, f.URL, ids(found))
}

func ids(jobs []FlinkJob) string {
	var out []string
	for _, j := range jobs {
		out = append(out, j.ID)
	}
	return strings.Join(out, ", ")
}

func names(jobs []FlinkJob) string {
	if len(jobs) == 0 {
		return "none"
	}
	var out []string
	for _, j := range jobs {
		out = append(out, j.Name+" ("+strings.ToLower(j.State)+")")
	}
	return strings.Join(out, ", ")
}

// Cancel ends a job at once; its records in flight are lost to it.
func (f Flink) Cancel(ctx context.Context, id string) error {
	return f.call(ctx, http.MethodPatch, "/jobs/"+id+"?mode=cancel", nil, nil)
}

// StopWithSavepoint ends a job after it wrote a savepoint into the folder, and returns the savepoint's path. It asks
// each second until the savepoint is there; ctx bounds the wait.
func (f Flink) StopWithSavepoint(ctx context.Context, id, folder string) (string, error) {
	var trigger struct {
		ID string `json:"request-id"`
	}
	body := map[string]any{"targetDirectory": folder, "drain": false}
	if err := f.call(ctx, http.MethodPost, "/jobs/"+id+"/stop", body, &trigger); err != nil {
		return "", err
	}
	for {
		path, done, err := f.savepoint(ctx, id, trigger.ID)
		if err != nil || done {
			return path, err
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("savepoint of job %s: not ready in time: %w", id, ctx.Err())
		case <-time.After(time.Second):
		}
	}
}

func (f Flink) savepoint(ctx context.Context, id, trigger string) (path string, done bool, err error) {
	var out struct {
		Status struct {
			ID string `json:"id"`
		} `json:"status"`
		Operation struct {
			Location string `json:"location"`
			Cause    struct {
				Trace string `json:"stack-trace"`
			} `json:"failure-cause"`
		} `json:"operation"`
	}
	if err := f.call(ctx, http.MethodGet, "/jobs/"+id+"/savepoints/"+trigger, nil, &out); err != nil {
		return "", false, err
	}
	if out.Status.ID != "COMPLETED" {
		return "", false, nil
	}
	if t := out.Operation.Cause.Trace; t != "" {
		return "", false, fmt.Errorf("savepoint of job %s: %s", id, RootCause(t))
	}
	return out.Operation.Location, true, nil
}

// Failure returns the root cause of a job's last failure; "" when it had none.
func (f Flink) Failure(ctx context.Context, id string) (string, error) {
	var out struct {
		Root string `json:"root-exception"`
	}
	err := f.call(ctx, http.MethodGet, "/jobs/"+id+"/exceptions", nil, &out)
	return RootCause(out.Root), err
}

func (f Flink) call(ctx context.Context, method, path string, body, out any) error {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(f.URL, "/")+path, in)
	if err != nil {
		return fmt.Errorf("flink address %q: %w", f.URL, err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: patience}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("no Flink answers at %s: %w", f.URL, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("read %s %s: %w", method, req.URL, err)
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, req.URL, resp.Status, RootCause(flinkErrors(b)))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("decode %s %s: %w: is it Flink's REST address?", method, req.URL, err)
	}
	return nil
}

// flinkErrors returns the messages of an error answer, a line each.
func flinkErrors(b []byte) string {
	var out struct {
		Errors []string `json:"errors"`
	}
	if json.Unmarshal(b, &out) != nil || len(out.Errors) == 0 {
		return string(b)
	}
	return strings.Join(out.Errors, "\n")
}
