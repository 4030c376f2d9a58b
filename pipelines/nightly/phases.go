package nightly

import (
	"sync"
	"time"

	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// phaseClock is the work.Progress of one stage: it notes how long the phases take, and passes on what it is told. Safe for concurrent use.
type phaseClock struct {
	next work.Progress // nil = none
	now  func() time.Time

	mu     sync.Mutex
	phases []lake.PhaseRecord
	began  time.Time // the last of them
}

func (c *phaseClock) Start(stage, phase string, items int) {
	c.mu.Lock()
	c.close()
	c.phases = append(c.phases, lake.PhaseRecord{Phase: phase, Items: items})
	c.mu.Unlock()
	if c.next != nil {
		c.next.Start(stage, phase, items)
	}
}

func (c *phaseClock) Done(stage, phase string, items int) {
	if c.next != nil {
		c.next.Done(stage, phase, items)
	}
}

func (c *phaseClock) End(stage string, seconds float64) {
	if c.next != nil {
		c.next.End(stage, seconds)
	}
}

// ended returns the phases of the stage, which ends now.
func (c *phaseClock) ended() []lake.PhaseRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.close()
	return c.phases
}

// close ends the phase that is open.
func (c *phaseClock) close() {
	now := c.now()
	if last := len(c.phases) - 1; last >= 0 {
		c.phases[last].Seconds = now.Sub(c.began).Seconds()
	}
	c.began = now
}
