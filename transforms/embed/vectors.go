package embed

import (
	"context"
	"math"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[vectorsFn, work.Collect[vectorFiles], vectorsItem, vectorFiles, []vectorFiles]()
}

// vectorsItem is all vectors of the night.
type vectorsItem struct {
	Songs int64
	Raw   rawVectors
	Last  *previous // nil = nothing to align to
}

// vectorFiles refers to what the night knows of all songs, by song index; Out has no key for methods without second vectors.
type vectorFiles struct {
	Vectors, Out lake.FileRef
	Norms        lake.FileRef // length of each vector before it became 1
	Health       health
}

// vectorsFn turns raw vectors to last night's space and puts them into the order of the song index, of length 1.
type vectorsFn struct{ Matrix matrixFiles }

// stripe is how many blocks of songs are computed at once before they are written.
const stripe = 4

// Do writes the vectors of all songs as one array, their lengths as another, second vectors as a third.
func (f vectorsFn) Do(ctx context.Context, env *work.Env, item vectorsItem) ([]work.Keyed[vectorFiles], error) {
	var a npy.Arrays
	defer a.Close()
	columns, start := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns), npy.Load[int64](ctx, &a, env.Lake, f.Matrix.ColStart)
	raw := loadTall(ctx, &a, env.Scratch, tallFiles{Width: item.Raw.Dim, Shift: item.Raw.Shift, Parts: item.Raw.Parts})
	out := loadTall(ctx, &a, env.Scratch, tallFiles{Width: item.Raw.Dim, Shift: item.Raw.Shift, Parts: item.Raw.Out})
	last := loadLast(ctx, &a, env, item)
	if a.Err() != nil {
		return nil, a.Err()
	}
	t, err := newTurn(raw, item.Raw, last)
	if err != nil {
		return nil, err
	}
	o := ordered{csr.ColumnOf(columns, int(item.Songs)), t}
	norms := make([]float32, item.Songs)
	var files vectorFiles
	if files.Vectors, err = o.write(ctx, env, "vectors", source{raw, len(item.Raw.Parts) > 0, norms}); err != nil {
		return nil, err
	}
	if len(item.Raw.Out) > 0 {
		if files.Out, err = o.write(ctx, env, "out-vectors", source{out, true, nil}); err != nil {
			return nil, err
		}
	}
	if files.Norms, err = npy.Write(ctx, env.Scratch, env.File("vectors", "norms", ".npy"), norms); err != nil {
		return nil, err
	}
	files.Health = newHealth(t, raw, item.Raw, start)
	return []work.Keyed[vectorFiles]{{Value: files}}, nil
}

// source is the rows to write by column; any is false when there are none; norms takes the length of each song's row.
type source struct {
	rows  svd.Tall
	any   bool
	norms []float32
}

// ordered writes rows by column as rows by song index.
type ordered struct {
	column []int32 // of each song
	turn   turn
}

func (o ordered) write(ctx context.Context, env *work.Env, name string, in source) (lake.FileRef, error) {
	d := in.rows.Width
	w, err := npy.NewWriter[float32](ctx, env.Lake, env.File("vectors", name, ".npy"), len(o.column), d)
	if err != nil {
		return lake.FileRef{}, err
	}
	buf := make([]float32, min(len(o.column), stripe*vec.BlockRows)*d)
	spare := make([]float32, len(buf))
	written := make(chan error, 1) // of the stripe before: it is written while the next is computed
	written <- nil
	for at := 0; at < len(o.column); at += stripe * vec.BlockRows {
		songs := o.column[at:min(at+stripe*vec.BlockRows, len(o.column))]
		vec.Each(vec.Blocks(len(songs)), func(b int) {
			lo, hi := vec.Block(b, len(songs))
			o.block(buf[lo*d:hi*d], at+lo, in)
		})
		if err = <-written; err != nil {
			break
		}
		full := buf[:len(songs)*d]
		go func() { written <- w.Write(full) }()
		buf, spare = spare, buf
	}
	if err == nil {
		err = <-written
	}
	if err != nil {
		w.Abort()
		return lake.FileRef{}, err
	}
	return w.Close()
}

// block computes the vectors of songs [lo, …).
func (o ordered) block(out []float32, lo int, in source) {
	d := in.rows.Width
	clear(out)
	if !in.any {
		return
	}
	for i := range len(out) / d {
		if c := o.column[lo+i]; c >= 0 {
			copy(out[i*d:(i+1)*d], in.rows.Row(int(c)))
		}
	}
	o.turn.apply(out)
	for i := range len(out) / d {
		row := out[i*d : (i+1)*d]
		norm := float32(math.Sqrt(vec.SquaredNorm(row)))
		if vec.Unit(row) && in.norms != nil {
			in.norms[lo+i] = norm
		}
	}
}
