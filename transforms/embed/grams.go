package embed

import (
	"context"
	"encoding/binary"
	"math"

	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

// piece is what one part of a pass emits: its file, or its share of the sums.
type piece struct {
	Part *lake.FileRef `json:",omitempty"`
	Sums []byte        `json:",omitempty"` // little-endian float64
}

// outcome is what a pass leaves: under key parts the files of the result, under key sums one of the others.
type outcome struct {
	Parts  []lake.FileRef `json:",omitempty"`
	Norm   float64
	Matrix lake.FileRef // orthonormaliser [l×l], or E·S^p [l×d]
	Fold   lake.FileRef // E·S^(p-2) [l×d]
}

// What becomes of the summed Gram matrix.
const (
	makeOrth      = "orthonormaliser"
	makeSpectrum  = "spectrum"
	makeTotalNorm = "norm"
)

// gramFn collects the parts of a pass and turns the sum of their Gram matrices into the small matrix of the next one.
type gramFn struct {
	Phase string
	Make  string
	Width int
	Dim   int
	Power float64
}

// Merge returns the outcome of one key.
func (f gramFn) Merge(ctx context.Context, env *work.Env, key string, values []piece) (o outcome, err error) {
	if key == "parts" {
		for _, v := range values {
			o.Parts = append(o.Parts, *v.Part)
		}
		return o, nil
	}
	sums := make([][]float64, len(values))
	for i, v := range values {
		sums[i] = decode(v.Sums)
	}
	sum := vec.SumPairwise(sums)
	switch f.Make {
	case makeOrth:
		o.Matrix, err = f.write(ctx, env, "orthonormaliser", svd.Orthonormaliser(sum, f.Width))
	case makeSpectrum:
		return f.spectrum(ctx, env, sum)
	case makeTotalNorm:
		o.Norm = sum[0]
	}
	return o, err
}

func (f gramFn) spectrum(ctx context.Context, env *work.Env, gram []float64) (o outcome, err error) {
	s, err := svd.NewSpectrum(gram, f.Width, f.Dim)
	if err != nil {
		return o, err
	}
	if o.Matrix, err = f.write(ctx, env, "spectrum", s.Scaled(f.Power)); err != nil {
		return o, err
	}
	o.Fold, err = f.write(ctx, env, "spectrum-fold", s.Scaled(f.Power-2))
	return o, err
}

func (f gramFn) write(ctx context.Context, env *work.Env, name string, m []float64) (lake.FileRef, error) {
	return npy.Write(ctx, env.Scratch, env.File(f.Phase, name, ".npy"), m, f.Width, len(m)/f.Width)
}

func encode(x []float64) []byte {
	b := make([]byte, 0, 8*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func decode(b []byte) []float64 {
	x := make([]float64, len(b)/8)
	for i := range x {
		x[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return x
}
