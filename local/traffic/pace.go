package traffic

import (
	"context"
	"fmt"
	"time"
)

// Pace says how fast records are sent. With neither limit they go as fast as they are taken.
type Pace struct {
	Rate  float64 // records a second at most; 0 = no limit
	Speed float64 // seconds of the world a second at most; 0 = no limit
}

// tick is how often records that have become due are sent, in sets.
const tick = 10 * time.Millisecond

// maxSet bounds the records given to send at once.
const maxSet = 1000

// dueAt returns how long after the start record i goes.
func (p Pace) dueAt(i int, r *Record) (at time.Duration) {
	if p.Rate > 0 {
		at = time.Duration(float64(i) / p.Rate * float64(time.Second))
	}
	if p.Speed > 0 {
		at = max(at, time.Duration(float64(r.Due)/p.Speed))
	}
	return at
}

// Send gives the records to send, in order, in sets of at most a thousand that are due together. It returns how many were given,
// and the error of send or of ctx that stopped it.
func (p *Plan) Send(ctx context.Context, pace Pace, send func(context.Context, []Record) error) (sent int, err error) {
	start := time.Now()
	for sent < len(p.Records) {
		if err := wait(ctx, pace.dueAt(sent, &p.Records[sent])-time.Since(start)); err != nil {
			return sent, err
		}
		to, until := sent+1, time.Since(start)
		for to < len(p.Records) && to-sent < maxSet && pace.dueAt(to, &p.Records[to]) <= until {
			to++
		}
		if err := send(ctx, p.Records[sent:to]); err != nil {
			return sent, fmt.Errorf("send records %d to %d: %w", sent, to-1, err)
		}
		sent = to
	}
	return sent, nil
}

// wait waits for d rounded up to whole ticks.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer((d + tick - 1).Truncate(tick))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
