package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
)

// lane is one partition: its listeners, and what waits to be archived.
type lane struct {
	partition int32
	config    Config

	// Of the goroutine that keeps the lane, and then of the one that stops it.
	owner    *archive.Owner
	writer   *archive.Writer
	snapshot int // bytes of the last one
	savedAt  time.Time
	store    store

	mu         sync.Mutex
	shard      *sessions.Shard
	producer   *kafkaio.Producer
	parked     []kafkaio.Batch  // that wait for an earlier one
	headers    []kafkaio.Header // of feature records
	due        []kafkaio.Record // to be written next; values are theirs, one behind the other
	values     []byte
	plays      archive.Buffer
	newestUs   int64     // latest start of a play
	heardAt    time.Time // when that moved
	advancedAt time.Time // when sessions were last ended by time
	delay      time.Duration
	unsaved    bool          // a stop was too short for its snapshot
	atEnd      func() bool   // that every record known to be there is applied
	mark       *archive.Mark // of the newest record applied since the lane was opened
	release    string        // in use
	err        error         // after which the lane takes nothing more

	seen struct { // for those who must not wait for what a lane is at, such as brokers that are away
		sync.Mutex
		figures
	}
}

// figures are what a status says of a lane.
type figures struct {
	counts    sessions.Counts
	listeners int
	written   int64
	newestUs  int64
	delay     time.Duration
	unsaved   bool
	works     bool
}

// unlock ends what was locked and shows what became of the lane.
func (l *lane) unlock() {
	defer l.mu.Unlock()
	l.seen.Lock()
	defer l.seen.Unlock()
	l.seen.figures = figures{l.shard.Counts(), l.shard.Listeners(), l.producer.Sent(), l.newestUs, l.delay, l.unsaved, l.err == nil}
}

// figures returns them as of the last unlock.
func (l *lane) figures() figures {
	l.seen.Lock()
	defer l.seen.Unlock()
	return l.seen.figures
}

var errStopped = errors.New("the lane has stopped")

// openLane claims a partition and loads its state; one without state starts after an offset.
func openLane(ctx context.Context, c Config, partition int32, startAfter int64) (*lane, error) {
	owner, err := archive.Claim(ctx, c.Lake, partition, startAfter, archive.Lease{Holder: cmp.Or(c.holder, c.Share.String()), For: 2*c.SaveEvery + 10*time.Second})
	if err != nil {
		return nil, err
	}
	blob, err := owner.Load(ctx)
	if err != nil {
		return nil, err
	}
	state := owner.State()
	decoder := playjson.NewDecoder(c.Rules)
	shard := sessions.NewShard(c.Sessions, decoder, state.Offset)
	if blob != nil {
		if shard, err = sessions.Restore(c.Sessions, decoder, blob); err != nil {
			return nil, fmt.Errorf("restore partition %d: %w", partition, err)
		}
	}
	writer, err := archive.NewWriter(ctx, c.Lake, partition, state.Epoch, state.Offset)
	if err != nil {
		return nil, err
	}
	producer, err := kafkaio.NewProducer(c.Cluster, kafkaio.WriteParams{Compression: kafkaio.Snappy})
	if err != nil {
		return nil, err
	}
	l := &lane{partition: partition, config: c, owner: owner, writer: writer, shard: shard, producer: producer, savedAt: time.Now(), heardAt: time.Now()}
	if !state.Watermark.IsZero() {
		l.newestUs = state.Watermark.Add(c.Sessions.Lateness).UnixMicro()
	}
	l.headers, l.atEnd = headersOf(""), l.caughtUp
	l.mu.Lock()
	l.unlock()
	return l, nil
}

func headersOf(release string) []kafkaio.Header {
	return []kafkaio.Header{
		{Key: schemas.HeaderSchemaVersion, Value: strconv.AppendInt(nil, schemas.FeaturesVersion, 10)},
		{Key: schemas.HeaderRelease, Value: []byte(release)},
	}
}

