package kafkaio

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// Clock reads the event time of a record in Unix milliseconds; false where it has none that can be believed.
type Clock func(Record) (int64, bool)

var clocks = struct {
	sync.RWMutex
	byName map[string]Clock
}{byName: map[string]Clock{"": func(r Record) (int64, bool) { return r.Time, r.Time > 0 }}}

// RegisterClock gives a clock the name under which ReadParams asks for it on every worker. Call it from init.
// The clock named "" is the time of the Kafka record.
func RegisterClock(name string, c Clock) {
	clocks.Lock()
	defer clocks.Unlock()
	if _, taken := clocks.byName[name]; taken {
		panic(fmt.Sprintf("kafkaio.RegisterClock: %q is taken", name))
	}
	clocks.byName[name] = c
}

func clockNamed(name string) (Clock, error) {
	clocks.RLock()
	defer clocks.RUnlock()
	c, ok := clocks.byName[name]
	if !ok {
		return nil, fmt.Errorf("no clock is registered as %q", name)
	}
	return c, nil
}

// watermark estimates that no event older than itself is still to come: the newest event seen − disorder. It never falls,
// and an event in the future does not move it past now.
type watermark struct {
	ms       int64 // Unix milliseconds
	disorder int64
}

const noWatermark = math.MinInt64 / 2 // before any event; a whole disorder can be taken off it

// CurrentWatermark yields the estimate.
func (w *watermark) CurrentWatermark() time.Time {
	return time.UnixMilli(max(w.ms, minTimeMs))
}

// minTimeMs and maxTimeMs are the ends of Beam's time.
const (
	minTimeMs = math.MinInt64 / 1000
	maxTimeMs = math.MaxInt64 / 1000
)

func (w *watermark) observe(newest, now int64) {
	w.ms = max(w.ms, min(newest, now)-w.disorder)
}

// idle is told that at time now nothing was left unread: an event yet to come is at most disorder late.
func (w *watermark) idle(now int64) { w.ms = max(w.ms, now-w.disorder) }
