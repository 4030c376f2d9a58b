package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/metricsx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Job is a pipeline an engine has taken. It is safe for use by one goroutine; Cancel and Metrics by any.
type Job struct {
	endpoint string
	id       string
	client   jobpb.JobServiceClient
	pipeline *pipepb.Pipeline
	closers  []func() error
}

// ErrJob marks the failure of a job on its engine, as opposed to one of reaching the engine.
var ErrJob = errors.New("job failed")

// ID returns the engine's name of the job.
func (j *Job) ID() string { return j.id }

// Wait returns when the job has ended: nil when it is done, ErrJob with its root cause when it failed or was
// cancelled there. When ctx ends first, the job is cancelled, and the error is that of ctx.
func (j *Job) Wait(ctx context.Context) error {
	stream, err := j.client.GetMessageStream(ctx, &jobpb.JobMessagesRequest{JobId: j.id})
	if err != nil {
		return j.lost(ctx, err)
	}
	var causes []string
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return j.ended(ctx, causes)
		case err != nil:
			return j.lost(ctx, err)
		}
		if text := m.GetMessageResponse(); text.GetImportance() >= jobpb.JobMessage_JOB_MESSAGE_ERROR {
			causes = append(causes, text.GetMessageText())
		}
		switch state := m.GetStateResponse().GetState(); state {
		case jobpb.JobState_DONE:
			return nil
		case jobpb.JobState_CANCELLED, jobpb.JobState_UPDATED:
			return fmt.Errorf("%w: job %s was %s at %s", ErrJob, j.id, state, j.endpoint)
		case jobpb.JobState_FAILED:
			if len(causes) > 0 {
				return j.failed(causes)
			} // else its error follows
		}
	}
}

// ended asks for the state of a job whose messages have ended.
func (j *Job) ended(ctx context.Context, causes []string) error {
	event, err := j.client.GetState(ctx, &jobpb.GetJobStateRequest{JobId: j.id})
	if err != nil {
		return j.lost(ctx, err)
	}
	if event.GetState() == jobpb.JobState_DONE {
		return nil
	}
	if len(causes) > 0 {
		return j.failed(causes)
	}
	return fmt.Errorf("%w: job %s ended as %s at %s, without a message: see the engine's log", ErrJob, j.id, event.GetState(), j.endpoint)
}

func (j *Job) failed(causes []string) error {
	for _, c := range slices.Backward(causes) {
		if cause := RootCause(c); cause != "" {
			if foreign(cause) {
				cause += ": its job server is of another version than this binary, which speaks Beam " + core.SdkVersion
			}
			return fmt.Errorf("%w: %s (job %s at %s)", ErrJob, shortened(cause), j.id, j.endpoint)
		}
	}
	return fmt.Errorf("%w: job %s at %s: see the engine's log", ErrJob, j.id, j.endpoint)
}

// shortened cuts a cause that goes on with a dump of the engine's insides.
func shortened(cause string) string {
	const enough = 400
	if len(cause) <= enough {
		return cause
	}
	return strings.ToValidUTF8(cause[:enough], "") + " …"
}

// lost explains an error of the connection; a job whose caller gave up is cancelled, as far as that is possible.
func (j *Job) lost(ctx context.Context, err error) error {
	if _, ends := ctx.Deadline(); ends && status.Code(err) == codes.DeadlineExceeded {
		<-ctx.Done() // the service, which knows the deadline, was a moment ahead
	}
	if ctx.Err() == nil {
		return fmt.Errorf("lost the job service at %s while job %s ran: %w", j.endpoint, j.id, err)
	}
	return errors.Join(context.Cause(ctx), j.Cancel(context.WithoutCancel(ctx)))
}

// Cancel ends the job at once; what it has written stays.
func (j *Job) Cancel(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := j.client.Cancel(ctx, &jobpb.CancelJobRequest{JobId: j.id}); err != nil {
		return fmt.Errorf("cancel job %s at %s: %w", j.id, j.endpoint, err)
	}
	return nil
}

// Metrics asks the engine for the metrics of the job so far; some know them only at its end.
func (j *Job) Metrics(ctx context.Context) (metrics.Results, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := j.client.GetJobMetrics(ctx, &jobpb.GetJobMetricsRequest{JobId: j.id})
	if err != nil {
		return metrics.Results{}, fmt.Errorf("metrics of job %s at %s: %w", j.id, j.endpoint, err)
	}
	return *metricsx.FromMonitoringInfos(j.pipeline, m.GetMetrics().GetAttempted(), m.GetMetrics().GetCommitted()), nil
}

// Close releases the connection and, with the environment loopback, the job's workers.
func (j *Job) Close() error {
	var errs []error
	for _, c := range slices.Backward(j.closers) {
		errs = append(errs, c())
	}
	j.closers = nil
	return errors.Join(errs...)
}

// Execute runs a pipeline to its end: Submit, Follow, Metrics. Where workers run in other processes, watch is told the
// metrics so far; in this one it is never called.
func Execute(ctx context.Context, s Settings, title string, p *beam.Pipeline, watch func(metrics.Results)) (beam.PipelineResult, error) {
	job, err := Submit(ctx, s, title, p)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	if s.Environment == "loopback" {
		watch = nil
	}
	if err := job.Follow(ctx, s, watch); err != nil {
		return nil, err
	}
	m, err := job.Metrics(ctx)
	if err != nil {
		return nil, err
	}
	return result{job.id, m}, nil
}

// Follow waits for the end of a job as Wait does. It tells watch, if there is one, the metrics so far every two seconds, as far as the
// engine knows them, and ends the job where its engine would wait for ever for a worker that has died.
func (j *Job) Follow(ctx context.Context, s Settings, watch func(metrics.Results)) error {
	if watch != nil {
		defer j.watch(ctx, watch)()
	}
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	if s.Environment == "external" {
		defer watchPool(ctx, s.Workers, s.heals(), func() {
			lost(fmt.Errorf("%w: a worker of the pool at %s ended before its work was done: see the pool's log", ErrJob, s.Workers))
		})()
	}
	return j.Wait(ctx)
}

// heals is how long an engine may need to replace a worker that has died. One that dies before it has reached Flink is never replaced.
func (s Settings) heals() time.Duration {
	if s.SelfHealing {
		return 2 * time.Minute
	}
	return 0
}

// watch calls seen until stop is called.
func (j *Job) watch(ctx context.Context, seen func(metrics.Results)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(2 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if m, err := j.Metrics(ctx); err == nil { // an engine may know none before the end
					seen(m)
				}
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

type result struct {
	id      string
	metrics metrics.Results
}

func (r result) JobID() string            { return r.id }
func (r result) Metrics() metrics.Results { return r.metrics }
