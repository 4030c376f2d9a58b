package live

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// Config says what a live job reads, where it keeps its state and how it counts.
type Config struct {
	Cluster       kafkaio.Cluster
	Lake          lake.Store
	From          kafkaio.Position // where partitions start that have no snapshot
	Until         kafkaio.Position // Never, or a position at which the job ends by itself
	Sessions      sessions.Params
	Rules         playjson.Rules
	SaveEvery     time.Duration // between two snapshots of a lane: more costs a longer replay after a crash, less costs requests
	Share         Share         // which partitions are read
	Patience      time.Duration // how long brokers that do not answer are waited for at the start
	StorePatience time.Duration // how long a store that does not take what is to be saved is waited for: more keeps more plays in memory meanwhile
	Memory        int64         // bytes of this process above which the pipeline is begun anew where it stands; 0 = never
	Group         string        // consumer group under which lag tools see the job; "" = none

	holder string // of partitions; "" = the share
}

// Default returns the settings that need no thought; Cluster and Lake are the caller's.
func Default() Config {
	return Config{
		From: kafkaio.Earliest(), Until: kafkaio.Never(), Sessions: sessions.Default(), Rules: playjson.Default(),
		SaveEvery: 30 * time.Second, Patience: time.Minute, StorePatience: 5 * time.Minute, Group: "segue-live",
	}
}

// Validate reports everything that is wrong with the times of c.
func (c *Config) Validate() error {
	errs := []error{c.Sessions.Validate()}
	if c.SaveEvery < tickEvery {
		errs = append(errs, fmt.Errorf("time between two snapshots is %v: want %v or more", c.SaveEvery, tickEvery))
	}
	if c.Memory < 0 {
		errs = append(errs, fmt.Errorf("memory at which the pipeline is begun anew is %d bytes: want 0 or more", c.Memory))
	}
	if c.Patience < 0 {
		errs = append(errs, fmt.Errorf("time to wait for brokers is %v: want 0 or more", c.Patience))
	}
	return errors.Join(errs...)
}

// ErrGrew says that the topic has another number of partitions than the job's state: keys have moved between partitions.
var ErrGrew = errors.New("the number of partitions has changed")

// Job is a live job in this process.
type Job struct {
	id      string
	config  Config
	lanes   []*lane // by partition; those of the share
	topic   int     // partitions of the topic
	started time.Time
	watches time.Duration           // between two looks at releases, partitions and memory
	rests   time.Duration           // the least time a pipeline lives
	stops   time.Duration           // what a stop may take
	fail    context.CancelCauseFunc // of the run
	batches context.Context         // of batches under way: outlives the run a little, and bundles

	mu        sync.Mutex
	release   string
	releaseAt time.Time
	recycled  int64     // pipelines that were begun anew
	since     time.Time // when the pipeline began to run; zero before
	began     func()    // says that it runs
	reads     string    // name under which it reads; "" = its reads have been ended
}

const tickEvery = 100 * time.Millisecond

// maxWaiting is how many plays of a lane, about 140 bytes each, are archived before the next snapshot is due.
const maxWaiting = 12_500

// jobs finds the job of a worker: state lives in the process that runs the graph.
var jobs sync.Map // id → *Job

