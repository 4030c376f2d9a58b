package live

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// leaving is a store that cannot be reached while it is away.
type leaving struct {
	lake.Store
	away  atomic.Bool
	fails atomic.Int64
}

func (s *leaving) fail() error {
	if !s.away.Load() {
		return nil
	}
	s.fails.Add(1)
	return lake.ErrUnreachable
}

func (s *leaving) Create(ctx context.Context, key string, r io.Reader, size int64) (lake.Info, error) {
	if err := s.fail(); err != nil {
		return lake.Info{}, err
	}
	return s.Store.Create(ctx, key, r, size)
}

func (s *leaving) Swap(ctx context.Context, key string, data []byte, etag string) (lake.Info, error) {
	if err := s.fail(); err != nil {
		return lake.Info{}, err
	}
	return s.Store.Swap(ctx, key, data, etag)
}

// A store that goes away while the job runs, and comes back, costs neither the job nor a record: features go on meanwhile, and every play and
// session is archived once.
func TestStoreReturns(t *testing.T) {
	c, _ := setup(t)
	c.Until, c.SaveEvery = kafkaio.Never(), tickEvery
	s := &leaving{Store: c.Lake}
	c.Lake = s
	r := rand.New(rand.NewPCG(4, 5))
	produce(t, c, plays(r, 0, 500))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	j, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	read := func(n int64) { await(t, func() bool { s := j.Status(); return s.In >= n && s.Lag == 0 }) }
	read(500)
	s.away.Store(true)
	await(t, func() bool { return s.fails.Load() >= partitions })
	produce(t, c, plays(r, 500, 500))
	read(1000)
	more := s.fails.Load() + partitions
	await(t, func() bool { return s.fails.Load() >= more })
	s.away.Store(false)
	await(t, func() bool {
		for p := range int32(partitions) {
			state, err := archive.ReadState(t.Context(), c.Lake, p)
			if err != nil || state.Offset != j.lane(p).applied() {
				return false
			}
		}
		return true
	})
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.Until = kafkaio.Latest()
	if s := run(t, c); s.In != 0 {
		t.Errorf("%d records are read again", s.In)
	}
	check(t, c)
}

// A store that stays away for longer than it is waited for ends the job with its error, at once where waiting mends nothing.
func TestStoreStaysAway(t *testing.T) {
	c, _ := setup(t)
	c.Until, c.SaveEvery, c.StorePatience = kafkaio.Never(), tickEvery, time.Nanosecond
	s := &leaving{Store: c.Lake}
	c.Lake = s
	j, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	produce(t, c, plays(rand.New(rand.NewPCG(5, 5)), 0, 50))
	s.away.Store(true)
	if err := j.Run(t.Context()); !errors.Is(err, lake.ErrUnreachable) {
		t.Errorf("the job ends with %v", err)
	}
	for _, err := range lasting {
		var s store
		if got := s.away(err, time.Hour, 0); !errors.Is(got, err) {
			t.Errorf("%v is waited for: %v", err, got)
		}
	}
}

// While a store is away a lane takes plays up to a bound, and goes on when the store is back or not waited for any more.
func TestStoreFull(t *testing.T) {
	var s store
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for waiting, want := range map[int]error{maxBuffered - 1: nil, maxBuffered: context.Canceled} {
		if err := errors.Join(s.away(lake.ErrUnreachable, time.Hour, waiting), s.room(ctx)); !errors.Is(err, want) {
			t.Errorf("with %d plays: %v", waiting, err)
		}
		s.back()
		if err := s.room(ctx); err != nil {
			t.Errorf("with %d plays, and the store back: %v", waiting, err)
		}
	}
}
