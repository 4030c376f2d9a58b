package evaluate

import (
	"context"
	"fmt"

	"segue/transforms/io/work"
)

func init() {
	work.Register[scoreFn, work.Collect[stratumValues], caseRange, stratumValues, []stratumValues]()
}

// caseRange is the cases [From, To).
type caseRange struct {
	From, To int
}

// stratumValues are the values of some cases in one stratum.
type stratumValues struct {
	Stratum string
	Values  values
}

// scoreFn measures every method on a range of cases.
type scoreFn struct {
	Shared Shared
}

// Do returns the values of the range by stratum, under its first case.
func (f scoreFn) Do(ctx context.Context, env *work.Env, item caseRange) ([]work.Keyed[stratumValues], error) {
	v, err := openVocabulary(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	cases := caseSet{start: []int64{0}}
	if err := cases.read(ctx, env.Lake, f.Shared.Cases); err != nil {
		return nil, err
	}
	tonight, err := openLists(ctx, env.Lake, f.Shared.Lists, &published)
	if err != nil {
		return nil, err
	}
	lists := []adder{tonight.Add}
	if f.Shared.LastNight {
		before, err := openLists(ctx, env.Lake, f.Shared.Before, &lastNight)
		if err != nil {
			return nil, err
		}
		lists = append(lists, before.Add)
	}
	b := newBench(v.matrix, benchOptions{v.size, f.Shared.Stored, v.ids}, lists...)
	out := make([]work.Keyed[stratumValues], len(strata))
	given := make([]int, len(strata))
	for k, s := range strata {
		given[k] = s.seeds
		out[k] = work.Keyed[stratumValues]{Key: fmt.Sprintf("%08d-%d", item.From, k), Value: stratumValues{s.name, newValues(f.Shared.methods(), metricNames)}}
	}
	for i := item.From; i < item.To; i++ {
		c := cases.at(i)
		b.rankings(c, given, func(k int, ranked [][]int32) {
			for m, list := range ranked {
				out[k].Value.Values.put(m, measure(list, c))
			}
		})
	}
	return out, nil
}