// apply takes a batch; it returns when everything the batch gave is written to the topics. It waits while what the store does not take
// leaves no room.
func (l *lane) apply(ctx context.Context, b kafkaio.Batch, now time.Time) error {
	if err := l.store.room(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.unlock()
	if l.err != nil {
		return l.err
	}
	var letters []kafkaio.Record
	given := append(l.parked, b) // one that fills a gap lets others in
	err := l.shard.Apply(records(b), func(s sessions.Seen) {
		if s.Reason != "" {
			letters = append(letters, letter(given, s))
			return
		}
		l.plays.Add(s.Record, s.Event)
		if s.Event.StartedAt > l.newestUs {
			l.newestUs, l.heardAt = s.Event.StartedAt, now
		}
		l.delay = time.Duration(now.UnixMilli()-s.Record.ProducedMs) * time.Millisecond
	})
	l.note(given)
	l.parked = slices.DeleteFunc(given, func(b kafkaio.Batch) bool { return b.Last <= l.shard.Applied() })
	if err == nil && len(letters) > 0 {
		err = l.producer.Send(ctx, schemas.TopicDeadLetters, letters...)
	}
	if err == nil {
		err = l.give(ctx, now)
	}
	return l.end(err)
}

// end remembers an error: what follows would leave a hole.
func (l *lane) end(err error) error {
	if err != nil {
		l.err = fmt.Errorf("partition %d of topic %s: %w", l.partition, schemas.TopicPlays, err)
	}
	return l.err
}

// letter makes the dead letter of a record of one of the batches; headers of the record are kept where they fit.
func letter(among []kafkaio.Batch, s sessions.Seen) kafkaio.Record {
	is := func(r kafkaio.Record) bool { return r.Offset == s.Record.Offset }
	b := among[slices.IndexFunc(among, func(b kafkaio.Batch) bool { return slices.ContainsFunc(b.Records, is) })]
	return kafkaio.Dead(b, b.Records[slices.IndexFunc(b.Records, is)], string(s.Reason), "")
}

// maxValues is how many bytes of features are made before they are written: a backlog changes every listener at once.
const maxValues = 2 << 20

// give writes the records that are due.
func (l *lane) give(ctx context.Context, now time.Time) (err error) {
	l.shard.Due(now.UnixMilli(), func(d sessions.Due) {
		from := len(l.values)
		l.values = append(l.values, d.Value...) // when it grows, those before stay where they are
		l.due = append(l.due, kafkaio.Record{Key: []byte(d.User), Value: l.values[from:len(l.values):len(l.values)], Headers: l.headers})
		if len(l.values) >= maxValues && err == nil {
			err = l.write(ctx)
		}
	})
	if err != nil {
		return err
	}
	return l.write(ctx)
}

// write writes the features that are made, and whatever else the producer holds. After an error the lane is of no use.
func (l *lane) write(ctx context.Context) error {
	if err := l.producer.Send(ctx, schemas.TopicFeatures, l.due...); err != nil {
		return err
	}
	if err := l.producer.Flush(ctx); err != nil {
		return err
	}
	clear(l.due)
	l.due, l.values = l.due[:0], l.values[:0]
	return nil
}

// close ends the connections once what is under way has ended: the client waits for ever for a set that is begun while it closes.
func (l *lane) close() error {
	l.mu.Lock()
	defer l.unlock()
	if l.err == nil {
		l.err = errStopped
	}
	return l.producer.Close()
}

// advanceEvery is the time between two looks at all listeners for sessions that have ended.
const advanceEvery = time.Second

// tick gives out what the interval held back; where nothing is left to read, time ends sessions.
func (l *lane) tick(ctx context.Context, now time.Time) error {
	l.mu.Lock()
	defer l.unlock()
	if l.err != nil {
		return l.err
	}
	if now.Sub(l.advancedAt) >= advanceEvery && l.atEnd() {
		l.advance(now)
	}
	return l.end(l.give(ctx, now))
}

// advance ends the sessions that are over by the watermark, which after a restart may be ahead of the plays that are read again.
func (l *lane) advance(now time.Time) {
	if l.newestUs != 0 {
		l.shard.Advance(l.watermark(now).Add(l.config.Sessions.Lateness).UnixMicro())
		l.advancedAt = now
	}
}

// giveAll gives out everything, what the interval holds back, too.
func (l *lane) giveAll(ctx context.Context, now time.Time) error {
	l.mu.Lock()
	defer l.unlock()
	if l.err != nil {
		return l.err
	}
	l.advance(now)
	return l.end(l.give(ctx, now.Add(l.config.Sessions.Interval)))
}

// waiting returns how many plays wait to be archived.
func (l *lane) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.plays.Len()
}

// caughtUp reports that every record known to be there is applied.
func (l *lane) caughtUp() bool {
	for _, lag := range kafkaio.Lags() {
		if lag.Topic == schemas.TopicPlays && lag.Partition == l.partition {
			return lag.Records() == 0 && l.shard.Applied()+1 >= lag.End
		}
	}
	return false
}

// use makes a release that of the listeners' records.
func (l *lane) use(c *catalogue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shard.Use(c)
	l.headers, l.release = headersOf(c.release), c.release
}
