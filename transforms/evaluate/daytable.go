package evaluate

import (
	"cmp"
	"maps"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/metrics"
)

// Methods and a metric of held-out days, beside MethodPublished, the general list, and MethodPopularity, the region's chart.
const (
	MethodContext  = "context_lists" // on the plays of their context
	MetricNDCG30   = "ndcg@30"
	contextStratum = "/lists=context"
)

// Strata of held-out days: regions with most listeners, and with enough of them.
const (
	dayRegions      = 10
	regionListeners = 20
)

// dayRows returns the table's rows of one release: all listeners, then by history, tier and region, and context lists beside the
// general one.
func dayRows(name string, cases []dayCase, seed uint64) []schemas.Evaluation {
	var b board
	addDays(&b, name, cases, nil)
	for _, by := range []struct {
		label string
		of    func(dayCase) string
		most  int
		least int
	}{
		{"history", func(c dayCase) string { return c.History }, 3, 1},
		{"tier", func(c dayCase) string { return c.Tier }, dayRegions, 1},
		{"region", func(c dayCase) string { return c.Region }, dayRegions, regionListeners},
	} {
		groups := map[string][]int32{}
		for i, c := range cases {
			if v := by.of(c); v != "" {
				groups[v] = append(groups[v], int32(i))
			}
		}
		largest := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
			return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), cmp.Compare(a, b))
		})
		for _, v := range largest[:min(by.most, len(largest))] {
			if len(groups[v]) >= by.least {
				addDays(&b, name+"/"+by.label+"="+v, cases, groups[v])
			}
		}
	}
	addContexts(&b, name+contextStratum, cases)
	return b.finish(len(cases), schemas.Hash64(seed, "evaluate/bootstrap", name))
}

// addDays adds the measures of some listeners; nil = all.
func addDays(b *board, stratum string, cases []dayCase, some []int32) {
	of := func(value func(dayCase) float64) []float64 {
		if some == nil {
			out := make([]float64, len(cases))
			for i, c := range cases {
				out[i] = value(c)
			}
			return out
		}
		out := make([]float64, len(some))
		for i, c := range some {
			out[i] = value(cases[c])
		}
		return out
	}
	for k, metric := range dayMetrics {
		general := of(func(c dayCase) float64 { return c.General[k] })
		popular := of(func(c dayCase) float64 { return c.Popular[k] })
		b.add(metric, stratum, MethodPublished, metrics.Series{Cases: some, Num: general})
		b.add(metric, stratum, MethodPopularity, metrics.Series{Cases: some, Num: popular})
		if metric == MetricNDCG {
			b.add(metric+Ratio, stratum, MethodPublished+"/"+MethodPopularity, metrics.Series{Cases: some, Num: general, Den: popular})
		}
	}
}

// addContexts compares context lists with the general list on the plays of their contexts.
func addContexts(b *board, stratum string, cases []dayCase) {
	var some []int32
	var contexts, general []float64
	for i, c := range cases {
		if len(c.Context) == 2 {
			some, contexts, general = append(some, int32(i)), append(contexts, c.Context[0]), append(general, c.Context[1])
		}
	}
	b.add(MetricNDCG30, stratum, MethodContext, metrics.Series{Cases: some, Num: contexts})
	b.add(MetricNDCG30, stratum, MethodPublished, metrics.Series{Cases: some, Num: general})
	b.add(MetricNDCG30+Ratio, stratum, MethodContext+"/"+MethodPublished, metrics.Series{Cases: some, Num: contexts, Den: general})
}
