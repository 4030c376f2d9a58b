package neighbours

import (
	"context"
	"slices"
	"sync"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/topk"
	"segue/transforms/io/lake"
	"segue/transforms/io/neighbourio"
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

// idleLists holds lists that are written: those of another block use their memory.
var idleLists sync.Pool

func newLists() *lists {
	l, ok := idleLists.Get().(*lists)
	if !ok {
		l = &lists{}
	}
	l.start, l.songs, l.scores = append(l.start[:0], 0), l.songs[:0], l.scores[:0]
	return l
}

// next appends a list of n entries, and returns where they go.
func (l *lists) next(n int) (songs []int32, scores []float32) {
	from := len(l.songs)
	l.songs, l.scores = slices.Grow(l.songs, n)[:from+n], slices.Grow(l.scores, n)[:from+n]
	l.start = append(l.start, int64(from+n))
	return l.songs[from:], l.scores[from:]
}

func (l *lists) add(entries []topk.Entry) {
	songs, scores := l.next(len(entries))
	for i, e := range entries {
		songs[i], scores[i] = e.ID, e.Score
	}
}

// entries appends list i to out.
func (l *lists) entries(i int, out []topk.Entry) []topk.Entry {
	for k := l.start[i]; k < l.start[i+1]; k++ {
		out = append(out, topk.Entry{ID: l.songs[k], Score: l.scores[k]})
	}
	return out
}

// write writes the lists, and ends their use.
func (l *lists) write(ctx context.Context, env *work.Env, folder, item string) (f listFiles, err error) {
	if f.Start, err = npy.Write(ctx, env.Scratch, env.File(folder, item+"-start", ".npy"), l.start); err != nil {
		return f, err
	}
	if f.Songs, err = npy.Write(ctx, env.Scratch, env.File(folder, item+"-songs", ".npy"), l.songs); err != nil {
		return f, err
	}
	f.Scores, err = npy.Write(ctx, env.Scratch, env.File(folder, item+"-scores", ".npy"), l.scores)
	idleLists.Put(l)
	return f, err
}

// publish writes the joined lists of a block for later stages, and ends their use.
func (l *lists) publish(ctx context.Context, env *work.Env, item string) (lake.FileRef, error) {
	start := make([]int32, len(l.start))
	for i, at := range l.start {
		start[i] = int32(at)
	}
	f, err := neighbourio.Write(ctx, env.Lake, env.File("lists", item, ".npy"), blend.Part{Start: start, Songs: l.songs, Scores: l.scores})
	idleLists.Put(l)
	return f, err
}

func loadMatrix(ctx context.Context, a *npy.Arrays, s lake.Store, start, items lake.FileRef) csr.Matrix {
	return csr.Matrix{Start: npy.Load[int64](ctx, a, s, start), Items: npy.Load[int32](ctx, a, s, items)}
}

func loadLists(ctx context.Context, a *npy.Arrays, s lake.Store, f listFiles) *lists {
	return &lists{npy.Load[int64](ctx, a, s, f.Start), npy.Load[int32](ctx, a, s, f.Songs), npy.Load[float32](ctx, a, s, f.Scores)}
}
