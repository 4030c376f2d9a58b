package sessions

import (
	"errors"
	"fmt"
	"slices"

	"segue/transforms/algo/playjson"
)

// Record is one record of the topic.
type Record struct {
	Offset     int64
	ProducedMs int64 // milliseconds since 1970
	Key, Value []byte
}

// Batch holds the records of a shard among offsets (Previous, Last] of its partition: none of them is missing, and Records,
// which ascend, may be empty.
type Batch struct {
	Previous, Last int64
	Records        []Record
}

// Decoder turns a record into an event or says why it is none; *playjson.Decoder is one.
type Decoder interface {
	Decode(key, value []byte, producedMs int64, e *playjson.Event) playjson.Reason
}

// Seen is what became of one record. Event and Record hold until the function they are given to returns.
type Seen struct {
	Record  *Record
	Event   *playjson.Event // nil when Reason is not ""
	Reason  playjson.Reason // why it is a dead letter; "" = it is sound
	Outcome Outcome         // of a sound one
}

// ErrParked says that too many batches wait for one that does not come.
var ErrParked = errors.New("too many batches wait for an earlier one")

// maxParked bounds the batches that wait.
const maxParked = 4096

// Counts tell what became of all records and batches of a shard since it was made: In = Applied + Late + Duplicates + Dead.
type Counts struct {
	In, Applied, Late, Duplicates, Dead int64
	Again                               int64 // records left out, having been applied before
	UnknownFields                       int64
	Forgotten                           int64 // listeners dropped after the idle time
}

// Apply takes a batch in the order of the chain: one that starts after the applied offset waits for those between, of one
// that starts before it only the rest counts. see is called for each record that had not been applied, in order of offset.
//
// Errors: ErrParked; the batch is then not taken.
func (s *Shard) Apply(b Batch, see func(Seen)) error {
	switch {
	case b.Last <= s.applied:
		s.counts.Again += int64(len(b.Records))
		return nil
	case b.Previous > s.applied:
		return s.park(b)
	}
	s.take(&b, see)
	for {
		i := slices.IndexFunc(s.parked, func(b Batch) bool { return b.Previous <= s.applied })
		if i < 0 {
			return nil
		}
		next := s.parked[i]
		s.parked = slices.Delete(s.parked, i, i+1)
		if next.Last <= s.applied {
			s.counts.Again += int64(len(next.Records))
			continue
		}
		s.take(&next, see)
	}
}

// Waiting returns how many batches wait for an earlier one.
func (s *Shard) Waiting() int { return len(s.parked) }

func (s *Shard) park(b Batch) error {
	if len(s.parked) >= maxParked {
		return fmt.Errorf("apply batch (%d, %d] after offset %d: %w", b.Previous, b.Last, s.applied, ErrParked)
	}
	s.parked = append(s.parked, b)
	return nil
}

// take applies the part of a batch after the applied offset.
func (s *Shard) take(b *Batch, see func(Seen)) {
	for i := range b.Records {
		rec := &b.Records[i]
		if rec.Offset <= s.applied {
			s.counts.Again++
			continue
		}
		s.counts.In++
		seen := Seen{Record: rec, Event: &s.event}
		if seen.Reason = s.decoder.Decode(rec.Key, rec.Value, rec.ProducedMs, &s.event); seen.Reason != "" {
			s.counts.Dead++
			seen.Event = nil
		} else {
			seen.Outcome = s.add(rec)
		}
		if see != nil {
			see(seen)
		}
	}
	s.applied = b.Last
}