// Open claims every partition of its share and loads its state: the job owns them from then on.
//
// Errors: brokers that do not answer for Config.Patience; within seconds: a lake that does not answer, an unknown topic, ErrGrew, a
// snapshot of a newer program, archive.ErrHeld when a process of another share holds a partition.
func Open(ctx context.Context, c Config) (*Job, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	first, topic, err := c.prepare(ctx)
	if err != nil {
		return nil, err
	}
	j := &Job{id: rand.Text(), config: c, lanes: make([]*lane, len(first)), topic: topic, started: time.Now(), watches: watchEvery, rests: restFor, stops: stopWithin, fail: func(error) {}}
	g, gctx := errgroup.WithContext(ctx)
	for i, s := range first {
		g.Go(func() (err error) {
			if j.lanes[i], err = openLane(gctx, c, s.Partition, s.Start-1); err == nil { // lanes save one after another
				j.lanes[i].savedAt = j.started.Add(-c.SaveEvery * time.Duration(i) / time.Duration(len(first)))
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if err := j.renew(ctx); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// prepare returns what of the share's partitions is read where there is no snapshot, and how many partitions the topic has; what the job
// writes to is there then.
func (c *Config) prepare(ctx context.Context) (first []kafkaio.Span, topic int, err error) {
	if first, err = c.spans(ctx, c.From, kafkaio.Never()); err != nil {
		return nil, 0, err
	}
	topic = len(first)
	if err := c.Share.checkPartitions(ctx, c.Lake, topic); err != nil {
		return nil, 0, err
	}
	if err := c.makeTopics(ctx, topic); err != nil {
		return nil, 0, err
	}
	first = slices.DeleteFunc(first, func(s kafkaio.Span) bool { return !c.Share.owns(s.Partition) })
	return first, topic, c.checkMarks(ctx, first)
}

// spans asks what of the topic of plays is to be read.
func (c *Config) spans(ctx context.Context, from, to kafkaio.Position) (all []kafkaio.Span, err error) {
	err = kafkaio.Await(ctx, c.Cluster, c.Patience, func() (err error) {
		all, err = kafkaio.Spans(ctx, c.Cluster, schemas.TopicPlays, from, to)
		return err
	})
	return all, err
}

// makeTopics makes the topics the job writes, where they are missing.
func (c *Config) makeTopics(ctx context.Context, partitions int) error {
	for name, p := range map[string]kafkaio.TopicParams{
		schemas.TopicFeatures:    {Partitions: partitions, Settings: kafkaio.Compacted()},
		schemas.TopicDeadLetters: {Partitions: 1},
	} {
		err := kafkaio.Await(ctx, c.Cluster, c.Patience, func() error { return kafkaio.CreateTopic(ctx, c.Cluster, name, p) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Run reads until the context ends, which is a graceful stop, or until Config.Until; then it saves every lane.
//
// Errors: what made the job stop; archive.ErrFenced when another process owns a partition.
func (j *Job) Run(ctx context.Context) error {
	spans, err := j.spans(ctx)
	switch {
	case err != nil && ctx.Err() != nil: // asked to stop before it read anything
		return j.end(ctx)
	case err != nil:
		return errors.Join(err, j.Close())
	}
	jobs.Store(j.id, j)
	defer jobs.Delete(j.id)
	// prism panics where a deadline ends its context: only a cancellation reaches it.
	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, func() { cancel(nil) })()
	j.fail = cancel
	work, end := graced(run, j.stops)
	defer end()
	batches, endBatches := graced(run, grace)
	defer endBatches()
	j.batches = batches
	var ticks sync.WaitGroup
	for _, l := range j.lanes {
		ticks.Go(func() { j.keep(run, work, l) })
	}
	ticks.Go(func() { j.watch(run) })
	err = j.execute(run, spans)
	if cause := context.Cause(run); ctx.Err() != nil { // asked to stop
		err = nil
	} else if cause != nil {
		err = cause
	}
	cancel(nil)
	ticks.Wait()
	if err != nil {
		return errors.Join(err, j.Close())
	}
	if ctx.Err() == nil { // at its own end saving takes what it takes
		return j.end(ctx)
	}
	return errors.Join(j.saveAll(work), j.Close())
}

// end saves every lane, in the time a stop has once ctx has ended, and ends their connections.
func (j *Job) end(ctx context.Context) error {
	work, end := graced(ctx, j.stops)
	defer end()
	return errors.Join(j.saveAll(work), j.Close())
}

// spans are what is to be read: of each partition, all that its lane has not applied.
func (j *Job) spans(ctx context.Context) ([]kafkaio.Span, error) {
	next := map[int32]int64{}
	for _, l := range j.lanes {
		next[l.partition] = l.applied() + 1
	}
	all, err := j.config.spans(ctx, kafkaio.Offsets(next), j.config.Until)
	return slices.DeleteFunc(all, func(s kafkaio.Span) bool { return j.lane(s.Partition) == nil }), err
}

// A stop takes less than ten seconds: batches under way may end, then every lane saves.
const (
	grace      = 3 * time.Second
	stopWithin = 8 * time.Second
)

// graced is a context that ends some time after another: what a stop finds half done is done, or a lane could not be saved.
func graced(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	forget := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return late, func() { forget(); cancel() }
}

// saveAll ends the work of every lane and saves it, as long as the context lasts.
func (j *Job) saveAll(ctx context.Context) error {
	var g errgroup.Group
	for _, l := range j.lanes {
		g.Go(func() error { return l.stop(ctx) })
	}
	return g.Wait()
}

// Close ends the connections of a job that was opened and is not run; Run does it by itself.
func (j *Job) Close() error {
	var all []error
	for _, l := range j.lanes {
		if l != nil {
			all = append(all, l.close())
		}
	}
	return errors.Join(all...)
}

// keep gives out what waits in a lane, and saves it, until the run ends; what it has begun then ends with work.
func (j *Job) keep(run, work context.Context, l *lane) {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-run.Done():
			return
		case now := <-tick.C:
			err := l.tick(work, now)
			if snapshot, wanted := j.due(l, now); err == nil && wanted {
				if !writes(run) { // a stop saves anyway
					return
				}
				if err = l.save(work, now, snapshot); err != nil {
					err = l.postpone(work, err)
				}
				<-writing
			}
			if err != nil && run.Err() == nil {
				j.fail(err)
			}
		}
	}
}

// due says whether a lane is to be saved, and whether with a snapshot. Behind an outage of the store it is.
func (j *Job) due(l *lane, now time.Time) (snapshot, wanted bool) {
	snapshot = now.Sub(l.savedAt) >= j.config.SaveEvery
	if owed, time := l.store.owed(now); owed {
		return snapshot, time
	}
	return snapshot, snapshot || l.waiting() >= maxWaiting
}

const watchEvery = 10 * time.Second

// watch looks for a new release, for partitions that came and at the memory, until the run ends.
func (j *Job) watch(ctx context.Context) {
	tick := time.NewTicker(j.watches)
	defer tick.Stop()
	told := "" // of an error that stays, once
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			j.watchMemory()
			told = j.look(ctx, told)
			n, err := kafkaio.Partitions(ctx, j.config.Cluster, schemas.TopicPlays)
			if err == nil && n != j.topic {
				j.fail(fmt.Errorf("topic %s has %d partitions, the job started with %d: %w", schemas.TopicPlays, n, j.topic, ErrGrew))
			}
		}
	}
}

// look takes the current release, and warns of an error that it did not tell before; it returns the error there is.
func (j *Job) look(ctx context.Context, told string) string {
	err := j.renew(ctx)
	if err == nil || ctx.Err() != nil {
		return ""
	}
	if err.Error() != told {
		slog.Warn("the new release cannot be read; the one before stays in use", "error", err)
	}
	return err.Error()
}

// renew makes the current release that of the lanes, if it is another.
func (j *Job) renew(ctx context.Context) error {
	p, err := lake.ReadPointer(ctx, j.config.Lake)
	if errors.Is(err, lake.ErrNotExist) {
		return nil
	}
	if err != nil || p.Run == j.release {
		return err
	}
	c, err := readCatalogue(ctx, j.config.Lake)
	if err != nil {
		return err
	}
	for _, l := range j.lanes {
		l.use(c)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.release, j.releaseAt = c.release, time.Now()
	slog.Info("release in use", "run", c.release, "songs", len(c.songs))
	return nil
}
