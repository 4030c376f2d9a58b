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

// coverage shows the ladder of tiers beside last night's, with the reasons, and folded that of each country and history.
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
	blocks := make([]Block, 1, 2)
	all, groups := ladders(rows, before)
	blocks[0].Table = all
	if len(groups.Rows) > 0 {
		blocks = append(blocks, Block{Title: "By country and length of history", Table: groups, Folded: true})
	}
	return blocks, nil
}

// ladders returns the tiers of all listeners and those of each group, beside last night's.
func ladders(rows, before []row) (all, groups *Table) {
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.text("dimension"), b.text("dimension")), cmp.Compare(a.text("group"), b.text("group")),
			cmp.Compare(step(a), step(b)), cmp.Compare(b.orZero("users"), a.orZero("users")))
	})
	shares := map[[4]string]float64{}
	for _, b := range before {
		shares[rung(b)] = b.orZero("share")
	}
	all = &Table{Columns: columns("tier", "reason", "#listeners", "#share", "#last night", "#rows")}
	groups = &Table{Columns: columns("listeners of", "tier", "reason", "#listeners", "#share", "#last night", "#rows")}
	for _, r := range rows {
		was := Cell{Text: "–"}
		if v, ok := shares[rung(r)]; ok {
			was.Text = share(v)
		}
		cells := []Cell{
			textCell(r.text("tier")), textCell(words(r.text("reason"))),
			{Text: count(int64(r.orZero("users")))},
			{Text: share(r.orZero("share")), Bar: r.orZero("share")},
			was,
			{Text: count(int64(r.orZero("rows")))},
		}
		if ofAll(r) {
			all.Add(cells...)
		} else {
			groups.Add(append([]Cell{groupCell(r)}, cells...)...)
		}
	}
	return all, groups
}

// ofAll reports whether a row counts all listeners; the others count the same ones again, by group.
func ofAll(r row) bool { return r.text("dimension") == schemas.All || r.text("dimension") == "" }

// rung is what two nights' rows are matched by.
func rung(r row) [4]string {
	return [4]string{r.text("dimension"), r.text("group"), r.text("tier"), r.text("reason")}
}

func groupCell(r row) Cell {
	return Cell{Text: cmp.Or(r.text("group"), "unknown"), Small: r.text("dimension")}
}

func step(r row) int {
	if i := slices.Index(ladder, r.text("tier")); i >= 0 {
		return i
	}
	return len(ladder)
}
