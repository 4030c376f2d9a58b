package neighbours

import (
	"context"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/topk"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

// matrixFiles refers to the playlist matrix and the vectors by song index.
type matrixFiles struct {
	Columns, RowStart, RowItems, ColStart, ColItems, Vectors lake.FileRef

	Out lake.FileRef // second vectors: a song is asked for by its vector and found by its second one (sgns.Roles); no key = there are none
}

func (m matrixFiles) songs() int { return int(m.Vectors.Rows) }

// listFiles refers to lists of scored songs: list i is the entries start[i] to start[i+1] of songs and scores.
type listFiles struct {
	Start, Songs, Scores lake.FileRef
}

// lists holds lists of scored songs.
type lists struct {
	start  []int64
	songs  []int32
	scores []float32
}

func newLists() *lists { return &lists{start: make([]int64, 1)} }

// end closes the list of the entries since the last end.
func (l *lists) end() { l.start = append(l.start, int64(len(l.songs))) }

func (l *lists) add(song int32, score float32) {
	l.songs = append(l.songs, song)
	l.scores = append(l.scores, score)
}

func (l *lists) addAll(entries []topk.Entry) {
	for _, e := range entries {
		l.add(e.ID, e.Score)
	}
	l.end()
}

// entries appends list i to out.
func (l *lists) entries(i int, out []topk.Entry) []topk.Entry {
	for k := l.start[i]; k < l.start[i+1]; k++ {
		out = append(out, topk.Entry{ID: l.songs[k], Score: l.scores[k]})
	}
	return out
}

func (l *lists) write(ctx context.Context, env *work.Env, folder, item string) (f listFiles, err error) {
	if f.Start, err = npy.Write(ctx, env.Scratch, env.File(folder, item+"-start", ".npy"), l.start); err != nil {
		return f, err
	}
	if f.Songs, err = npy.Write(ctx, env.Scratch, env.File(folder, item+"-songs", ".npy"), l.songs); err != nil {
		return f, err
	}
	f.Scores, err = npy.Write(ctx, env.Scratch, env.File(folder, item+"-scores", ".npy"), l.scores)
	return f, err
}

func loadMatrix(ctx context.Context, a *npy.Arrays, s lake.Store, start, items lake.FileRef) csr.Matrix {
	return csr.Matrix{Start: npy.Load[int64](ctx, a, s, start), Items: npy.Load[int32](ctx, a, s, items)}
}

func loadLists(ctx context.Context, a *npy.Arrays, s lake.Store, f listFiles) *lists {
	return &lists{npy.Load[int64](ctx, a, s, f.Start), npy.Load[int32](ctx, a, s, f.Songs), npy.Load[float32](ctx, a, s, f.Scores)}
}
