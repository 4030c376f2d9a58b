package live

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"segue/transforms/io/kafkaio"
	"segue/transforms/io/work"
)

// prism keeps the history of a pipeline in memory until it ends. Lanes do not depend on it: they know which offsets they have
// applied. So a pipeline may end anywhere, and another goes on behind those offsets.

// restFor is the least time a pipeline lives, however much memory the process needs: most of it may be the listeners'.
const restFor = 10 * time.Minute

// execute runs one pipeline after another until one ends for another reason than its memory.
func (j *Job) execute(run context.Context, spans []kafkaio.Span) error {
	for n := 0; ; n++ {
		name := fmt.Sprint(j.id, "/", n)
		if err := j.executeOne(run, name, spans); err != nil || run.Err() != nil || !j.tired() {
			return err
		}
		if spans = j.left(spans); len(spans) == 0 {
			return nil
		}
	}
}

// executeOne runs a pipeline until it ends by itself or with the run.
func (j *Job) executeOne(run context.Context, name string, spans []kafkaio.Span) error {
	ctx, end := context.WithCancel(context.WithoutCancel(run))
	defer end()
	began := make(chan struct{})
	j.mu.Lock()
	j.reads, j.since, j.began = name, time.Time{}, sync.OnceFunc(func() { close(began) })
	j.mu.Unlock()
	go func() {
		select {
		case <-ctx.Done():
		case <-began:
			context.AfterFunc(run, end)
		}
	}()
	pipeline, s := beam.NewPipelineWithRoot()
	build(s, j.config, j.id, name, spans)
	_, err := work.Prism(ctx, pipeline)
	return err
}

// tell notes that the pipeline runs.
func (j *Job) tell() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.since = time.Now()
	j.began()
}

// tired reports whether the pipeline that ended did so for its memory.
func (j *Job) tired() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	tired := j.reads == ""
	if tired {
		j.recycled++
	}
	return tired
}

// left returns what of spans the lanes have not applied.
func (j *Job) left(spans []kafkaio.Span) []kafkaio.Span {
	var out []kafkaio.Span
	for _, s := range spans {
		if s.Start = j.lane(s.Partition).applied() + 1; s.Start < s.Stop {
			out = append(out, s)
		}
	}
	return out
}

// applied returns the last offset of the prefix the lane has applied.
func (l *lane) applied() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shard.Applied()
}

// watchMemory ends a pipeline that has lived long enough where the process needs more than Config.Memory.
func (j *Job) watchMemory() {
	used := memory()
	j.mu.Lock()
	defer j.mu.Unlock()
	runs := j.reads != "" && !j.since.IsZero()
	if j.config.Memory > 0 && used > j.config.Memory && runs && time.Since(j.since) >= j.rests {
		slog.Info("memory has passed its bound: the pipeline is begun anew", "bytes", used, "bound", j.config.Memory)
		kafkaio.EndReads(j.reads)
		j.reads = ""
	}
}

// memory returns the bytes the Go runtime holds, as GOMEMLIMIT counts them.
func memory() int64 {
	of := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(of)
	return int64(of[0].Value.Uint64() - of[1].Value.Uint64())
}
