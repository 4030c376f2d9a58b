package live

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/kafkaio"
)

func init() {
	register.DoFn3x1[context.Context, kafkaio.Batch, func(int64), error](&listenFn{})
	register.DoFn2x0[context.Context, int64](&countFn{})
	register.DoFn1x0[[]byte](&beganFn{})
	register.Emitter1[int64]()
}

// build makes the graph; kafkaio.EndReads of reads ends it.
func build(s beam.Scope, c Config, job, reads string, spans []kafkaio.Span) {
	plays := kafkaio.Read(s, c.Cluster, spans, readParams(reads))
	heard := beam.ParDo(s.Scope("live.Listen"), &listenFn{Job: job}, plays)
	// prism spins for as long as a bundle of a stage without output takes: the last stage is one that takes no time.
	beam.ParDo0(s.Scope("live.Count"), &countFn{}, beam.Reshuffle(s, heard))
	beam.ParDo0(s.Scope("live.Began"), &beganFn{Job: job}, beam.Impulse(s))
}

// beganFn tells its job that the pipeline runs: prism panics where one is cancelled whose worker has not yet answered.
type beganFn struct{ Job string }

// ProcessElement tells it.
func (f *beganFn) ProcessElement([]byte) {
	if job, ok := jobs.Load(f.Job); ok {
		job.(*Job).tell()
	}
}

// readParams keep bundles short while there is data: prism holds back what a bundle gives until its end.
func readParams(name string) kafkaio.ReadParams {
	return kafkaio.ReadParams{Name: name, Budget: 20 * time.Millisecond, Wait: 5 * time.Millisecond, Idle: 20 * time.Millisecond, MaxRecords: 8_000}
}

// listenFn hands batches to the lanes of its job: those of one partition in the order they come, partitions side by side.
type listenFn struct {
	Job string

	gang *errgroup.Group
	last map[int32]chan struct{} // closed when the lane is done with the batch handed over last
}

// StartBundle begins with idle lanes.
func (f *listenFn) StartBundle(func(int64)) {
	f.gang, f.last = &errgroup.Group{}, map[int32]chan struct{}{}
}

// ProcessElement hands a batch over.
func (f *listenFn) ProcessElement(_ context.Context, b kafkaio.Batch, emit func(int64)) error {
	job, ok := jobs.Load(f.Job)
	if !ok {
		return fmt.Errorf("batch of %s/%d: the job is in another process: segue live start is what runs on an engine", schemas.TopicPlays, b.Partition)
	}
	before, done := f.last[b.Partition], make(chan struct{})
	f.last[b.Partition] = done
	f.gang.Go(func() error {
		defer close(done)
		if before != nil {
			<-before
		}
		j := job.(*Job) // a batch under way may end, whatever becomes of its bundle
		return j.lane(b.Partition).apply(j.batches, b, time.Now())
	})
	emit(int64(len(b.Records)))
	return nil
}

// FinishBundle waits until every batch is applied and what it gave is written.
func (f *listenFn) FinishBundle(func(int64)) error { return f.gang.Wait() }

var heardRecords = beam.NewCounter("live", "records")

// countFn counts the records of batches.
type countFn struct{}

// ProcessElement counts those of one.
func (*countFn) ProcessElement(ctx context.Context, n int64) { heardRecords.Inc(ctx, n) }

// records of a batch, as the accumulator takes them.
func records(b kafkaio.Batch) sessions.Batch {
	out := sessions.Batch{Previous: b.Previous, Last: b.Last, Records: make([]sessions.Record, len(b.Records))}
	for i, r := range b.Records {
		out.Records[i] = sessions.Record{Offset: r.Offset, ProducedMs: r.Time, Key: r.Key, Value: r.Value}
	}
	return out
}
