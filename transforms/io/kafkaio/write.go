package kafkaio

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn3x1[context.Context, Batch, func(int64), error](&writeFn{})
	register.Emitter1[int64]()
}

var writtenRecords = beam.NewCounter("kafkaio", "written_records")

// Write sends the records of batches to the topics the batches name; partitions and offsets are ignored, the key decides.
//
// In:       PCollection<Batch>, bounded or not.
// Out:      PCollection<int64>: records written, one number a bundle.
// Order:    kept for the records of one key within a bundle.
// Delivery: at least once: a bundle ends when all is acknowledged; a bundle that failed is written again as a whole.
// Errors:   as of Producer.Send and Flush; the bundle fails.
// Cost:     holds WriteParams.MaxInFlight records.
func Write(s beam.Scope, c Cluster, batches beam.PCollection, p WriteParams) beam.PCollection {
	if err := errors.Join(c.Validate(), p.Validate()); err != nil {
		panic(fmt.Sprintf("kafkaio.Write: %v", err))
	}
	// A stage without output keeps prism busy for nothing.
	return beam.ParDo(s.Scope("kafkaio.Write"), &writeFn{Cluster: c, Params: p}, batches)
}

// writeFn sends what its bundle brings.
type writeFn struct {
	Cluster Cluster
	Params  WriteParams

	producer *Producer
	before   int64
}

// Setup makes the producer.
func (f *writeFn) Setup() (err error) {
	f.producer, err = NewProducer(f.Cluster, f.Params)
	return err
}

// StartBundle forgets what a failed bundle left.
func (f *writeFn) StartBundle(func(int64)) {
	f.producer.Discard()
	f.before = f.producer.Sent()
}

// ProcessElement takes a batch.
func (f *writeFn) ProcessElement(ctx context.Context, b Batch, _ func(int64)) error {
	return f.producer.Send(ctx, b.Topic, b.Records...)
}

// FinishBundle waits for the acknowledgements.
func (f *writeFn) FinishBundle(ctx context.Context, emit func(int64)) error {
	if err := f.producer.Flush(ctx); err != nil {
		return err
	}
	n := f.producer.Sent() - f.before
	writtenRecords.Inc(ctx, n)
	emit(n)
	return nil
}

// Teardown ends the connections.
func (f *writeFn) Teardown() error { return f.producer.Close() }
