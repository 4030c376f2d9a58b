package kafkaio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// reader fetches from one partition. It belongs to one bundle at a time. After any error its connection is thrown away:
// one on which a request failed says nothing more, and does not tell.
type reader struct {
	cluster   Cluster
	topic     string
	partition int32

	conn    *kafka.Conn
	high    int64     // offset behind the newest record, as last heard; −1 = never
	failing time.Time // since when every fetch fails; zero = it does not
	used    time.Time
	usual   int // records of the last fetch
}

// fetched is what one fetch found: offsets [asked for, next) are covered by records, and gaps between them.
type fetched struct {
	records []Record
	next    int64
	bytes   int
}

// fetchLimits bound one fetch.
type fetchLimits struct {
	wait     time.Duration // how long the broker may wait for a first record
	maxBytes int
}

const headroom = 10 * time.Second // what a fetch may take beyond its wait

// fetch reads what lies at offset off. Nothing there is not an error: next is then off.
func (r *reader) fetch(ctx context.Context, off int64, l fetchLimits) (fetched, error) {
	began := time.Now()
	if err := r.dial(ctx); err != nil {
		return fetched{next: off}, err
	}
	got, err := r.fetchOnce(off, l)
	r.usual = len(got.records)
	early := errors.Is(err, kafka.RequestTimedOut) && time.Since(began) < l.wait*9/10
	switch {
	case err == nil:
	case errors.Is(err, kafka.RequestTimedOut) && !early: // the head of the log
		err = nil
	case early: // the client took records with an older end for none, and left them unread
		r.close()
		err = nil
	default:
		r.close()
		err = fmt.Errorf("fetch from offset %d of %s/%d: %w", off, r.topic, r.partition, err)
	}
	return got, err
}

func (r *reader) fetchOnce(off int64, l fetchLimits) (fetched, error) {
	got := fetched{next: off, records: make([]Record, 0, r.usual)}
	if err := r.conn.SetDeadline(time.Now().Add(l.wait + headroom)); err != nil {
		return got, err
	}
	if _, err := r.conn.Seek(off, kafka.SeekAbsolute|kafka.SeekDontCheck); err != nil {
		return got, err
	}
	b := r.conn.ReadBatchWith(kafka.ReadBatchConfig{MinBytes: 1, MaxBytes: l.maxBytes, MaxWait: l.wait})
	var err error
	for {
		var m kafka.Message
		if m, err = b.ReadMessage(); err != nil {
			break
		}
		if m.Offset < got.next {
			continue // a compressed set may begin before the offset asked for
		}
		got.next = m.Offset + 1
		if marker(m) {
			continue
		}
		got.records = append(got.records, record(m))
		got.bytes += len(m.Key) + len(m.Value)
	}
	if o := b.Offset(); o > got.next {
		got.next = o // a gap compaction left
	}
	high := b.HighWaterMark()
	if cerr := b.Close(); cerr != nil {
		err = cerr
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && got.next > off {
		err = nil // the end of the set, or its last record cut off by the size limit
	}
	if err == nil || errors.Is(err, kafka.RequestTimedOut) {
		r.high = high
	}
	return got, err
}

func record(m kafka.Message) Record {
	r := Record{Offset: m.Offset, Time: m.Time.UnixMilli(), Key: m.Key, Value: m.Value}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, Header{Key: h.Key, Value: h.Value})
	}
	return r
}

// marker tells the end of a transaction from a record, which kafka-go does not.
func marker(m kafka.Message) bool {
	return len(m.Value) == 6 && len(m.Key) == 4 && bytes.HasPrefix(m.Key, []byte{0, 0, 0}) && m.Key[3] <= 1
}

func (r *reader) dial(ctx context.Context) error {
	if r.conn != nil {
		return nil
	}
	d, err := r.cluster.dialer()
	if err != nil {
		return err
	}
	cl, done, err := r.cluster.client()
	if err != nil {
		return err
	}
	defer done()
	parts, err := r.cluster.leaders(ctx, cl, r.topic)
	if err != nil {
		return err
	}
	if int(r.partition) >= len(parts) {
		return fmt.Errorf("find partition %d of topic %q: it has %d: %w", r.partition, r.topic, len(parts), kafka.UnknownTopicOrPartition)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	r.conn, err = d.DialPartition(ctx, "tcp", "", parts[r.partition])
	if err != nil {
		return fmt.Errorf("connect to the leader of %s/%d: %w", r.topic, r.partition, err)
	}
	return nil
}

// bounds asks for the offsets the partition holds, over a connection of its own.
func (r *reader) bounds(ctx context.Context) (ends, error) {
	cl, done, err := r.cluster.client()
	if err != nil {
		return ends{}, err
	}
	defer done()
	var found ends
	p := int(r.partition)
	err = listOffsets(ctx, cl, r.topic, []kafka.OffsetRequest{kafka.FirstOffsetOf(p), kafka.LastOffsetOf(p)}, func(o kafka.PartitionOffsets) {
		found = ends{o.FirstOffset, o.LastOffset}
	})
	return found, err
}

func (r *reader) close() {
	if r.conn != nil {
		r.conn.Close() // nothing was written: there is nothing its error could tell
		r.conn = nil
	}
}

// pool keeps the readers between the bundles of this process.
var pool = struct {
	sync.Mutex
	idle map[string][]*reader
}{idle: map[string][]*reader{}}

const keepIdle = time.Minute

func poolKey(c Cluster, topic string, partition int32) string {
	return fmt.Sprintf("%s\x00%s\x00%d", c.id(), topic, partition)
}

// takeReader yields a reader nobody else uses, connected already if the partition was read a moment ago.
func takeReader(c Cluster, topic string, partition int32) *reader {
	pool.Lock()
	defer pool.Unlock()
	key := poolKey(c, topic, partition)
	if free := pool.idle[key]; len(free) > 0 {
		r := free[len(free)-1]
		pool.idle[key] = free[:len(free)-1]
		return r
	}
	return &reader{cluster: c, topic: topic, partition: partition, high: -1}
}

// giveReader puts a reader back and closes those that were idle for long.
func giveReader(r *reader) {
	pool.Lock()
	defer pool.Unlock()
	r.used = time.Now()
	key := poolKey(r.cluster, r.topic, r.partition)
	pool.idle[key] = append(pool.idle[key], r)
	for key, free := range pool.idle {
		for len(free) > 0 && r.used.Sub(free[0].used) > keepIdle {
			free[0].close()
			free = free[1:]
		}
		pool.idle[key] = free
		if len(free) == 0 {
			delete(pool.idle, key)
		}
	}
}
