package kafkaio_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"

	"segue/local/kafka"
	"segue/transforms/io/kafkaio"
)

func init() { register.DoFn2x0[kafkaio.Batch, func(kafkaio.Batch)](&loudFn{}) }

// loudFn sends the records of a batch on to another topic.
type loudFn struct{ To string }

func (f *loudFn) ProcessElement(b kafkaio.Batch, emit func(kafkaio.Batch)) {
	out := kafkaio.Batch{Topic: f.To}
	for _, r := range b.Records {
		out.Records = append(out.Records, kafkaio.Record{Key: r.Key, Value: append(r.Value, '!')})
	}
	emit(out)
}

// A pipeline from one topic to another. With Never instead of Latest it runs on until its context is cancelled.
func ExampleRead() {
	broker, err := kafka.Start(kafka.Options{Topics: map[string]int32{"in": 1, "out": 1}}) // any broker does
	if err != nil {
		log.Fatal(err)
	}
	defer broker.Close()
	ctx, c := context.Background(), kafkaio.Cluster{Brokers: []string{broker.Address}}
	send(ctx, c, "in", "hello", "world")

	spans, err := kafkaio.Spans(ctx, c, "in", kafkaio.Earliest(), kafkaio.Latest())
	if err != nil {
		log.Fatal(err)
	}
	pipeline, s := beam.NewPipelineWithRoot()
	kafkaio.Write(s, c, beam.ParDo(s, &loudFn{To: "out"}, kafkaio.Read(s, c, spans, kafkaio.ReadParams{})), kafkaio.WriteParams{})
	if _, err := prism.Execute(ctx, pipeline); err != nil {
		log.Fatal(err)
	}
	show(ctx, c, "out")
	// Output:
	// 0: hello!
	// 1: world!
}

// send writes values without a pipeline.
func send(ctx context.Context, c kafkaio.Cluster, topic string, values ...string) {
	p, err := kafkaio.NewProducer(c, kafkaio.WriteParams{})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range values {
		err = errors.Join(err, p.Send(ctx, topic, kafkaio.Record{Key: []byte("k"), Value: []byte(v)}))
	}
	if err := errors.Join(err, p.Flush(ctx), p.Close()); err != nil {
		log.Fatal(err)
	}
}

// show reads a topic without a pipeline.
func show(ctx context.Context, c kafkaio.Cluster, topic string) {
	spans, err := kafkaio.Spans(ctx, c, topic, kafkaio.Earliest(), kafkaio.Latest())
	if err == nil {
		err = kafkaio.Fetch(ctx, c, spans, func(b kafkaio.Batch) (bool, error) {
			for _, r := range b.Records {
				fmt.Printf("%d: %s\n", r.Offset, r.Value)
			}
			return true, nil
		})
	}
	if err != nil {
		log.Fatal(err)
	}
}
