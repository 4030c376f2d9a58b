package clean

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

// bucketItem is one work item of a second phase.
type bucketItem struct {
	Bucket   int
	Segments []lake.FileRef // rows of the bucket
	Others   []lake.FileRef // song ids beside metadata; of playlists the dense index of each number of a segment, by segment
	Index    lake.FileRef   // the song index, when it exists already
}

func (b bucketItem) name() string { return fmt.Sprintf("%04d", b.Bucket) }

// MemoryBytes returns what the rows of the item need decoded, about.
func (b bucketItem) MemoryBytes() int64 { return 16 * (sizeOf(b.Segments) + sizeOf(b.Others)) }

// bucketOut is what a second phase wrote of one bucket.
type bucketOut struct {
	File     lake.FileRef  // the rows
	Other    lake.FileRef  // song ids beside metadata, listeners
	Counts   *lake.FileRef `json:",omitempty"` // countRow by song
	Rejected *lake.FileRef `json:",omitempty"` // by (source, position)
	Tally    tally
}

// one returns the values of an item that has one result, under a key that sorts by bucket.
func one(b bucketItem, out bucketOut) []work.Keyed[bucketOut] {
	return []work.Keyed[bucketOut]{{Key: b.name(), Value: out}}
}

// flat returns the results of a phase that emits one value a key.
func flat[T any](results [][]T) []T {
	var out []T
	for _, r := range results {
		out = append(out, r...)
	}
	return out
}

func readRows[T any](ctx context.Context, s lake.Store, refs []lake.FileRef) ([]T, error) {
	var n int64
	for _, r := range refs {
		n += r.Rows
	}
	rows := make([]T, 0, n)
	for _, r := range refs {
		for row, err := range parquetio.Read[T](ctx, s, r) {
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// byPlace orders rows by where they stood.
func byPlace[T any](a, b *placed[T]) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Position, b.Position))
}

// sorted returns rows in an order. Their places are sorted: rows are wide.
func sorted[T any](rows []T, compare func(a, b *T) int) []T {
	places, out := make([]int32, len(rows)), make([]T, len(rows))
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortFunc(places, func(i, j int32) int { return compare(&rows[i], &rows[j]) })
	for i, place := range places {
		out[i] = rows[place]
	}
	return out
}

// unique keeps the first row of every run of equal ids and returns the others as rejected.
func unique[T any](rows []placed[T], same func(a, b *T) bool, reason string) (kept []placed[T], lost []schemas.Rejected) {
	kept, again := firsts(rows, same)
	for _, row := range again {
		lost = append(lost, rejection(row, reason))
	}
	return kept, lost
}

// firsts keeps the first row of every run of equal ids and returns the others apart.
func firsts[T any](rows []placed[T], same func(a, b *T) bool) (kept, again []placed[T]) {
	kept = rows[:0]
	for i := range rows {
		if n := len(kept); n > 0 && same(&kept[n-1].Row, &rows[i].Row) {
			again = append(again, rows[i])
			continue
		}
		kept = append(kept, rows[i])
	}
	return kept, again
}

// writeRejected writes the rejected rows of one item, sorted; nil when there are none.
func writeRejected(ctx context.Context, env *work.Env, kind, name string, rows []schemas.Rejected) (*lake.FileRef, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	sortRejected(rows)
	r, err := parquetio.WriteAll(ctx, env.Lake, env.File(kind+"-repeated", name, ".parquet"), segmentMeta(), rows)
	if err != nil {
		return nil, err
	}
	return &r, nil
}
