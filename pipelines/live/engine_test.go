package live

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/work"
)

// runOnEngine runs the graph for engines on prism, whose state it uses, to the end of its spans.
func runOnEngine(t *testing.T, c Config) {
	t.Helper()
	p, s := beam.NewPipelineWithRoot()
	if err := BuildOnEngine(t.Context(), s, c, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := work.Prism(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// A job on an engine leaves what accumulators that saw the whole topic have; so do one that follows it, a process that goes on from its
// snapshots, and a job that goes on from those of the process.
func TestEngineFollowsProcess(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 7))
	c, _ := setup(t)
	for i, onEngine := range []bool{true, true, false, true} {
		produce(t, c, plays(r, 1500*i, 1500))
		if onEngine {
			runOnEngine(t, c)
		} else {
			run(t, c)
		}
		check(t, c)
	}
}

// Lanes that are lost anywhere are made anew from the lake's snapshot and the engine's state, be snapshots rare or many, and whether or not
// the engine has kept what the bundle that was lost with them did.
func TestEngineRestoresLanes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 8))
	c, _ := setup(t)
	for i, every := range []time.Duration{time.Minute, tickEvery} {
		c.SaveEvery = every
		for part := range 20 { // sets of records that are fetched one by one
			produce(t, c, plays(r, 3000*i+150*part, 150))
		}
		spans, err := c.planned(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cell := newCell(c, "test", spans)
		var lost, again int
		read := readBatches(t, c, spans)
		for partition := range partitions {
			batches := read[partition]
			state := &bagState{}
			for len(batches) > 0 {
				bundle := batches[:1+r.IntN(min(3, len(batches)))]
				before := slices.Clone(state.bag)
				for _, b := range bundle {
					if err := cell.ProcessElement(t.Context(), state, partition, b, func(int64) {}); err != nil {
						t.Fatal(err)
					}
				}
				switch r.IntN(3) {
				case 0: // the worker dies when the engine has kept the bundle
					lost++
					loseLane(cell, partition)
				case 1: // and when it has not
					again++
					loseLane(cell, partition)
					state.bag = before
					continue
				}
				batches = batches[len(bundle):]
			}
		}
		check(t, c)
		if lost == 0 || again == 0 {
			t.Errorf("%d lanes were lost with a bundle kept, %d without", lost, again)
		}
	}
}

// loseLane makes a cell that of a worker that has just started.
func loseLane(f *cellFn, partition int) {
	if c, ok := cells.LoadAndDelete(cellKey{f.Job, partition}); ok {
		c.(*cell).end()
	}
}

// bagState is an engine's state of one key, which has one bag and nothing else.
type bagState struct {
	state.Provider
	bag []any
}

func (s *bagState) ReadBagState(string) ([]any, []state.Transaction, error) { return s.bag, nil, nil }

func (s *bagState) WriteBagState(t state.Transaction) error {
	s.bag = append(s.bag, t.Val)
	return nil
}

func (s *bagState) ClearBagState(state.Transaction) error {
	s.bag = nil
	return nil
}

// readBatches returns what is in spans as small batches, by partition and in their order.
func readBatches(t *testing.T, c Config, spans []kafkaio.Span) map[int][]kafkaio.Batch {
	t.Helper()
	of := engineReads
	of.MaxBytes = 4 << 10
	p, s := beam.NewPipelineWithRoot()
	beam.ParDo0(s, &keepFn{Name: t.Name()}, kafkaio.Read(s, c.Cluster, spans, of))
	if _, err := work.Prism(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	keptMu.Lock()
	defer keptMu.Unlock()
	out := map[int][]kafkaio.Batch{}
	for _, b := range kept[t.Name()] {
		out[int(b.Partition)] = append(out[int(b.Partition)], b)
	}
	for _, batches := range out {
		slices.SortStableFunc(batches, func(a, b kafkaio.Batch) int { return cmp.Compare(a.Last, b.Last) })
	}
	delete(kept, t.Name())
	return out
}

// kept are the batches that reached the end of a pipeline, by the name of its keepFn.
var (
	keptMu sync.Mutex
	kept   = map[string][]kafkaio.Batch{}
)

func init() { register.DoFn1x0[kafkaio.Batch](&keepFn{}) }

// keepFn keeps what it is given, as its pipeline runs in this process.
type keepFn struct{ Name string }

// ProcessElement keeps one.
func (f *keepFn) ProcessElement(b kafkaio.Batch) {
	keptMu.Lock()
	defer keptMu.Unlock()
	kept[f.Name] = append(kept[f.Name], b)
}

// Where nothing is left to read, time goes on: what the interval held back is given out, and the archive's watermark rises, which nights wait for.
func TestEngineIdles(t *testing.T) {
	c, _ := setup(t)
	c.Until, c.SaveEvery = kafkaio.Never(), tickEvery
	produce(t, c, plays(rand.New(rand.NewPCG(1, 9)), 0, 500))
	p, s := beam.NewPipelineWithRoot()
	if err := BuildOnEngine(t.Context(), s, c, "test"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		work.Prism(ctx, p) // ends with the cancellation
	}()
	var risen []time.Time
	await(t, func() bool {
		state, err := archive.ReadState(t.Context(), c.Lake, 0)
		if err == nil && state.Offset > 0 && (len(risen) == 0 || state.Watermark.After(risen[len(risen)-1])) {
			risen = append(risen, state.Watermark)
		}
		return len(risen) == 4
	})
	cancel()
	<-done
	c.Until = kafkaio.Latest()
	runOnEngine(t, c)
	check(t, c)
}
