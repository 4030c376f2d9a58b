package recommend

import (
	"cmp"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/algo/simd"
)

// tiers and slots name scoring.Tier and scoring.Row.Slot.
var (
	tiers = [...]string{
		schemas.TierPersonal, schemas.TierPersona, schemas.TierContext, schemas.TierRegionGenre, schemas.TierGenre, schemas.TierRegion, schemas.TierWorld,
	}
	slots = [...]string{schemas.SlotRanked, schemas.SlotFresh, schemas.SlotExploration}
)

// maker makes the table rows of one listener after the other in the same memory.
type maker struct {
	m           *model
	rows        []schemas.Recommendation
	seeds       []schemas.Reason
	adjustments []schemas.Adjustment
	sources     [1 << 16][]string // named so far
	near        []int32
}

func (m *model) maker() *maker { return &maker{m: m} }

// of returns the rows of a listener's lists, by list and rank; valid until the next call.
func (x *maker) of(user string, lists []scoring.List) []schemas.Recommendation {
	lists = slices.Clone(lists)
	slices.SortFunc(lists, func(a, b scoring.List) int { return cmp.Compare(a.Name, b.Name) })
	x.rows, x.seeds, x.adjustments = x.rows[:0], x.seeds[:0], x.adjustments[:0]
	for i := range lists {
		x.fetch(lists[i].Rows)
		for k := range lists[i].Rows {
			x.add(user, &lists[i], k)
		}
	}
	return x.rows
}

// fetch asks for the ids of the songs of some rows, which are far apart.
func (x *maker) fetch(rows []scoring.Row) {
	x.near = x.near[:0]
	for i := range rows {
		x.near = append(x.near, rows[i].Song)
	}
	simd.FetchEach(x.m.ids, x.near)
	for _, song := range x.near {
		simd.FetchText(x.m.ids[song])
	}
}

func (x *maker) add(user string, list *scoring.List, k int) {
	r, ids := &list.Rows[k], x.m.ids
	x.rows = append(x.rows, schemas.Recommendation{
		UserID: user, List: list.Name, Rank: int32(k + 1), SongID: ids[r.Song], Score: r.Score,
		Taste: r.Terms.Taste, Context: r.Terms.Context, Popularity: r.Terms.Popularity,
		WTaste: list.Weights.Taste, WContext: list.Weights.Context, WPopularity: list.Weights.Popularity,
		Adjustment: r.Adjustment, Tier: tiers[scoring.TierOf(r.Sources)], Slot: slots[r.Slot], Sources: x.named(r.Sources),
	})
	out := &x.rows[len(x.rows)-1]
	from := len(x.seeds)
	for _, f := range r.Seeds {
		x.seeds = append(x.seeds, schemas.Reason{SongID: ids[f.Song], Share: f.Share, Similarity: f.Similarity})
	}
	out.Seeds = x.seeds[from:len(x.seeds):len(x.seeds)]
	from = len(x.adjustments)
	for i, v := range r.Adjustments {
		if v != 0 {
			x.adjustments = append(x.adjustments, schemas.Adjustment{Name: scoring.AdjustmentNames[i], Value: v})
		}
	}
	out.Adjustments = x.adjustments[from:len(x.adjustments):len(x.adjustments)]
	if list.Cell != nil && list.Weights.Context > 0 {
		out.ContextCell, out.ContextLevel = list.Cell.Name, list.Cell.Level
	}
}

// named returns the names of sources, made once.
func (x *maker) named(sources uint16) []string {
	if x.sources[sources] == nil {
		x.sources[sources] = scoring.SourceNames(sources)
	}
	return x.sources[sources]
}
