package kafkaio

import (
	"errors"
	"fmt"
	"strconv"
)

// Headers of a dead letter: its key and value are those of the record, byte for byte.
const (
	HeaderReason    = "dlq-reason"
	HeaderDetail    = "dlq-detail" // what exactly; may be absent
	HeaderTopic     = "dlq-topic"
	HeaderPartition = "dlq-partition"
	HeaderOffset    = "dlq-offset"
	HeaderTime      = "dlq-time" // of the record, Unix milliseconds
)

// Letter is a record nobody could use, where it came from and why.
type Letter struct {
	Topic     string
	Partition int32
	Reason    string
	Detail    string
	Record    Record // as it was read
}

// Dead makes the dead letter of record r of batch b. Headers of the record stand behind those of the letter. A value of nil
// stays nil: the topic of dead letters must not be compacted.
func Dead(b Batch, r Record, reason, detail string) Record {
	h := []Header{
		{HeaderReason, []byte(reason)},
		{HeaderTopic, []byte(b.Topic)},
		{HeaderPartition, strconv.AppendInt(nil, int64(b.Partition), 10)},
		{HeaderOffset, strconv.AppendInt(nil, r.Offset, 10)},
		{HeaderTime, strconv.AppendInt(nil, r.Time, 10)},
	}
	if detail != "" {
		h = append(h, Header{HeaderDetail, []byte(detail)})
	}
	return Record{Key: r.Key, Value: r.Value, Headers: append(h, r.Headers...)}
}

// ParseDead is the inverse of Dead.
//
// Errors: a record without the headers of a dead letter.
func ParseDead(r Record) (Letter, error) {
	l := Letter{Record: Record{Key: r.Key, Value: r.Value}}
	found := map[string]string{}
	for _, h := range r.Headers {
		switch h.Key {
		case HeaderReason, HeaderDetail, HeaderTopic, HeaderPartition, HeaderOffset, HeaderTime:
			if _, again := found[h.Key]; !again {
				found[h.Key] = string(h.Value)
				continue
			}
		}
		l.Record.Headers = append(l.Record.Headers, h)
	}
	l.Topic, l.Reason, l.Detail = found[HeaderTopic], found[HeaderReason], found[HeaderDetail]
	p, perr := strconv.ParseInt(found[HeaderPartition], 10, 32)
	o, oerr := strconv.ParseInt(found[HeaderOffset], 10, 64)
	t, terr := strconv.ParseInt(found[HeaderTime], 10, 64)
	if err := errors.Join(perr, oerr, terr); err != nil || l.Topic == "" || l.Reason == "" {
		return Letter{}, fmt.Errorf("read the dead letter at offset %d: no headers of one: %w", r.Offset, err)
	}
	l.Partition, l.Record.Offset, l.Record.Time = int32(p), o, t
	return l, nil
}
