package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// Ways to compress record sets. Against none, lz4 doubles the CPU of writing and zstd triples it.
const (
	NoCompression = "none"
	Lz4           = "lz4"
	Snappy        = "snappy"
	Zstd          = "zstd"
	Gzip          = "gzip"
)

var codecs = map[string]kafka.Compression{"": kafka.Lz4, NoCompression: 0, Lz4: kafka.Lz4, Snappy: kafka.Snappy, Zstd: kafka.Zstd, Gzip: kafka.Gzip}

// WriteParams tune the sink; the zero value of each field is its default.
type WriteParams struct {
	Compression string        // lz4
	MaxInFlight int           // records held before they are sent, and so the largest loss of memory; 5,000
	MaxBytes    int           // bytes held before they are sent; 4 MiB
	MaxRecord   int           // bytes of key, value and headers a record may have; 1,000,000, as brokers allow
	Linger      time.Duration // how long a partition's set waits for more records; 2 ms
	Attempts    int           // of one set, with a pause of at most 1 s between; outlives an outage of this many seconds; 60
}

// maxRecord is what brokers take of a record, with some room: they refuse sets of 1,048,588 bytes and more.
const maxRecord = 1_000_000

func (p WriteParams) withDefaults() WriteParams {
	number := func(n *int, preset int) {
		if *n == 0 {
			*n = preset
		}
	}
	number(&p.MaxInFlight, 5000)
	number(&p.MaxBytes, 4<<20)
	number(&p.MaxRecord, maxRecord)
	number(&p.Attempts, 60)
	if p.Linger == 0 {
		p.Linger = 2 * time.Millisecond
	}
	return p
}

// Validate reports everything that is wrong with p.
func (p WriteParams) Validate() error {
	var all []error
	if _, ok := codecs[p.Compression]; !ok {
		all = append(all, fmt.Errorf("unknown compression %q", p.Compression))
	}
	if p.MaxInFlight < 0 || p.MaxBytes < 0 || p.MaxRecord < 0 || p.Linger < 0 || p.Attempts < 0 {
		all = append(all, errors.New("a limit is negative"))
	}
	return errors.Join(all...)
}

// Producer sends records in sets: acknowledged by all replicas, partitioned by key as Java's producer does, in the order
// of Send for one key. It serves one goroutine.
//
// Delivery is at least once: a set whose acknowledgement was lost is sent again.
type Producer struct {
	writer  *kafka.Writer
	line    *line
	params  WriteParams
	pending []kafka.Message
	bytes   int
	sent    int64
}

// ErrTooLarge is returned by Send for a record over WriteParams.MaxRecord; nothing of it was sent.
var ErrTooLarge = errors.New("record too large")

// NewProducer makes a producer; it connects when it first sends.
func NewProducer(c Cluster, p WriteParams) (*Producer, error) {
	if err := errors.Join(c.Validate(), p.Validate()); err != nil {
		return nil, err
	}
	p = p.withDefaults()
	t, err := c.tls()
	if err != nil {
		return nil, err
	}
	m, err := c.sasl()
	if err != nil {
		return nil, err
	}
	l := newLine(&kafka.Transport{ClientID: c.clientID(), DialTimeout: dialTimeout, MetadataTTL: 2 * time.Second, TLS: t, SASL: m})
	return &Producer{params: p, line: l, writer: &kafka.Writer{
		Addr:         kafka.TCP(c.Brokers...),
		Transport:    l,
		Balancer:     kafka.Murmur2Balancer{},
		RequiredAcks: kafka.RequireAll,
		Compression:  codecs[p.Compression],
		BatchSize:    500, // the client allocates this many messages for every set, however few there are
		BatchBytes:   int64(p.MaxRecord + 4096),
		BatchTimeout: p.Linger,
		MaxAttempts:  p.Attempts, WriteBackoffMin: 100 * time.Millisecond, WriteBackoffMax: time.Second,
		ReadTimeout: 15 * time.Second, WriteTimeout: 15 * time.Second,
	}}, nil
}

// Send takes records for a topic; a record's time of 0 is now. It sends all it holds when that is more than the limits.
// Offsets are ignored. The records must not be changed until the next Flush.
//
// Errors: ErrTooLarge, for which the records before it are kept; else those of Flush.
func (p *Producer) Send(ctx context.Context, topic string, records ...Record) error {
	for i := range records {
		r := &records[i]
		size := r.Size()
		if size > p.params.MaxRecord {
			return fmt.Errorf("%w: %d bytes for topic %q, at most %d", ErrTooLarge, size, topic, p.params.MaxRecord)
		}
		m := kafka.Message{Topic: topic, Key: r.Key, Value: r.Value}
		if r.Time != 0 {
			m.Time = time.UnixMilli(r.Time)
		}
		for _, h := range r.Headers {
			m.Headers = append(m.Headers, kafka.Header{Key: h.Key, Value: h.Value})
		}
		p.pending, p.bytes = append(p.pending, m), p.bytes+size
		if len(p.pending) >= p.params.MaxInFlight || p.bytes >= p.params.MaxBytes {
			if err := p.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush returns when every record is acknowledged. After an error all of them are still held: some may have been written.
//
// Errors: an unknown topic, authentication refused, a record the broker refuses, brokers away for longer than the attempts.
func (p *Producer) Flush(ctx context.Context) error {
	if len(p.pending) == 0 {
		return nil
	}
	if err := p.writer.WriteMessages(ctx, p.pending...); err != nil {
		return fmt.Errorf("write %d records to topic %q: %w", len(p.pending), p.pending[0].Topic, first(err))
	}
	p.sent += int64(len(p.pending))
	clear(p.pending)
	p.pending, p.bytes = p.pending[:0], 0
	return nil
}

// first picks the first failure of a set: the client reports one a record, nil for those written.
func first(err error) error {
	var each kafka.WriteErrors
	if !errors.As(err, &each) {
		return err
	}
	for _, e := range each {
		if e != nil {
			return fmt.Errorf("%d of them failed: %w", each.Count(), e)
		}
	}
	return err
}

// Sent counts the acknowledged records.
func (p *Producer) Sent() int64 { return p.sent }

// Discard forgets what was not sent.
func (p *Producer) Discard() {
	clear(p.pending)
	p.pending, p.bytes = p.pending[:0], 0
}

// Close ends the connections; what was not flushed is not sent. Of a Flush that was cut off, the client would go on trying all attempts.
func (p *Producer) Close() error {
	p.line.end()
	err := p.writer.Close()
	p.line.CloseIdleConnections()
	return err
}

// line carries requests until its end.
type line struct {
	*kafka.Transport
	ended context.Context
	end   context.CancelFunc
}

func newLine(t *kafka.Transport) *line {
	ctx, cancel := context.WithCancel(context.Background())
	return &line{t, ctx, cancel}
}

// RoundTrip sends a request and returns its answer; one that carries records gives up when the line ends.
func (l *line) RoundTrip(ctx context.Context, to net.Addr, r kafka.Request) (kafka.Response, error) {
	if r.ApiKey() != protocol.Produce { // the client asks for partitions once a record, and knows them
		return l.Transport.RoundTrip(ctx, to, r)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ended, cancel)()
	return l.Transport.RoundTrip(ctx, to, r)
}

// PartitionOf is the partition of a topic with n partitions that holds the records of a key, by Java's rule.
func PartitionOf(key []byte, n int) int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return kafka.Murmur2Balancer{}.Balance(kafka.Message{Key: key}, all...)
}
