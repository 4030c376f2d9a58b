package report

import (
	"cmp"
	"context"
	"slices"

	"segue/schemas"
)

// ladder lists the tiers of lists, best first; others follow.
var ladder = []string{
	schemas.TierPersonal, schemas.TierPersona, schemas.TierContext, schemas.TierRegionGenre, schemas.TierGenre, schemas.TierRegion, schemas.TierWorld,
}

// coverage shows the ladder of tiers beside last night's, and the reasons.
func coverage(ctx context.Context, n *night) ([]Block, error) {
	rows, err := n.read(ctx, schemas.TableCoverage)
	if err != nil {
		return nil, err
	}
	var before []row
	if n.previous != nil {
		if before, err = n.previous.read(ctx, schemas.TableCoverage); err != nil {
			before = nil // last night may have had no such table
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(step(a), step(b)), cmp.Compare(b.orZero("users"), a.orZero("users")))
	})
	t := &Table{Columns: columns("tier", "reason", "#listeners", "#share", "#last night", "#rows")}
	for _, r := range rows {
		was := Cell{Text: "–"}
		for _, b := range before {
			if b.text("tier") == r.text("tier") && b.text("reason") == r.text("reason") {
				was = Cell{Text: share(b.orZero("share"))}
			}
		}
		t.Add(textCell(r.text("tier")), textCell(words(r.text("reason"))), Cell{Text: count(int64(r.orZero("users")))},
			Cell{Text: share(r.orZero("share")), Bar: r.orZero("share")}, was, Cell{Text: count(int64(r.orZero("rows")))})
	}
	return []Block{{Table: t}}, nil
}

func step(r row) int {
	if i := slices.Index(ladder, r.text("tier")); i >= 0 {
		return i
	}
	return len(ladder)
}
