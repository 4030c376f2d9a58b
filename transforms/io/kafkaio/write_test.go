package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"segue/local/kafka"
	"segue/transforms/io/work"
)

// write runs a pipeline that copies a topic to another name.
func writeCopy(t *testing.T, c Cluster, from, to string) error {
	t.Helper()
	spans := spansOf(t, c, from, Earliest(), Latest())
	var batches []any
	err := Fetch(t.Context(), c, spans, func(b Batch) (bool, error) {
		b.Topic = to
		batches = append(batches, b)
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	pipeline, s := beam.NewPipelineWithRoot()
	Write(s, c, beam.Create(s, batches...), WriteParams{MaxInFlight: 700, Attempts: 2})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	_, err = work.Prism(ctx, pipeline)
	return err
}

// A copy of a topic has the same records in the same partitions: none lost, none twice.
func TestWriteCopies(t *testing.T) {
	c := broker(t)
	from, to := topic(t, c, 4), topic(t, c, 4)
	produce(t, c, from, 0, 3000)
	if err := writeCopy(t, c, from, to); err != nil {
		t.Fatal(err)
	}
	sets := map[string][]string{}
	for _, name := range []string{from, to} {
		err := Fetch(t.Context(), c, spansOf(t, c, name, Earliest(), Latest()), func(b Batch) (bool, error) {
			for _, r := range b.Records {
				sets[name] = append(sets[name], fmt.Sprintf("%d %s %s %d %s", b.Partition, r.Key, r.Value, r.Time, r.Headers[0].Value))
			}
			return true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(sets[name])
	}
	if len(sets[from]) != 3000 || !slices.Equal(sets[from], sets[to]) {
		t.Errorf("%d records were copied as %d, or not as they were", len(sets[from]), len(sets[to]))
	}
}

// A topic that does not exist fails the bundle, and so the pipeline.
func TestWriteFails(t *testing.T) {
	c := broker(t)
	from := topic(t, c, 1)
	produce(t, c, from, 0, 10)
	if err := writeCopy(t, c, from, "nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v, want one that names the topic", err)
	}
}

// Keys go to the partitions Java's producer sends them to: hashes from the tests of Apache Kafka.
func TestPartitioner(t *testing.T) {
	c := broker(t)
	const partitions = 7
	name := topic(t, c, partitions)
	want := map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
	}
	p, err := NewProducer(c, WriteParams{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for key := range want {
		if err := p.Send(t.Context(), name, Record{Key: []byte(key), Value: []byte("v")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = Fetch(t.Context(), c, spansOf(t, c, name, Earliest(), Latest()), func(b Batch) (bool, error) {
		for _, r := range b.Records {
			seen++
			if hash := want[string(r.Key)]; b.Partition != hash&0x7fffffff%partitions || int(b.Partition) != PartitionOf(r.Key, partitions) {
				t.Errorf("key %q is in partition %d, want %d", r.Key, b.Partition, hash&0x7fffffff%partitions)
			}
		}
		return true, nil
	})
	if err != nil || seen != len(want) {
		t.Errorf("%d of %d keys found, error %v", seen, len(want), err)
	}
}

// A record over the limit is refused by name before anything of it is sent; those before it are kept.
func TestSendTooLarge(t *testing.T) {
	c := broker(t)
	name := topic(t, c, 1)
	p, err := NewProducer(c, WriteParams{MaxRecord: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	err = p.Send(t.Context(), name, Record{Value: make([]byte, 100)}, Record{Value: make([]byte, 101)})
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), name) {
		t.Errorf("error %v, want too large", err)
	}
	if err = p.Send(t.Context(), name, Record{Value: make([]byte, 90), Headers: []Header{{"name", make([]byte, 10)}}}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v of one with a header, want too large", err)
	}
	if err := p.Flush(t.Context()); err != nil || p.Sent() != 1 {
		t.Errorf("%d records sent, want 1; error %v", p.Sent(), err)
	}
}

// A broker that restarts in the middle costs neither records nor the producer.
func TestProducerOutlivesBroker(t *testing.T) {
	dir := t.TempDir()
	first, err := kafka.Start(kafka.Options{Dir: dir, Topics: map[string]int32{"plays": 1}})
	if err != nil {
		t.Fatal(err)
	}
	c := Cluster{Brokers: []string{first.Address}}
	p, err := NewProducer(c, WriteParams{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	send := func(value string) {
		t.Helper()
		if err := errors.Join(p.Send(t.Context(), "plays", Record{Value: []byte(value)}), p.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	send("before")
	first.Close()
	again := restart(t, dir, first)
	defer again.Close()
	send("after")
	spans := spansOf(t, c, "plays", Earliest(), Latest())
	batches, err := read(t, c, spans, ReadParams{})
	if got := checkChain(t, spans, batches); err != nil || !slices.Equal(got, []string{"before", "after"}) {
		t.Errorf("read %q, error %v", got, err)
	}
}

func restart(t *testing.T, dir string, old *kafka.Broker) *kafka.Broker {
	t.Helper()
	var port int
	if _, err := fmt.Sscanf(old.Address, "127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	b, err := kafka.Start(kafka.Options{Dir: dir, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
