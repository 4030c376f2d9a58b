package parquetio

import (
	"container/heap"
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"
)

// stretch is rows of one file that come one after another in the table's order.
type stretch struct{ file, rows int }

// lane carries stretches to a column that follows those of the order.
type lane chan []stretch

const (
	laneRows = 1 << 16 // are handed on together, or somewhat more
	laneRoom = 2       // times a column may lag behind by
)

// drain hashes all rows in order and checks it.
func (m *merge) drain(ctx context.Context, to sums) (rows int64, err error) {
	g, ctx := errgroup.WithContext(ctx)
	var lanes lanes
	for i := range to {
		if first := m.opened[0]; !slices.Contains(first.order, first.leaves[i]) {
			l := make(lane, laneRoom)
			lanes = append(lanes, l)
			g.Go(func() error { return m.follow(ctx, i, l, &to[i]) })
		}
	}
	g.Go(func() error {
		h := hand{ctx: ctx, lanes: lanes}
		n, err := m.lead(ctx, to, h.take)
		if err == nil {
			err = h.give()
		}
		if rows = n; err == nil { // else columns end by ctx, without a look at what they lack
			lanes.close()
		}
		return err
	})
	err = g.Wait()
	return rows, err
}

// lanes are those of all columns that follow.
type lanes []lane

func (l lanes) close() {
	for _, lane := range l {
		close(lane)
	}
}

// hand gathers stretches for all lanes.
type hand struct {
	ctx   context.Context
	lanes lanes
	held  []stretch
	rows  int
}

func (h *hand) take(s stretch) error {
	if n := len(h.held); n > 0 && h.held[n-1].file == s.file {
		h.held[n-1].rows += s.rows
	} else {
		h.held = append(h.held, s)
	}
	if h.rows += s.rows; h.rows < laneRows {
		return nil
	}
	return h.give()
}

func (h *hand) give() error {
	for _, lane := range h.lanes {
		select {
		case lane <- h.held:
		case <-h.ctx.Done():
			return context.Cause(h.ctx)
		}
	}
	h.held, h.rows = nil, 0
	return nil
}

// lead hashes the columns of the order, checks it, and gives use all rows, stretch by stretch.
func (m *merge) lead(ctx context.Context, to sums, use func(stretch) error) (rows int64, err error) {
	var last []byte
	for m.Len() > 0 && err == nil {
		c, second := m.cursors[0], m.second()
		for first := true; err == nil && (first || second == nil || c.before(second)); first = false {
			n := c.ahead(second)
			if err := c.follows(last, n, rows); err != nil {
				return rows, err
			}
			last = c.keyOf(last[:0], n-1)
			for _, l := range c.order {
				l.take(n, &to[l.place])
			}
			c.seen, rows = c.seen+int64(n), rows+int64(n)
			if err = use(stretch{c.place, n}); err == nil {
				err = c.next(ctx)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			heap.Pop(m)
			err = nil
		case err == nil:
			heap.Fix(m, 0)
		}
	}
	return rows, err
}

// follow hashes a column of all files.
func (m *merge) follow(ctx context.Context, column int, in lane, to *columnSum) error {
	for open := true; open; {
		var stretches []stretch
		select {
		case stretches, open = <-in:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for _, s := range stretches {
			if err := m.opened[s.file].take(ctx, column, s.rows, to); err != nil {
				return err
			}
		}
	}
	for _, c := range m.opened {
		if err := c.ready(ctx, c.leaves[column]); err == nil {
			return c.short(1)
		} else if !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// take adds what a column holds in the next rows to its sum.
func (c *cursor) take(ctx context.Context, column, rows int, to *columnSum) error {
	l := c.leaves[column]
	for rows > 0 {
		switch err := c.ready(ctx, l); {
		case errors.Is(err, io.EOF):
			return c.short(1)
		case err != nil:
			return err
		}
		n := min(rows, l.rows)
		l.take(n, to)
		rows -= n
	}
	if l.left > 0 {
		return nil
	}
	if err := c.ready(ctx, l); !errors.Is(err, io.EOF) { // lets go of what it holds of the file
		return err
	}
	return nil
}
