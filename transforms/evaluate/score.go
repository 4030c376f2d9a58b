package evaluate

import (
	"context"
	"fmt"

	"segue/transforms/io/work"
)

func init() {
	work.Register[scoreFn, work.Collect[values], caseRange, values, []values]()
}

// caseRange is the cases [From, To).
type caseRange struct {
	From, To int
}

// scoreFn measures every method on a range of cases.
type scoreFn struct {
	Shared Shared
}

// Do returns the values of the range under its first case.
func (f scoreFn) Do(ctx context.Context, env *work.Env, item caseRange) ([]work.Keyed[values], error) {
	v, err := openVocabulary(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	cases := caseSet{start: []int64{0}}
	if err := cases.read(ctx, env.Lake, f.Shared.Cases); err != nil {
		return nil, err
	}
	lists, err := openLists(ctx, env.Lake, f.Shared.Lists)
	if err != nil {
		return nil, err
	}
	b := newBench(v.matrix, v.size, f.Shared.Stored, v.ids, lists.Add)
	out := newValues(methods, metricNames)
	for i := item.From; i < item.To; i++ {
		c := cases.at(i)
		for m, ranked := range b.rankings(c) {
			out.put(m, measure(ranked, c))
		}
	}
	return []work.Keyed[values]{{Key: fmt.Sprintf("%08d", item.From), Value: out}}, nil
}
