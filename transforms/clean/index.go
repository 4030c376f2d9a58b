package clean

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[indexFn, work.Collect[lake.FileRef], filesItem, lake.FileRef, []lake.FileRef]()
}

// filesItem is a work item that is a list of files.
type filesItem struct {
	Number int
	Files  []lake.FileRef
}

// indexFn merges the ids of all song buckets into the index: rows by song_id, the row number is the dense index.
type indexFn struct{}

// Do writes the index.
func (indexFn) Do(ctx context.Context, env *work.Env, item filesItem) ([]work.Keyed[lake.FileRef], error) {
	rows := parquetio.Merge(ctx, env.Lake, item.Files, func(a, b *indexRow) int { return cmp.Compare(a.SongID, b.SongID) })
	w, err := parquetio.NewWriter[indexRow](ctx, env.Lake, env.File("index", "all", ".parquet"), workMeta(env, "clean_index", "song_id"))
	if err != nil {
		return nil, err
	}
	out := batcher[indexRow]{w: w}
	defer out.abort()
	for row, err := range parquetio.Ahead(rows) {
		if err != nil {
			return nil, fmt.Errorf("merge song ids: %w", err)
		}
		if err := out.write(row); err != nil {
			return nil, err
		}
	}
	r, err := out.close()
	if err != nil {
		return nil, err
	}
	if r.Rows > math.MaxInt32 {
		return nil, fmt.Errorf("index songs: %d songs, more than an int32 can number", r.Rows)
	}
	return []work.Keyed[lake.FileRef]{{Key: "index", Value: r}}, nil
}

// index is the song index in memory.
type index struct {
	dense     map[string]int32
	durations []int64 // milliseconds by dense index; 0 = unknown
}

var indexes memo.Last[*index]

// openIndex reads the index once a process. Cost: about 60 bytes a song and its id.
func openIndex(ctx context.Context, s lake.Store, ref lake.FileRef) (*index, error) {
	return indexes.Of(s.URL()+"#"+ref.Key+"#"+ref.ETag, func() (*index, error) {
		x := &index{dense: make(map[string]int32, ref.Rows), durations: make([]int64, 0, ref.Rows)}
		for row, err := range parquetio.Ahead(parquetio.Read[indexRow](ctx, s, ref)) {
			if err != nil {
				return nil, fmt.Errorf("read song index: %w", err)
			}
			x.dense[row.SongID] = int32(len(x.durations))
			ms := int64(0)
			if row.DurationMs != nil {
				ms = *row.DurationMs
			}
			x.durations = append(x.durations, ms)
		}
		return x, nil
	})
}

// song returns the dense index of a song that an accepted record named.
func (x *index) song(id string) (int32, error) {
	i, ok := x.dense[id]
	if !ok {
		return 0, fmt.Errorf("look up song %q: not in the index made from the same input", id)
	}
	return i, nil
}

// batcher hands rows to a writer in chunks.
type batcher[T any] struct {
	w    *parquetio.Writer[T]
	rows []T
}

func (b *batcher[T]) write(row T) error {
	b.rows = append(b.rows, row)
	if len(b.rows) < 4*chunk {
		return nil
	}
	return b.flush()
}

func (b *batcher[T]) flush() error {
	err := b.w.Write(b.rows)
	b.rows = b.rows[:0]
	return err
}

func (b *batcher[T]) close() (lake.FileRef, error) {
	if err := b.flush(); err != nil {
		return lake.FileRef{}, err
	}
	r, err := b.w.Close()
	b.w = nil
	return r, err
}

// abort drops the file unless it was closed.
func (b *batcher[T]) abort() {
	if b.w != nil {
		b.w.Abort()
	}
}
