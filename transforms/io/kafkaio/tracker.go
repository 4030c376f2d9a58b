package kafkaio

import (
	"errors"
	"fmt"
	"math"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/rtrackers/offsetrange"
)

// claim asks for all offsets up to and including Last; the tracker lowers Last to what is left of the restriction.
type claim struct{ Last int64 }

// spanTracker tracks a range of offsets that is claimed in runs. The SDK's tracker claims single offsets: a batch that
// reaches over the end of a restriction would be refused as a whole, and its head lost.
//
// It splits only where the claimed part ends (a checkpoint): one partition has one reader.
type spanTracker struct {
	rest offsetrange.Restriction
	done int64 // last claimed offset; start − 1 at first
	high int64 // known end of the partition, for progress; −1 = unknown
	err  error
}

func newSpanTracker(rest offsetrange.Restriction, high int64) *spanTracker {
	return &spanTracker{rest: rest, done: rest.Start - 1, high: high}
}

// TryClaim claims the run of a *claim behind what is claimed already.
func (t *spanTracker) TryClaim(pos any) bool {
	c, ok := pos.(*claim)
	switch {
	case !ok:
		t.err = fmt.Errorf("claim of type %T, want a run of offsets", pos)
		return false
	case t.done+1 >= t.rest.End:
		return false
	case c.Last <= t.done:
		t.err = fmt.Errorf("claim up to offset %d, behind the claimed %d", c.Last, t.done)
		return false
	}
	c.Last = min(c.Last, t.rest.End-1)
	t.done = c.Last
	return true
}

// GetError yields why a claim failed, if by misuse.
func (t *spanTracker) GetError() error { return t.err }

// TrySplit cuts off all that is unclaimed at a fraction of 0, and nothing at any other.
func (t *spanTracker) TrySplit(fraction float64) (primary, residual any, err error) {
	if fraction < 0 || math.IsNaN(fraction) {
		return nil, nil, errors.New("split at a negative fraction")
	}
	if fraction > 0 || t.IsDone() {
		return t.rest, nil, nil
	}
	residual = offsetrange.Restriction{Start: t.done + 1, End: t.rest.End}
	t.rest.End = t.done + 1
	return t.rest, residual, nil
}

// GetProgress counts offsets; of an endless range what is known to be there.
func (t *spanTracker) GetProgress() (done, remaining float64) {
	end := t.rest.End
	if end == NoStop {
		end = max(t.high, t.done+1)
	}
	return float64(t.done + 1 - t.rest.Start), float64(end - t.done - 1)
}

// IsDone reports that nothing is left to claim.
func (t *spanTracker) IsDone() bool { return t.err == nil && t.done+1 >= t.rest.End }

// GetRestriction yields the offsets the tracker still stands for.
func (t *spanTracker) GetRestriction() any { return t.rest }

// IsBounded reports whether the range has an end.
func (t *spanTracker) IsBounded() bool { return t.rest.End != NoStop }
