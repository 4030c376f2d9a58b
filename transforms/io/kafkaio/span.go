package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// NoStop as the Stop of a span reads on for ever.
const NoStop int64 = math.MaxInt64

// Span is what is to be read of one partition: offsets [Start, Stop).
type Span struct {
	Topic     string
	Partition int32
	Start     int64
	Stop      int64 // NoStop = on and on
}

// Position says where in every partition of a topic to start or to stop.
type Position struct {
	kind    string
	time    time.Time
	group   string
	offsets map[int32]int64
}

// Earliest is the oldest record still there.
func Earliest() Position { return Position{kind: "earliest"} }

// Latest is behind the newest record at the time of asking; as a stop, everything that is there now is read.
func Latest() Position { return Position{kind: "latest"} }

// At is the first record whose time is not before t; behind the newest where there is none.
func At(t time.Time) Position { return Position{kind: "time", time: t} }

// Committed is where a consumer group stands; the oldest record where it has committed nothing.
func Committed(group string) Position { return Position{kind: "committed", group: group} }

// Offsets gives the position by partition; partitions without an entry start at the oldest record and stop at the newest.
func Offsets(byPartition map[int32]int64) Position {
	return Position{kind: "offsets", offsets: byPartition}
}

// Never is the stop of a pipeline that runs on.
func Never() Position { return Position{kind: "never"} }

// ParsePosition reads earliest, latest, committed:GROUP, an RFC 3339 instant, or offsets as 0=17,1=20.
func ParsePosition(s string) (Position, error) {
	switch {
	case s == "earliest":
		return Earliest(), nil
	case s == "latest":
		return Latest(), nil
	case strings.HasPrefix(s, "committed:") && len(s) > len("committed:"):
		return Committed(strings.TrimPrefix(s, "committed:")), nil
	case strings.Contains(s, "="):
		offsets, err := parseOffsets(s)
		return Offsets(offsets), err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Position{}, fmt.Errorf("position %q: want earliest, latest, committed:GROUP, an instant as 2026-03-22T00:00:00Z, or offsets as 0=17,1=20", s)
	}
	return At(t), nil
}

// ErrPosition says that a position names a partition the topic does not have.
var ErrPosition = errors.New("no such partition")

func parseOffsets(s string) (map[int32]int64, error) {
	out := map[int32]int64{}
	for pair := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(pair, "=")
		p, perr := strconv.ParseInt(strings.TrimSpace(name), 10, 32)
		o, oerr := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if perr != nil || oerr != nil || p < 0 || o < 0 {
			return nil, fmt.Errorf("offset %q: want partition=offset", pair)
		}
		out[int32(p)] = o
	}
	return out, nil
}

// Spans asks the brokers what of each partition lies between two positions, so that a pipeline reads the same records
// however often it is started again from its graph.
//
// Errors, within seconds: no broker answers, authentication refused, unknown topic, an explicit offset that is gone or not
// there yet, a committed offset beyond the end (the topic was made anew).
func Spans(ctx context.Context, c Cluster, topic string, from, to Position) ([]Span, error) {
	spans, err := findSpans(ctx, c, topic, from, to)
	if err != nil {
		return nil, fmt.Errorf("plan the reading of topic %q: %w", topic, err)
	}
	return spans, nil
}

func findSpans(ctx context.Context, c Cluster, topic string, from, to Position) ([]Span, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	cl, done, err := c.client()
	if err != nil {
		return nil, err
	}
	defer done()
	parts, err := c.leaders(ctx, cl, topic)
	if err != nil {
		return nil, err
	}
	ends, err := endsOf(ctx, cl, topic, len(parts))
	if err != nil {
		return nil, err
	}
	starts, err := from.resolve(ctx, cl, topic, ends, true)
	if err != nil {
		return nil, err
	}
	stops, err := to.resolve(ctx, cl, topic, ends, false)
	if err != nil {
		return nil, err
	}
	spans := make([]Span, len(parts))
	for p := range parts {
		spans[p] = Span{Topic: topic, Partition: int32(p), Start: starts[p], Stop: max(starts[p], stops[p])}
		if starts[p] < ends[p].first || starts[p] > ends[p].last {
			return nil, fmt.Errorf("partition %d: start at offset %d, but it holds [%d, %d): records were deleted, or the topic was made anew",
				p, starts[p], ends[p].first, ends[p].last)
		}
	}
	return spans, nil
}

// ends are the oldest offset of a partition and the one behind its newest.
type ends struct{ first, last int64 }

func endsOf(ctx context.Context, cl *kafka.Client, topic string, n int) ([]ends, error) {
	var requests []kafka.OffsetRequest
	for p := range n {
		requests = append(requests, kafka.FirstOffsetOf(p), kafka.LastOffsetOf(p))
	}
	out := make([]ends, n)
	return out, listOffsets(ctx, cl, topic, requests, func(p kafka.PartitionOffsets) {
		out[p.Partition] = ends{p.FirstOffset, p.LastOffset}
	})
}

func listOffsets(ctx context.Context, cl *kafka.Client, topic string, requests []kafka.OffsetRequest, got func(kafka.PartitionOffsets)) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	res, err := cl.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: requests}})
	if err != nil {
		return fmt.Errorf("list offsets of topic %q: %w", topic, err)
	}
	for _, p := range res.Topics[topic] {
		if p.Error != nil {
			return fmt.Errorf("list offsets of partition %d of topic %q: %w", p.Partition, topic, p.Error)
		}
		got(p)
	}
	return nil
}

// resolve turns a position into one offset a partition.
func (p Position) resolve(ctx context.Context, cl *kafka.Client, topic string, bounds []ends, start bool) ([]int64, error) {
	out := make([]int64, len(bounds))
	for i, b := range bounds {
		out[i] = b.last
		if start && p.kind != "latest" && p.kind != "time" || p.kind == "earliest" {
			out[i] = b.first
		}
	}
	switch p.kind {
	case "earliest", "latest":
		return out, nil
	case "never":
		for i := range out {
			out[i] = NoStop
		}
		return out, nil
	case "time":
		return out, p.byTime(ctx, cl, topic, out)
	case "committed":
		return out, p.byGroup(ctx, cl, topic, out)
	case "offsets":
		for part, o := range p.offsets {
			if int(part) >= len(out) {
				return nil, fmt.Errorf("%w: an offset is given for partition %d, the topic has %d", ErrPosition, part, len(out))
			}
			out[part] = o
		}
		return out, nil
	}
	return nil, errors.New("no position given")
}

func (p Position) byTime(ctx context.Context, cl *kafka.Client, topic string, out []int64) error {
	var requests []kafka.OffsetRequest
	for i := range out {
		requests = append(requests, kafka.TimeOffsetOf(i, p.time))
	}
	return listOffsets(ctx, cl, topic, requests, func(found kafka.PartitionOffsets) {
		for o := range found.Offsets {
			if o >= 0 { // −1: no record is that young
				out[found.Partition] = o
			}
		}
	})
}

func (p Position) byGroup(ctx context.Context, cl *kafka.Client, topic string, out []int64) error {
	committed, err := fetchCommitted(ctx, cl, p.group, topic, len(out))
	if err != nil {
		return err
	}
	for i, o := range committed {
		if o >= 0 {
			out[i] = o
		}
	}
	return nil
}
