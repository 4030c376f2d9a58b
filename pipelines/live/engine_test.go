package live

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

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

// Lanes that are lost between any two batches are made anew from the lake's snapshot and the engine's state, be snapshots rare or many.
func TestEngineRestoresLanes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 8))
	c, _ := setup(t)
	engineReads.MaxBytes = 4 << 10
	defer func() { engineReads.MaxBytes = 256 << 10 }()
	var asked, lost atomic.Int64
	forgets = func() bool {
		gone := asked.Add(1)%3 == 0
		if gone {
			lost.Add(1)
		}
		return gone
	}
	defer func() { forgets = nil }()
	for i, every := range []time.Duration{time.Minute, tickEvery} {
		c.SaveEvery = every
		for part := range 20 { // sets of records that are fetched one by one
			produce(t, c, plays(r, 3000*i+150*part, 150))
		}
		runOnEngine(t, c)
		check(t, c)
	}
	if lost.Load() < 20 {
		t.Errorf("%d lanes were lost of %d batches", lost.Load(), asked.Load())
	}
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
