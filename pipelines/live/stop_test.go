package live

import (
	"context"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"segue/local/kafka"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// holding is a store whose first file of plays is not written before it is let go.
type holding struct {
	lake.Store
	held chan struct{} // a word when a write is held
	free chan struct{} // closed to let it go
}

func (h *holding) Create(ctx context.Context, key string, r io.Reader, size int64) (lake.Info, error) {
	if strings.HasPrefix(key, schemas.LivePlays+"/") {
		select {
		case h.held <- struct{}{}:
		default:
		}
		select {
		case <-h.free:
		case <-ctx.Done():
			return lake.Info{}, ctx.Err()
		}
	}
	return h.Store.Create(ctx, key, r, size)
}

// A stop in the middle of a write to the archive waits for it, and saves; a write that takes longer than a stop may is cut off, which is no
// error: nothing is lost, the next start reads again what was not saved.
func TestStopDuringWrite(t *testing.T) {
	for name, again := range map[string]int64{"waits": 0, "cut off": 500} {
		c, _ := setup(t)
		c.Until, c.SaveEvery = kafkaio.Never(), tickEvery
		sound := c.Lake
		h := &holding{Store: c.Lake, held: make(chan struct{}, 1), free: make(chan struct{})}
		c.Lake = h
		produce(t, c, plays(rand.New(rand.NewPCG(1, 6)), 0, 490)[:500])
		ctx, stop := context.WithCancel(t.Context())
		j, err := Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if again > 0 {
			j.stops = 50 * time.Millisecond
		}
		done := make(chan error, 1)
		go func() { done <- j.Run(ctx) }()
		await(t, func() bool { s := j.Status(); return s.In == 500 && s.Lag == 0 })
		<-h.held
		stop()
		if again == 0 {
			close(h.free)
		}
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if unsaved := j.Status().Unsaved; unsaved > 0 != (again > 0) {
			t.Errorf("%s: %d lanes are not saved", name, unsaved)
		}
		c.Lake, c.Until = sound, kafkaio.Latest()
		if s := run(t, c); s.In != again {
			t.Errorf("%s: %d records are read again, want %d", name, s.In, again)
		}
		check(t, c)
	}
}

// A stop while the broker is away, with features that were not written yet, ends without an error and soon; the next start writes them.
func TestStopWithoutBroker(t *testing.T) {
	dir := t.TempDir()
	b, err := kafka.Start(kafka.Options{Dir: dir, Topics: map[string]int32{schemas.TopicPlays: partitions}})
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Cluster, c.Sessions.Interval = kafkaio.Cluster{Brokers: []string{b.Address}}, time.Hour
	if c.Lake, err = lake.Open(t.Context(), "mem://"+dir); err != nil {
		t.Fatal(err)
	}
	produce(t, c, plays(rand.New(rand.NewPCG(2, 6)), 0, 500))
	ctx, stop := context.WithCancel(t.Context())
	j, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	j.stops = 50 * time.Millisecond
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	await(t, func() bool { s := j.Status(); return s.In >= 500 && s.Lag == 0 })
	b.Close()
	began := time.Now()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("the stop took %v", took)
	}
	_, port, _ := strings.Cut(b.Address, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = kafka.Start(kafka.Options{Dir: dir, Port: number}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	c.Until = kafkaio.Latest()
	run(t, c)
	check(t, c)
}
