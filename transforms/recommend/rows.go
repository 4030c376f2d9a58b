package recommend

import (
	"segue/schemas"
	"segue/transforms/algo/scoring"
)

// tiers and slots name scoring.Tier and scoring.Row.Slot.
var (
	tiers = [...]string{
		schemas.TierPersonal, schemas.TierPersona, schemas.TierContext, schemas.TierRegionGenre, schemas.TierGenre, schemas.TierRegion, schemas.TierWorld,
	}
	slots = [...]string{schemas.SlotRanked, schemas.SlotFresh, schemas.SlotExploration}
)

// row returns row k of a listener's list.
func (m *model) row(user string, list *scoring.List, k int) schemas.Recommendation {
	r := &list.Rows[k]
	out := schemas.Recommendation{
		UserID: user, List: list.Name, Rank: int32(k + 1), SongID: m.ids[r.Song], Score: r.Score,
		Taste: r.Terms.Taste, Context: r.Terms.Context, Popularity: r.Terms.Popularity,
		WTaste: list.Weights.Taste, WContext: list.Weights.Context, WPopularity: list.Weights.Popularity,
		Adjustment: r.Adjustment, Tier: tiers[scoring.TierOf(r.Sources)], Slot: slots[r.Slot], Sources: scoring.SourceNames(r.Sources),
	}
	for _, f := range r.Seeds {
		out.Seeds = append(out.Seeds, schemas.Reason{SongID: m.ids[f.Song], Share: f.Share, Similarity: f.Similarity})
	}
	for i, v := range r.Adjustments {
		if v != 0 {
			out.Adjustments = append(out.Adjustments, schemas.Adjustment{Name: scoring.AdjustmentNames[i], Value: v})
		}
	}
	out.ContextCell, out.ContextLevel = contextOf(list)
	return out
}

// contextOf returns the cell that decides the context of a list, and the one whose figures stand in for it; "" without one.
func contextOf(list *scoring.List) (cell, level string) {
	if list.Cell == nil || list.Weights.Context <= 0 {
		return "", ""
	}
	return list.Cell.Name, list.Cell.Level
}
