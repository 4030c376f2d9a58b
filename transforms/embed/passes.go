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

// startFn fills one part of B with where the iteration starts.
type startFn struct {
	Width int
	Keys  lake.FileRef
	Warm  *lake.FileRef // [Fit×d]; nil = cold
}

// Do writes the part and its Gram matrix.
func (f startFn) Do(ctx context.Context, env *work.Env, item partItem) ([]work.Keyed[piece], error) {
	var a npy.Arrays
	defer a.Close()
	start := svd.Start{Keys: unsigned(npy.Load[int64](ctx, &a, env.Scratch, f.Keys))}
	if f.Warm != nil {
		start.Warm = npy.Load[float32](ctx, &a, env.Scratch, *f.Warm)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	out := make([]float32, (item.Hi-item.Lo)*f.Width)
	start.Fill(out, item.Lo, f.Width)
	return computed{out, gramOf(out, f.Width, nil)}.write(ctx, env, "start", item)
}

// gatherFn computes one part of Y = X·(B·T) or B = X'·Y.
type gatherFn struct {
	Phase        string
	Start, Items lake.FileRef // rows of X or of X'
	Limit        int          // columns of it that take part
	In           tallFiles
	By           lake.FileRef // float64 [l×l]: T; no key = none
	Outer, Inner lake.FileRef // factors of rows and columns
	Weights      lake.FileRef // rows of factor 0 here are left out of the Gram matrix; no key = none
}

// Do writes the part and its Gram matrix.
func (f gatherFn) Do(ctx context.Context, env *work.Env, item partItem) ([]work.Keyed[piece], error) {
	var a npy.Arrays
	defer a.Close()
	w := svd.Weighted{Matrix: loadMatrix(ctx, &a, env.Lake, f.Start, f.Items), Limit: int32(f.Limit)}
	w.Outer, w.Inner = npy.Load[float32](ctx, &a, env.Scratch, f.Outer), npy.Load[float32](ctx, &a, env.Scratch, f.Inner)
	in := loadTall(ctx, &a, env.Scratch, f.In)
	by, weights := loadIf[float64](ctx, &a, env.Scratch, f.By), loadIf[float32](ctx, &a, env.Scratch, f.Weights)
	if a.Err() != nil {
		return nil, a.Err()
	}
	out := make([]float32, (item.Hi-item.Lo)*in.Width)
	if by == nil {
		w.Gather(out, item.Lo, in)
	} else {
		w.GatherMul(out, item.Lo, in, svd.Single(by))
	}
	if weights != nil {
		weights = weights[item.Lo:item.Hi]
	}
	return computed{out, gramOf(out, in.Width, weights)}.write(ctx, env, f.Phase, item)
}

// loadIf is npy.Load for a file that need not be: nil without a key.
func loadIf[T npy.Element](ctx context.Context, a *npy.Arrays, s lake.Store, ref lake.FileRef) []T {
	if ref.Key == "" {
		return nil
	}
	return npy.Load[T](ctx, a, s, ref)
}

// multiplyFn multiplies one part of B by a small matrix.
type multiplyFn struct {
	Phase string
	In    tallFiles
	By    lake.FileRef // float64 [l×l]
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
	svd.Multiply(out, in, svd.Single(by), f.In.Width)
	return computed{out, gramOf(out, f.In.Width, nil)}.write(ctx, env, f.Phase, item)
}

// gramOf returns the Gram matrix of the rows of a part, blocks added pairwise: as parts are whole blocks, aligned, adding
// parts pairwise then gives the sum over all blocks bit for bit.
func gramOf(part []float32, l int, weights []float32) []float64 {
	n := len(part) / l
	sums := make([][]float64, vec.Blocks(n))
	for b := range sums {
		lo, hi := vec.Block(b, n)
		var w []float32
		if weights != nil {
			w = weights[lo:hi]
		}
		sums[b] = svd.Gram(part[lo*l:hi*l], l, w)
	}
	return vec.SumPairwise(sums)
}

// computed is a part of a tall matrix and its Gram matrix.
type computed struct {
	part []float32
	gram []float64
}

// write stores the part and returns its reference and its Gram matrix.
func (c computed) write(ctx context.Context, env *work.Env, phase string, item partItem) ([]work.Keyed[piece], error) {
	n := item.Hi - item.Lo
	ref, err := npy.Write(ctx, env.Scratch, env.File(phase, item.Name, ".npy"), c.part, n, len(c.part)/n)
	if err != nil {
		return nil, fmt.Errorf("write %s of %s: %w", item.Name, phase, err)
	}
	return []work.Keyed[piece]{
		{Key: "parts", Value: piece{Part: &ref}},
		{Key: "gram", Value: piece{Gram: encode(c.gram)}},
	}, nil
}
