package vec

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// BlockShift and BlockRows fix the blocks of rows that sums are cut into: work items are unions of whole blocks.
const (
	BlockShift = 13
	BlockRows  = 1 << BlockShift
)

// Blocks returns how many blocks n rows make.
func Blocks(n int) int { return (n + BlockRows - 1) / BlockRows }

// Block returns the rows [lo, hi) of block b of n rows.
func Block(b, n int) (lo, hi int) { return b * BlockRows, min((b+1)*BlockRows, n) }

// SumPairwise adds vectors of equal length, neighbours first, then neighbours of the sums; nil for none.
// The first of each pair is overwritten. Pairs depend on the number of vectors alone.
func SumPairwise(parts [][]float64) []float64 {
	if len(parts) == 0 {
		return nil
	}
	parts = append([][]float64(nil), parts...)
	for len(parts) > 1 {
		half := parts[:0]
		for i := 0; i < len(parts); i += 2 {
			if i+1 < len(parts) {
				for k, v := range parts[i+1] {
					parts[i][k] += v
				}
			}
			half = append(half, parts[i])
		}
		parts = half
	}
	return parts[0]
}

// Each calls f(i) for i in [0, n) on all cores. Calls must not depend on one another. A panic of one is the caller's, with its stack.
func Each(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var failed atomic.Value
	for range workers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					failed.CompareAndSwap(nil, fmt.Sprintf("%v\n%s", p, debug.Stack()))
				}
			}()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	if wg.Wait(); failed.Load() != nil {
		panic(failed.Load())
	}
}
