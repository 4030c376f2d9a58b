package work

import (
	"context"
	"sync"
)

// seat is the slot of an item at work, which lends it while the disk writes what it made.
type seat struct {
	mu   sync.Mutex
	lent bool
}

// wait calls f without the slot. Of calls side by side one lends it.
func (s *seat) wait(f func() error) error {
	if !s.lend() {
		return f()
	}
	defer s.back()
	return f()
}

func (s *seat) lend() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lent {
		return false
	}
	s.lent = true
	slots().Release(1)
	return true
}

// back waits for a slot, also of an item that is to end: it gives one back then.
func (s *seat) back() {
	_ = slots().Acquire(context.Background(), 1) // fails by its context alone
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lent = false
}
