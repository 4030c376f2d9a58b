package embed

import (
	"context"

	"segue/transforms/algo/align"
	"segue/transforms/algo/svd"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

// lastRows is what last night knew of tonight's fitted columns; no rows = nothing.
type lastRows struct{ rows, weights []float32 }

func loadLast(ctx context.Context, a *npy.Arrays, env *work.Env, item vectorsItem) (l lastRows) {
	if item.Last == nil || len(item.Raw.Parts) == 0 {
		return l
	}
	l.rows = npy.Load[float32](ctx, a, env.Scratch, item.Last.Rows)
	l.weights = npy.Load[float32](ctx, a, env.Scratch, item.Last.Weights)
	return l
}

// turn brings raw vectors into the space they are published in: last night's by a rotation, or on the first night one in
// which the largest entry of every column is positive.
type turn struct {
	dim      int
	signs    svd.Extremes
	rotation []float32 // [d×d]; nil = only signs
	last     lastRows
}

func newTurn(raw svd.Tall, r rawVectors, last lastRows) (turn, error) {
	t := turn{dim: r.Dim, signs: make(svd.Extremes, r.Dim), last: last}
	if len(r.Parts) == 0 {
		return t, nil
	}
	for i := range r.Fit {
		t.signs.Add(raw.Row(i))
	}
	if last.rows == nil {
		return t, nil
	}
	rotation, err := align.Rotation(align.Cross(align.Pairs{Dim: r.Dim, Weight: last.weights, From: raw.Row, To: t.old}), r.Dim)
	t.rotation = svd.Single(rotation)
	return t, err
}

// old returns last night's vector of a fitted column.
func (t turn) old(column int) []float32 {
	return t.last.rows[column*t.dim : (column+1)*t.dim]
}

// apply turns rows in place.
func (t turn) apply(rows []float32) {
	if t.rotation == nil {
		t.signs.Apply(rows)
		return
	}
	svd.Multiply(rows, rows, t.rotation, t.dim)
}
