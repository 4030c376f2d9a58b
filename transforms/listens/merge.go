package listens

import (
	"context"
	"fmt"

	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/listenio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

func init() {
	work.Register[mergeFn, work.Collect[mergedBook], bucket, mergedBook, []mergedBook]()
}

// bucket is one user bucket: the listens of its files of plays.
type bucket struct {
	Number int
	Books  []lake.FileRef
}

// MemoryBytes returns what the listens of the bucket need decoded, about.
func (b bucket) MemoryBytes() (n int64) {
	for _, ref := range b.Books {
		n += 8 * ref.Size
	}
	return n
}

// mergedBook is the listens of one bucket.
type mergedBook struct {
	Listens lake.FileRef
	Days    int64 // of listeners
}

// mergeFn merges the listens of one bucket under the songs of the night.
type mergeFn struct {
	Songs []lake.FileRef
}

// Do returns the bucket's listens under its number.
func (f mergeFn) Do(ctx context.Context, env *work.Env, item bucket) ([]work.Keyed[mergedBook], error) {
	ids, err := readIDs(ctx, env.Lake, f.Songs)
	if err != nil {
		return nil, err
	}
	b, r := listenio.NewBook(), listenio.NewReader(ids)
	for l, err := range r.Listeners(ctx, env.Lake, item.Books) {
		if err != nil {
			return nil, err
		}
		b.AddListener(l, r.Cells())
	}
	out := mergedBook{Days: b.Days()}
	number := fmt.Sprintf("%05d", item.Number)
	if out.Listens, err = b.Write(ctx, env.Lake, env.File("merged", number, ".parquet"), ids); err != nil {
		return nil, err
	}
	return []work.Keyed[mergedBook]{{Key: number, Value: out}}, nil
}

var idCache memo.Last[[]string]

// readIDs returns the ids of all songs by index, read once a process.
func readIDs(ctx context.Context, s lake.Store, refs []lake.FileRef) ([]string, error) {
	return idCache.Of(s.URL()+fmt.Sprint(refs), func() ([]string, error) { return tables.SongIDs(ctx, s, refs) })
}
