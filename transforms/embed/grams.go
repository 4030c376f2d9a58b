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

// piece is what one part of a pass emits: its file, and its share of the Gram matrix.
type piece struct {
	Part *lake.FileRef `json:",omitempty"`
	Gram []byte        `json:",omitempty"` // packed, little-endian float64
}

// outcome is what a pass leaves: under key parts the files of the result, under key gram what became of its Gram matrix.
type outcome struct {
	Parts          []lake.FileRef `json:",omitempty"`
	Trace, Squares float64        // svd.Energy
	Matrix         lake.FileRef   // small matrix for the next phase
	Fold           lake.FileRef   // of the spectrum: from Y to raw vectors of songs that were not fitted
	Values         []float64      // of the spectrum: singular values
	Energy         float64        // of the spectrum
}

// What becomes of the summed Gram matrix.
const (
	makeOrth     = "orthonormaliser"
	makePolish   = "polisher"
	makeSpectrum = "spectrum"
	makeEnergy   = "energy"
)

// gramFn collects the parts of a pass and turns the sum of their Gram matrices into the small matrix of the next one.
type gramFn struct {
	Phase string
	Make  string
	Width int
	Dim   int          // of the spectrum
	Power float64      // of the spectrum
	Basis lake.FileRef // of the spectrum: float64 [l×l] T
}

// Merge returns the outcome of one key.
func (f gramFn) Merge(ctx context.Context, env *work.Env, key string, values []piece) (o outcome, err error) {
	if key == "parts" {
		for _, v := range values {
			o.Parts = append(o.Parts, *v.Part)
		}
		return o, nil
	}
	grams := make([][]float64, len(values))
	for i, v := range values {
		grams[i] = decode(v.Gram)
	}
	gram := vec.SumPairwise(grams)
	o.Trace, o.Squares = svd.Energy(gram, f.Width)
	switch f.Make {
	case makeOrth:
		o.Matrix, err = f.write(ctx, env, f.Make, svd.Orthonormaliser(gram, f.Width))
	case makePolish:
		o.Matrix, err = f.write(ctx, env, f.Make, svd.Polisher(gram, f.Width))
	case makeSpectrum:
		err = f.spectrum(ctx, env, gram, &o)
	}
	return o, err
}

func (f gramFn) spectrum(ctx context.Context, env *work.Env, gram []float64, o *outcome) error {
	var a npy.Arrays
	defer a.Close()
	basis := npy.Load[float64](ctx, &a, env.Scratch, f.Basis)
	if a.Err() != nil {
		return a.Err()
	}
	s, err := svd.NewSpectrum(gram, basis, f.Dim)
	if err != nil {
		return err
	}
	o.Values, o.Energy = s.Values, s.Energy()
	if o.Matrix, err = f.write(ctx, env, "spectrum", s.Fit(f.Power)); err != nil {
		return err
	}
	o.Fold, err = f.write(ctx, env, "spectrum-fold", s.Fold(f.Power))
	return err
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
