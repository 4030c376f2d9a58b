package sgns

import (
	"context"

	"segue/transforms/algo/vec"
)

const (
	portionEntries = 1 << 21 // entries whose pairs are held at once: about 10 pairs of 8 bytes each
	pieceEntries   = 1 << 15 // entries whose pairs are drawn by one generator
)

// blocks trains in the deterministic mode.
func (t *training) blocks(ctx context.Context) error {
	b := blockwise{training: t, workers: make([]worker, t.layout.blocks)}
	for a := range b.workers {
		b.workers[a].step = newStep(t, chunkPairs)
	}
	total := 0
	for p := range t.Playlists.Rows() {
		total += t.entries(int32(p))
	}
	b.total = float64(total) * float64(t.p.Epochs)
	var order []int32
	for epoch := range t.p.Epochs {
		order = t.epochOrder(order, epoch)
		for len(order) > 0 {
			if err := b.portion(ctx, &order); err != nil {
				return err
			}
		}
	}
	return nil
}

// blockwise is a run of the deterministic mode.
type blockwise struct {
	*training
	pieces   []piece
	workers  []worker // by block of the context
	portions int      // done
	entries  float64  // done
	total    float64
}

// worker trains one bucket at a time.
type worker struct {
	step   *step
	sorted sorted
}

// portion trains the next playlists of an epoch and takes them off order.
func (b *blockwise) portion(ctx context.Context, order *[]int32) error {
	lists, entries := b.cut(order)
	for len(b.pieces) < len(lists) {
		b.pieces = append(b.pieces, piece{})
	}
	vec.Each(len(lists), func(i int) {
		b.pieces[i].fill(b.training, lists[i], newRandom(b.Seed, 2, b.portions, i))
	})
	s := b.layout.blocks
	for round := range s {
		rate := b.rate((b.entries + float64(entries)*float64(round)/float64(s)) / b.total)
		vec.Each(s, func(a int) {
			if ctx.Err() == nil {
				b.bucket(a, round, rate, len(lists))
			}
		})
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	b.portions++
	b.entries += float64(entries)
	return nil
}

// cut takes a portion off order, in pieces, and returns its entries.
func (b *blockwise) cut(order *[]int32) (lists [][]int32, entries int) {
	rest := *order
	for len(rest) > 0 && entries < portionEntries {
		n, sum := 0, 0
		for n < len(rest) && sum < pieceEntries {
			sum += b.training.entries(rest[n])
			n++
		}
		lists, rest, entries = append(lists, rest[:n]), rest[n:], entries+sum
	}
	*order = rest
	return lists, entries
}

// bucket trains the pairs whose contexts are in block a and whose centres are in block a + round.
func (b *blockwise) bucket(a, round int, rate float32, pieces int) {
	w, s := &b.workers[a], b.layout.blocks
	centres := (a + round) % s
	w.sorted.load(b.pieces[:pieces], a*s+centres, b.layout.size)
	r := newRandom(b.Seed, 3, b.portions, a*s+centres)
	shuffle(&r, w.sorted.chunks)
	first := int32(centres * b.layout.size)
	for _, c := range w.sorted.chunks {
		w.step.negatives(&r, b.noise[centres], first, first+c.centre)
		w.step.update(w.sorted.contexts[c.at:c.at+c.n], rate)
	}
}
