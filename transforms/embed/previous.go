package embed

import (
	"context"
	"iter"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[previousFn, work.Collect[previous], previousItem, previous, []previous]()
}

// previousItem is table song_vectors of last night and tonight's table songs.
type previousItem struct{ Vectors, Songs []lake.FileRef }

// previous refers to what last night knew of tonight's fitted columns.
type previous struct {
	Rows    lake.FileRef // [Fit×d] vectors of their length before it became 1; zero for new songs
	Weights lake.FileRef // [Fit] plays, or playlists when nothing was ever played; 0 for new songs
	Common  int          // columns with a vector last night
	Fit     int          // tonight's fitted columns
	Fitted  int          // songs that were fitted last night
}

// changed returns the share of the larger of two catalogues that the other lacks; 1 when last night has nothing to say.
func (p previous) changed() float64 {
	if n := max(p.Fit, p.Fitted); n > 0 {
		return 1 - float64(p.Common)/float64(n)
	}
	return 1
}

// lastNight joins last night's vectors with tonight's columns; nil on the first night, or when nothing is common.
func lastNight(t training) (*previous, error) {
	files := t.sc.Previous(schemas.TableSongVectors)
	if rows(files) == 0 || len(t.songs) == 0 {
		return nil, nil
	}
	d := previousFn{Matrix: t.m, MinCount: t.p.MinCount, Dim: t.p.Dim}
	joined, err := work.Run(t.sc, "previous", []previousItem{{files, t.songs}}, d, work.Collect[previous]{})
	if err != nil {
		return nil, err
	}
	p := joined[0][0]
	t.sc.Count("embed/common_songs", int64(p.Common))
	t.sc.Count("embed/changed_ppm", ppm(p.changed()))
	if p.Common == 0 {
		return nil, nil
	}
	return &p, nil
}

// previousFn joins two tables sorted by song id.
type previousFn struct {
	Matrix   matrixFiles
	MinCount int
	Dim      int
}

// Do writes the vectors and weights of tonight's fitted columns.
func (f previousFn) Do(ctx context.Context, env *work.Env, item previousItem) ([]work.Keyed[previous], error) {
	var a npy.Arrays
	defer a.Close()
	columns, start := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns), npy.Load[int64](ctx, &a, env.Lake, f.Matrix.ColStart)
	if a.Err() != nil {
		return nil, a.Err()
	}
	counts := csr.Counts(csr.Matrix{Start: start})
	fit := csr.AtLeast(counts, f.MinCount)
	j := joined{f.Dim, csr.ColumnOf(columns, int(rows(item.Songs))), previous{Fit: fit}, make([]float32, fit*f.Dim), make([]float32, fit)}
	if err := j.join(ctx, env, item); err != nil {
		return nil, err
	}
	j.weigh(counts)
	var err error
	if j.Rows, err = npy.Write(ctx, env.Scratch, env.File("previous", "rows", ".npy"), j.rows, fit, f.Dim); err != nil {
		return nil, err
	}
	j.Weights, err = npy.Write(ctx, env.Scratch, env.File("previous", "weights", ".npy"), j.weights)
	return []work.Keyed[previous]{{Value: j.previous}}, err
}

// joined is a join under way.
type joined struct {
	dim    int
	column []int32 // of each song
	previous
	rows, weights []float32
}

// oldVector is what is read of last night's table.
type oldVector struct {
	SongID string    `parquet:"song_id,plain"`
	Vector []float32 `parquet:"vector,list,uncompressed" parquet-element:"element,plain"`
	Source string    `parquet:"source,dict"`
	Norm   *float32  `parquet:"norm,optional,plain"`
}

// join walks both tables, which ascend by song id.
func (j *joined) join(ctx context.Context, env *work.Env, item previousItem) error {
	next, stop := iter.Pull2(chained[songCount](ctx, env.Lake, item.Songs))
	defer stop()
	song, err, more := next()
	at := 0
	for old, failed := range chained[oldVector](ctx, env.Lake, item.Vectors) {
		if failed != nil {
			return failed
		}
		for more && err == nil && song.SongID < old.SongID {
			song, err, more = next()
			at++
		}
		if err != nil {
			return err
		}
		if old.Source == schemas.VectorFit {
			j.Fitted++
		}
		if more && song.SongID == old.SongID {
			j.take(old, song, j.column[at])
		}
	}
	return nil
}

// take keeps the vector of a song that is fitted tonight.
func (j *joined) take(old oldVector, song songCount, column int32) {
	if column < 0 || int(column) >= j.Fit || len(old.Vector) != j.dim {
		return
	}
	row := j.rows[int(column)*j.dim : int(column+1)*j.dim]
	copy(row, old.Vector)
	if !vec.Unit(row) {
		return
	}
	if old.Norm != nil && *old.Norm > 0 {
		vec.Scale(*old.Norm, row)
	}
	j.weights[column] = float32(song.Plays)
	j.Common++
}

// weigh gives the common songs their playlists as weights when none of them was ever played.
func (j *joined) weigh(counts []int32) {
	if slices.ContainsFunc(j.weights, func(w float32) bool { return w > 0 }) {
		return
	}
	for c := range j.weights {
		if vec.SquaredNorm(j.rows[c*j.dim:(c+1)*j.dim]) > 0 {
			j.weights[c] = float32(counts[c])
		}
	}
}

// chained yields the rows of files one after another; after an error nothing.
func chained[T any](ctx context.Context, s lake.Store, files []lake.FileRef) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, f := range files {
			for row, err := range parquetio.Read[T](ctx, s, f) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}
