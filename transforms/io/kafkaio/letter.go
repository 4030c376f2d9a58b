package kafkaio

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Headers of a dead letter: its key and value are those of the record, byte for byte where they fit.
const (
	HeaderReason    = "dlq-reason"
	HeaderDetail    = "dlq-detail" // what exactly, and what was left out; may be absent
	HeaderTopic     = "dlq-topic"
	HeaderPartition = "dlq-partition"
	HeaderOffset    = "dlq-offset"
	HeaderTime      = "dlq-time" // of the record, Unix milliseconds
)

// HeaderFirst is the header of a record that was sent again, and so of its letters, should it be refused again: where it stood
// when it was first refused, see Place.
const HeaderFirst = "dlq-first"

// Place is where a record stands.
type Place struct {
	Topic     string
	Partition int32
	Offset    int64
}

// String is topic/partition/offset.
func (p Place) String() string { return fmt.Sprintf("%s/%d/%d", p.Topic, p.Partition, p.Offset) }

// longestPlace bounds a place's text: names of topics have at most 249 bytes.
const longestPlace = 300

func parsePlace(text string) (Place, bool) {
	part := strings.Split(text, "/")
	if len(text) > longestPlace || len(part) != 3 || part[0] == "" {
		return Place{}, false
	}
	partition, perr := strconv.ParseInt(part[1], 10, 32)
	offset, oerr := strconv.ParseInt(part[2], 10, 64)
	return Place{part[0], int32(partition), offset}, perr == nil && oerr == nil
}

// firstOf finds the header that says where a record stood first.
func firstOf(headers []Header) (Header, Place, bool) {
	for _, h := range headers {
		if h.Key != HeaderFirst {
			continue
		}
		if p, ok := parsePlace(string(h.Value)); ok {
			return h, p, true
		}
	}
	return Header{}, Place{}, false
}

// Letter is a record nobody could use, where it came from and why.
type Letter struct {
	Topic     string
	Partition int32
	Reason    string
	Detail    string
	First     Place  // where the record was first refused; it differs from where it came from when it was sent again
	Record    Record // as it was read
}

// Again returns the record to be sent to the topic once more; its next letter, if it gets one, has the same First.
func (l *Letter) Again() Record {
	r := Record{Key: l.Record.Key, Value: l.Record.Value, Headers: l.Record.Headers}
	if _, _, ok := firstOf(r.Headers); !ok {
		r.Headers = append(r.Headers[:len(r.Headers):len(r.Headers)], Header{HeaderFirst, []byte(l.First.String())})
	}
	return r
}

// Dead makes the dead letter of record r of batch b. Headers of the record stand behind those of the letter. A value of nil
// stays nil: the topic of dead letters must not be compacted. A letter that would be more than brokers take lacks the record's
// headers but HeaderFirst, and where that is not enough the ends of value and key; its detail says so.
func Dead(b Batch, r Record, reason, detail string) Record {
	r, cut := fit(r)
	h := []Header{
		{HeaderReason, []byte(reason)},
		{HeaderTopic, []byte(b.Topic)},
		{HeaderPartition, strconv.AppendInt(nil, int64(b.Partition), 10)},
		{HeaderOffset, strconv.AppendInt(nil, r.Offset, 10)},
		{HeaderTime, strconv.AppendInt(nil, r.Time, 10)},
	}
	if detail != "" {
		cut = append([]string{detail}, cut...)
	}
	if len(cut) > 0 {
		h = append(h, Header{HeaderDetail, []byte(strings.Join(cut, "; "))})
	}
	return Record{Key: r.Key, Value: r.Value, Headers: append(h, r.Headers...)}
}

// maxLetter is what a letter keeps of a record; the rest of maxRecord is for the headers of letters, which have an end.
const maxLetter = maxRecord - 10_000

// fit leaves out of a record what its letter has no room for, and says what.
func fit(r Record) (Record, []string) {
	if r.Size() <= maxLetter {
		return r, nil
	}
	var told []string
	first, _, sentAgain := firstOf(r.Headers)
	if n := len(r.Headers); n > 1 || n == 1 && !sentAgain {
		told = append(told, fmt.Sprintf("headers of %d bytes left out", sizeOf(r.Headers)))
		r.Headers = nil
		if sentAgain {
			r.Headers = []Header{first}
		}
	}
	room := maxLetter - sizeOf(r.Headers)
	key := min(len(r.Key), max(room/2, room-len(r.Value))) // of a long key and a long value, each keeps half of the room at least
	value := min(len(r.Value), room-key)
	if value < len(r.Value) {
		told = append(told, fmt.Sprintf("value of %d bytes, cut to %d", len(r.Value), value))
		r.Value = r.Value[:value]
	}
	if key < len(r.Key) {
		told = append(told, fmt.Sprintf("key of %d bytes, cut to %d", len(r.Key), key))
		r.Key = r.Key[:key]
	}
	return r, told
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
	if errors.Join(perr, oerr, terr) != nil || l.Topic == "" || l.Reason == "" {
		return Letter{}, fmt.Errorf("read the dead letter at offset %d: it lacks the headers of one", r.Offset)
	}
	l.Partition, l.Record.Offset, l.Record.Time = int32(p), o, t
	l.First = Place{l.Topic, l.Partition, o}
	if _, first, ok := firstOf(l.Record.Headers); ok {
		l.First = first
	}
	return l, nil
}
