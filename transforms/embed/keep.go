package embed

import (
	"context"
	"errors"
	"log/slog"

	"segue/transforms/io/npy"
)

// errNoLastNight says that no earlier night left vectors.
var errNoLastNight = errors.New("no earlier night left vectors of these dimensions: train once with another embed.method")

// trainPrevious trains nothing: songs keep last night's vectors, new ones have none until a night trains again.
func trainPrevious(ctx context.Context, t training) (rawVectors, error) {
	if t.last == nil {
		return rawVectors{}, errNoLastNight
	}
	env, d := t.sc.Env(), t.p.Dim
	rows, err := npy.Open[float32](ctx, env.Scratch, t.last.Rows)
	if err != nil {
		return rawVectors{}, err
	}
	defer rows.Close()
	out := rawVectors{Dim: d, Fit: t.last.Fit, Shift: t.m.colShift()}
	for _, item := range partItems(int(t.m.Columns.Rows), out.Shift) {
		part := make([]float32, (item.Hi-item.Lo)*d)
		if at := item.Lo * d; at < len(rows.Data) {
			copy(part, rows.Data[at:])
		}
		ref, err := npy.Write(ctx, env.Scratch, env.File("kept", item.Name, ".npy"), part, item.Hi-item.Lo, d)
		if err != nil {
			return rawVectors{}, err
		}
		out.Parts = append(out.Parts, ref)
	}
	t.sc.Count("embed/kept_songs", int64(t.last.Common))
	return out, nil
}

// train trains by the method of the parameters; where that fails and last night's vectors may stand in, they do.
func train(ctx context.Context, t training) (rawVectors, error) {
	raw, err := trainers[t.p.Method](ctx, t)
	if err == nil || !t.p.Fallback || t.last == nil || ctx.Err() != nil {
		return raw, err
	}
	slog.Warn("the training failed: songs keep last night's vectors (embed.fallback)", "method", t.p.Method, "error", err)
	return trainPrevious(ctx, t)
}
