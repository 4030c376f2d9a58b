package live

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// A status is there at once while a lane waits for brokers that are away: it is that of the last batch whose features are written.
func TestStatusWithoutBroker(t *testing.T) {
	c, b := setup(t)
	j, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l, in := j.lanes[0], plays(rand.New(rand.NewPCG(1, 7)), 0, 20)
	batch := func(from int, records []kafkaio.Record) kafkaio.Batch {
		for i := range records {
			records[i].Offset = int64(from + i)
		}
		return kafkaio.Batch{Topic: schemas.TopicPlays, Previous: int64(from) - 1, Last: int64(from+len(records)) - 1, Records: records}
	}
	if err := l.apply(ctx, batch(0, in[:10]), time.Now()); err != nil {
		t.Fatal(err)
	}
	before := j.Status()
	b.Close()
	applied := make(chan error, 1)
	go func() { applied <- l.apply(ctx, batch(10, in[10:]), time.Now().Add(time.Minute)) }()
	await(t, func() bool {
		free := l.mu.TryLock()
		if free {
			l.mu.Unlock()
		}
		return !free
	})
	if s := j.Status(); s.In != 10 || s.Written != before.Written || s.Listeners != before.Listeners || !s.Ready {
		t.Errorf("status %+v, before %+v", s, before)
	}
	select {
	case err := <-applied:
		t.Errorf("the status waited for the lane, which ended with %v", err)
	default:
	}
	cancel()
	if err := <-applied; err == nil {
		t.Error("features are written without a broker")
	}
	if j.Status().Ready {
		t.Error("a lane that has failed is ready")
	}
}
