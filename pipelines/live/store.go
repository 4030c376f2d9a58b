package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// retryEvery is the time between two attempts to save while the store is away.
const retryEvery = time.Second

// maxBuffered is how many plays of a lane, about 140 bytes each, wait for a store that is away before the lane takes no more.
const maxBuffered = 16 * maxWaiting

// store is how a lane gets on with the store it saves to. The zero value is one that answers.
type store struct {
	mu    sync.Mutex
	since time.Time     // of the first of the errors in a row; zero = the last save was well
	next  time.Time     // when to try again
	full  chan struct{} // closed when there is room again; nil = there is
}

// outages counts the lanes of this process that wait for the store: the first of them warns.
var outages atomic.Int64

// lasting are errors that waiting does not mend.
var lasting = []error{archive.ErrFenced, archive.ErrGone, lake.ErrDenied, lake.ErrNoBucket, lake.ErrUnfit}

// away takes an error of a save after which so many plays wait. It returns nil while the store is waited for.
func (s *store) away(err error, patience time.Duration, waiting int) error {
	if slices.ContainsFunc(lasting, func(l error) bool { return errors.Is(err, l) }) {
		return err
	}
	now := time.Now()
	s.mu.Lock()
	first := s.since.IsZero()
	if first {
		s.since = now
	}
	took := now.Sub(s.since)
	s.next = now.Add(retryEvery)
	if waiting >= maxBuffered && s.full == nil {
		s.full = make(chan struct{})
	}
	s.mu.Unlock()
	tell := first && outages.Add(1) == 1
	switch {
	case took >= patience:
		return fmt.Errorf("the store was waited for, %v: %w", took.Round(time.Second), err)
	case tell:
		slog.Warn("the store does not take what is to be saved; it is tried again, and nothing is lost", "for", patience, "error", err)
	}
	return nil
}

// back notes that the store answers, or that nothing waits for it any more.
func (s *store) back() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.since.IsZero() {
		outages.Add(-1)
	}
	s.since, s.next = time.Time{}, time.Time{}
	if s.full != nil {
		close(s.full)
		s.full = nil
	}
}

// owed reports whether a save that failed is to be tried again, and whether it is time.
func (s *store) owed(now time.Time) (owed, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.since.IsZero(), !now.Before(s.next)
}

// room waits until plays that come can be kept.
func (s *store) room(ctx context.Context) error {
	s.mu.Lock()
	full := s.full
	s.mu.Unlock()
	if full == nil {
		return nil
	}
	select {
	case <-full:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
