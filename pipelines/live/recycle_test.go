package live

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// A job whose pipeline is begun anew again and again, while records come, leaves what one pipeline leaves: no record is lost, none counts
// twice, and the job ends where it should.
func TestRecycle(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 7))
	c, _ := setup(t)
	c.Until, c.Memory = kafkaio.Never(), 1
	j, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	j.rests, j.watches = time.Hour, 5*time.Millisecond
	rests := func(d time.Duration) {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.rests = d
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	var sent int64
	var longest time.Duration
	for i := range 10 {
		before := j.Status().Recycled
		records := plays(r, 300*i, 300)
		some := sent + r.Int64N(int64(len(records))+1) // where the pipeline is begun anew, or soon behind it
		sent += int64(len(records))
		began := time.Now()
		produce(t, c, records)
		await(t, func() bool { return j.Status().In >= some })
		rests(0)
		await(t, func() bool { return j.Status().Recycled > before })
		rests(time.Hour)
		await(t, func() bool { return j.Status().In == sent })
		longest = max(longest, time.Since(began))
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	t.Logf("%d pipelines, at most %v from records to features", j.Status().Recycled+1, longest)
	check(t, c)
	spans, err := kafkaio.Spans(t.Context(), c.Cluster, schemas.TopicPlays, kafkaio.Earliest(), kafkaio.Latest())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spans {
		if got := j.lane(s.Partition).applied(); got != s.Stop-1 {
			t.Errorf("partition %d is applied up to %d, want %d", s.Partition, got, s.Stop-1)
		}
	}
}

// Memory within its bound, and a pipeline that is young, are left alone.
func TestRecycleRests(t *testing.T) {
	c, _ := setup(t)
	produce(t, c, plays(rand.New(rand.NewPCG(1, 8)), 0, 500))
	for name, set := range map[string]func(*Job){
		"within": func(j *Job) { j.config.Memory, j.rests = 1<<50, 0 },
		"young":  func(j *Job) { j.config.Memory, j.rests = 1, time.Hour },
		"never":  func(j *Job) { j.config.Memory, j.rests = 0, 0 },
	} {
		j, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		j.watches = time.Millisecond
		set(j)
		if err := j.Run(t.Context()); err != nil || j.Status().Recycled != 0 {
			t.Errorf("%s: recycled %d times, error %v", name, j.Status().Recycled, err)
		}
	}
}

// A job that is stopped while its pipeline begins ends as one that is stopped later.
func TestStopAtOnce(t *testing.T) {
	c, _ := setup(t)
	c.Until = kafkaio.Never()
	for i := range 8 {
		ctx, stop := context.WithCancel(t.Context())
		j, err := Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(i)*4*time.Millisecond, stop)
		if err := j.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("stopped after %d ms: %v", 4*i, err)
		}
	}
}
