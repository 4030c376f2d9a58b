package evaluate

import (
	"context"
	"fmt"

	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/memo"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[scoreFn, work.Collect[scorePart], caseRange, scorePart, []scorePart]()
}

// caseRange is the cases [From, To).
type caseRange struct {
	From, To int
}

// scorePart is what was measured of a range.
type scorePart struct {
	Figures lake.FileRef // float64 [cases × width], see figures
	Tops    lake.FileRef // int32 [cases × (methods × shown)], see judge
}

// scoreFn measures every method on a range of cases.
type scoreFn struct {
	Shared Shared
}

// Do writes what is measured of the range and returns its references, under its first case.
func (f scoreFn) Do(ctx context.Context, env *work.Env, item caseRange) ([]work.Keyed[scorePart], error) {
	v, err := openVocabulary(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	cases := caseSet{start: []int64{0}, vocab: int32(v.size)}
	if err := cases.read(ctx, env.Lake, f.Shared.Cases); err != nil {
		return nil, err
	}
	j, err := f.judge(ctx, env.Lake, v, &cases)
	if err != nil {
		return nil, err
	}
	j.addAll(cases.all(item.From, item.To))
	var part scorePart
	name, n := fmt.Sprintf("%08d", item.From), item.To-item.From
	if part.Figures, err = npy.Write(ctx, env.Lake, env.File("figures", name, ".npy"), j.data, n, j.width()); err != nil {
		return nil, err
	}
	if part.Tops, err = npy.Write(ctx, env.Lake, env.File("tops", name, ".npy"), j.tops, n, len(j.methods)*shown); err != nil {
		return nil, err
	}
	return []work.Keyed[scorePart]{{Key: name, Value: part}}, nil
}

// itemRows keeps the rows of item-kNN of the running stage.
var itemRows memo.Last[*itemknn.Cache]

// judge prepares the methods for some of the cases.
func (f scoreFn) judge(ctx context.Context, s lake.Store, v *vocabulary, cases *caseSet) (*judge, error) {
	known, err := openFacts(ctx, s, f.Shared, v)
	if err != nil {
		return nil, err
	}
	now, err := openLists(ctx, s, f.Shared.Lists, &tonight)
	if err != nil {
		return nil, err
	}
	lists := []adder{now.Add}
	if f.Shared.LastNight {
		before, err := openLists(ctx, s, f.Shared.Before, &lastNight)
		if err != nil {
			return nil, err
		}
		lists = append(lists, before.Add)
	}
	rows, err := itemRows.Of(s.URL()+fmt.Sprint(f.Shared.Files, f.Shared.Cases, f.Shared.Stored), func() (*itemknn.Cache, error) {
		c := itemknn.NewCache(v.matrix, itemknn.Scope{Columns: len(v.ids), Vocab: v.size, Depth: f.Shared.Stored, IDs: v.ids})
		keepRows(c, cases.all(0, len(cases.hash)))
		return c, nil
	})
	return &judge{bench: newBench(rows, lists...), figures: figures{methods: f.Shared.methods()}, facts: known}, err
}

// measured is what was measured of all cases.
type measured struct {
	figures
	shown [][]int64 // by method: how often each column of the vocabulary was among the first
}

// collect puts the parts together, in order.
func collect(ctx context.Context, s lake.Store, parts []scorePart, shared Shared) (measured, error) {
	m := measured{figures{methods: shared.methods()}, make([][]int64, len(shared.methods()))}
	v, err := openVocabulary(ctx, s, shared)
	if err != nil {
		return m, err
	}
	for i := range m.shown {
		m.shown[i] = make([]int64, v.size)
	}
	for _, p := range parts {
		f, err := npy.Open[float64](ctx, s, p.Figures)
		if err != nil {
			return m, err
		}
		m.data = append(m.data, f.Data...)
		f.Close()
		tops, err := npy.Open[int32](ctx, s, p.Tops)
		if err != nil {
			return m, err
		}
		m.count(tops.Data)
		tops.Close()
	}
	return m, nil
}

// count adds the first columns of some cases.
func (m measured) count(tops []int32) {
	for i, c := range tops {
		if c >= 0 {
			m.shown[i/shown%len(m.shown)][c]++
		}
	}
}
