package kafkaio

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"segue/local/kafka"
	"segue/transforms/io/work"
)

func TestMain(m *testing.M) {
	register.DoFn2x0[Batch, func(int64)](&keepFn{})
	beam.Init()
	if os.Getenv("SEGUE_VERBOSE") == "" {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		beamlog.SetLogger(silent{})
	}
	os.Exit(m.Run())
}

type silent struct{}

func (silent) Log(context.Context, beamlog.Severity, int, string) {}

// kept are the batches that reached the end of a pipeline of this process, by the name of its keepFn.
var kept = struct {
	sync.Mutex
	byName map[string][]Batch
}{byName: map[string][]Batch{}}

// keepFn keeps what it is given, as its pipeline runs in this process.
type keepFn struct{ Name string }

func (f *keepFn) ProcessElement(b Batch, emit func(int64)) {
	kept.Lock()
	defer kept.Unlock()
	kept.byName[f.Name] = append(kept.byName[f.Name], b)
	emit(int64(len(b.Records)))
}

func keptBatches(name string) []Batch {
	kept.Lock()
	defer kept.Unlock()
	return slices.SortedFunc(slices.Values(kept.byName[name]), func(a, b Batch) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Previous, b.Previous))
	})
}

// broker is a cluster to test against: the one SEGUE_TEST_BROKERS names, else an embedded one.
func broker(t *testing.T) Cluster {
	t.Helper()
	if given := os.Getenv("SEGUE_TEST_BROKERS"); given != "" {
		return Cluster{Brokers: strings.Split(given, ",")}
	}
	c, _ := embedded(t, kafka.Options{})
	return c
}

func embedded(t *testing.T, o kafka.Options) (Cluster, *kafka.Broker) {
	t.Helper()
	b, err := kafka.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return Cluster{Brokers: []string{b.Address}}, b
}

// topic makes a topic of the test's own.
func topic(t *testing.T, c Cluster, partitions int) string {
	t.Helper()
	name := fmt.Sprintf("%s-%d", strings.ReplaceAll(t.Name(), "/", "-"), time.Now().UnixNano())
	if err := CreateTopic(t.Context(), c, name, TopicParams{Partitions: partitions}); err != nil {
		t.Fatal(err)
	}
	return name
}

// produce writes n records of 50 keys, numbered from first in their values, times a second apart.
func produce(t *testing.T, c Cluster, topic string, first, n int) {
	t.Helper()
	p, err := NewProducer(c, WriteParams{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	start := time.Now().Add(-24 * time.Hour).UnixMilli()
	for i := first; i < first+n; i++ {
		r := Record{
			Key: fmt.Appendf(nil, "user-%d", i%50), Value: fmt.Appendf(nil, "%d", i),
			Time: start + int64(i)*1000, Headers: []Header{{"n", fmt.Appendf(nil, "%d", i)}},
		}
		if err := p.Send(t.Context(), topic, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// read runs a pipeline over the spans on prism and yields its batches by partition and offset.
func read(t *testing.T, c Cluster, spans []Span, p ReadParams) ([]Batch, error) {
	t.Helper()
	name := fmt.Sprintf("%s/%d", t.Name(), time.Now().UnixNano())
	pipeline, s := beam.NewPipelineWithRoot()
	beam.ParDo(s, &keepFn{Name: name}, Read(s, c, spans, p))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	_, err := work.Prism(ctx, pipeline)
	return keptBatches(name), err
}

// checkChain fails unless the batches cover each span without gap or overlap; it yields the values, by partition and offset.
func checkChain(t *testing.T, spans []Span, batches []Batch) []string {
	t.Helper()
	next := map[int32]int64{}
	for _, s := range spans {
		next[s.Partition] = s.Start
	}
	var values []string
	for _, b := range batches {
		if b.Previous != next[b.Partition]-1 || b.Last < b.Previous {
			t.Errorf("partition %d: a batch covers (%d, %d], want it to begin behind %d", b.Partition, b.Previous, b.Last, next[b.Partition]-1)
		}
		next[b.Partition] = b.Last + 1
		at := b.Previous
		for _, r := range b.Records {
			if r.Offset <= at || r.Offset > b.Last {
				t.Errorf("partition %d: record %d in a batch of (%d, %d], after %d", b.Partition, r.Offset, b.Previous, b.Last, at)
			}
			at = r.Offset
			values = append(values, string(r.Value))
		}
	}
	for _, s := range spans {
		if next[s.Partition] != s.Stop {
			t.Errorf("partition %d: read up to %d of %d", s.Partition, next[s.Partition], s.Stop)
		}
	}
	return values
}

func spansOf(t *testing.T, c Cluster, topic string, from, to Position) []Span {
	t.Helper()
	spans, err := Spans(t.Context(), c, topic, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}

// numbers are the decimal numbers of [first, first+n), sorted as text.
func numbers(first, n int) []string {
	var out []string
	for i := first; i < first+n; i++ {
		out = append(out, fmt.Sprint(i))
	}
	slices.Sort(out)
	return out
}
