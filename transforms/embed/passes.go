package embed

import (
	"context"
	"fmt"

	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[startFn, gramFn, partItem, piece, outcome]()
	work.Register[gatherFn, gramFn, partItem, piece, outcome]()
	work.Register[multiplyFn, gramFn, partItem, piece, outcome]()
}

// startFn fills one part of B with pseudo-random numbers.
type startFn struct {
	Phase string
	Width int
	Keys  lake.FileRef
}

// Do writes the part and its Gram matrix.
func (f startFn) Do(ctx context.Context, env *work.Env, item partItem) ([]work.Keyed[piece], error) {
	var a npy.Arrays
	defer a.Close()
	stored := npy.Load[int64](ctx, &a, env.Scratch, f.Keys)
	if a.Err() != nil {
		return nil, a.Err()
	}
	keys := make([]uint64, item.Hi-item.Lo)
	for i := range keys {
		keys[i] = uint64(stored[item.Lo+i])
	}
	out := make([]float32, len(keys)*f.Width)
	svd.Start(out, keys, f.Width)
	return computed{out, gramOf(out, f.Width, nil)}.write(ctx, env, f.Phase, item)
}

// Reductions of a pass.
const (
	reduceGram = "gram" // Gram matrix of the result
	reduceNorm = "norm" // sum of its squares
)

// gatherFn computes one part of Y = X·B or B = X'·Y.
type gatherFn struct {
	Phase        string
	Start, Items lake.FileRef // rows of X or of X'
	Limit        int          // columns of it that take part
	In           tallFiles
	Outer, Inner lake.FileRef // factors of rows and columns
	Weights      lake.FileRef // rows of factor 0 here are left out of the reduction; empty = none
	Reduce       string
}

// Do writes the part and what the next phase needs of it.
func (f gatherFn) Do(ctx context.Context, env *work.Env, item partItem) ([]work.Keyed[piece], error) {
	var a npy.Arrays
	defer a.Close()
	m := loadMatrix(ctx, &a, env.Lake, f.Start, f.Items)
	outer, inner := npy.Load[float32](ctx, &a, env.Scratch, f.Outer), npy.Load[float32](ctx, &a, env.Scratch, f.Inner)
	in := loadTall(ctx, &a, env.Scratch, f.In)
	var weights []float32
	if f.Weights.Key != "" {
		weights = npy.Load[float32](ctx, &a, env.Scratch, f.Weights)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	if weights != nil {
		weights = weights[item.Lo:item.Hi]
	}
	out := make([]float32, (item.Hi-item.Lo)*in.Width)
	svd.Weighted{Matrix: m, Limit: int32(f.Limit), Outer: outer, Inner: inner}.Gather(out, item.Lo, in)
	sum := normOf(out, in.Width)
	if f.Reduce == reduceGram {
		sum = gramOf(out, in.Width, weights)
	}
	return computed{out, sum}.write(ctx, env, f.Phase, item)
}

// multiplyFn multiplies one part of B by a small matrix.
type multiplyFn struct {
	Phase string
	In    tallFiles
	By    lake.FileRef // float64 [l×l]
	Last  bool         // no Gram matrix is needed of the result
}

// Do writes the part and its Gram matrix.
func (f multiplyFn) Do(ctx context.Context, env *work.Env, item partItem) ([]work.Keyed[piece], error) {
	var a npy.Arrays
	defer a.Close()
	in := npy.Load[float32](ctx, &a, env.Scratch, f.In.Parts[item.Number])
	by := npy.Load[float64](ctx, &a, env.Scratch, f.By)
	if a.Err() != nil {
		return nil, a.Err()
	}
	out := make([]float32, len(in))
	svd.Multiply(out, in, by, f.In.Width)
	if f.Last {
		return computed{out, nil}.write(ctx, env, f.Phase, item)
	}
	return computed{out, gramOf(out, f.In.Width, nil)}.write(ctx, env, f.Phase, item)
}

// gramOf returns the Gram matrix of the rows of a part, blocks added pairwise: as parts are whole blocks, aligned, adding
// parts pairwise then gives the sum over all blocks bit for bit.
func gramOf(part []float32, l int, weights []float32) []float64 {
	return overBlocks(part, l, func(block []float32, lo, hi int) []float64 {
		if weights == nil {
			return svd.Gram(block, l, nil)
		}
		return svd.Gram(block, l, weights[lo:hi])
	})
}

func normOf(part []float32, l int) []float64 {
	return overBlocks(part, l, func(block []float32, _, _ int) []float64 { return []float64{vec.SquaredNorm(block)} })
}

func overBlocks(part []float32, l int, f func(block []float32, lo, hi int) []float64) []float64 {
	n := len(part) / l
	sums := make([][]float64, vec.Blocks(n))
	for b := range sums {
		lo, hi := vec.Block(b, n)
		sums[b] = f(part[lo*l:hi*l], lo, hi)
	}
	return vec.SumPairwise(sums)
}

// computed is a part of a tall matrix and the sums the next phase needs of it; nil = none.
type computed struct {
	part []float32
	sums []float64
}

// write stores the part and returns its reference and its sums.
func (c computed) write(ctx context.Context, env *work.Env, phase string, item partItem) ([]work.Keyed[piece], error) {
	n := item.Hi - item.Lo
	ref, err := npy.Write(ctx, env.Scratch, env.File(phase, item.Name, ".npy"), c.part, n, len(c.part)/n)
	if err != nil {
		return nil, fmt.Errorf("write %s of %s: %w", item.Name, phase, err)
	}
	out := []work.Keyed[piece]{{Key: "parts", Value: piece{Part: &ref}}}
	if c.sums != nil {
		out = append(out, work.Keyed[piece]{Key: "sums", Value: piece{Sums: encode(c.sums)}})
	}
	return out, nil
}
