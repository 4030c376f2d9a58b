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

func init() {
	work.Register[importedFn, work.Collect[lake.FileRef], part, lake.FileRef, []lake.FileRef]()
	work.Register[rejectedFn, work.Collect[lake.FileRef], filesItem, lake.FileRef, []lake.FileRef]()
}

// maxFan is how many files a merge holds open.
const maxFan = 64

// importedFn sorts the rejections of the import.
type importedFn struct{}

// Do writes the rejections of a part in table order.
func (importedFn) Do(ctx context.Context, env *work.Env, p part) ([]work.Keyed[lake.FileRef], error) {
	rows, err := readRows[schemas.Rejected](ctx, env.Lake, p.Files)
	if err != nil {
		return nil, fmt.Errorf("read rejections of the import: %w", err)
	}
	sortRejected(rows)
	r, err := parquetio.WriteAll(ctx, env.Lake, env.File("imported-rejected", p.name(), ".parquet"), segmentMeta(), rows)
	if err != nil {
		return nil, err
	}
	return []work.Keyed[lake.FileRef]{{Key: p.name(), Value: r}}, nil
}

// rejectedFn merges sorted files of rejected rows; rows with the key of the row before them are dropped: the import of one
// file on two days rejects its lines twice.
type rejectedFn struct {
	Table bool
	Round int
}

// Do writes one file: the table, or a segment of a larger merge.
func (f rejectedFn) Do(ctx context.Context, env *work.Env, item filesItem) ([]work.Keyed[lake.FileRef], error) {
	name := fmt.Sprintf("%04d", item.Number)
	key, meta := env.File("rejected", fmt.Sprintf("round-%d-%s", f.Round, name), ".parquet"), segmentMeta()
	if f.Table {
		key, meta = env.TableFile(schemas.TableRejected, name), tableMeta(env, schemas.TableRejected)
	}
	w, err := parquetio.NewWriter[schemas.Rejected](ctx, env.Lake, key, meta)
	if err != nil {
		return nil, err
	}
	out := batcher[schemas.Rejected]{w: w}
	defer out.abort()
	var last *schemas.Rejected
	for row, err := range parquetio.Merge(ctx, env.Lake, item.Files, byTableOrder) {
		if err != nil {
			return nil, fmt.Errorf("merge rejected records: %w", err)
		}
		if last != nil && sameKey(last, &row) {
			continue
		}
		last = &row
		if err := out.write(row); err != nil {
			return nil, err
		}
	}
	r, err := out.close()
	if err != nil {
		return nil, err
	}
	return []work.Keyed[lake.FileRef]{{Key: name, Value: r}}, nil
}

// mergeRejected writes table rejected from sorted files, in rounds of at most maxFan.
func mergeRejected(sc *work.Context, phase string, refs []lake.FileRef) (lake.FileRef, error) {
	for round := 1; len(refs) > maxFan; round++ {
		var items []filesItem
		for group := range slices.Chunk(refs, maxFan) {
			items = append(items, filesItem{len(items), group})
		}
		results, err := work.Run(sc, fmt.Sprintf("%s-%d", phase, round), items, rejectedFn{Round: round}, work.Collect[lake.FileRef]{})
		if err != nil {
			return lake.FileRef{}, err
		}
		refs = flat(results)
	}
	results, err := work.Run(sc, phase, []filesItem{{0, refs}}, rejectedFn{Table: true}, work.Collect[lake.FileRef]{})
	if err != nil {
		return lake.FileRef{}, err
	}
	return flat(results)[0], nil
}

// byTableOrder orders by the key of the table, then by the rest.
func byTableOrder(a, b *schemas.Rejected) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Record, b.Record))
}

func sameKey(a, b *schemas.Rejected) bool {
	return a.Source == b.Source && a.Position == b.Position && a.Reason == b.Reason
}

func sortRejected(rows []schemas.Rejected) {
	slices.SortFunc(rows, func(a, b schemas.Rejected) int { return byTableOrder(&a, &b) })
}
