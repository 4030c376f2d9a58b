package recommend

import (
	"cmp"
	"context"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// TierNone stands in table coverage for listeners without a list.
const TierNone = "none"

// group is a set of listeners and what became of them.
type group struct{ Dimension, Group, Tier, Reason string }

// count is the listeners of one group, tier and reason, and their rows.
type count struct {
	Of          group
	Users, Rows int64
}

// coverage counts listeners by tier and reason of their general list: all, by country, by history.
type coverage map[group]count

func (c coverage) add(p *person, lists []scoring.List) {
	tier, rows := TierNone, int64(0)
	for i := range lists {
		rows += int64(len(lists[i].Rows))
	}
	if len(lists[0].Rows) > 0 {
		tier = tiers[lists[0].Tier()]
	}
	reason := lists[0].Reason
	c.sum(count{group{schemas.All, schemas.All, tier, reason}, 1, rows})
	c.sum(count{group{schemas.ByCountry, p.listener.Region, tier, reason}, 1, rows})
	c.sum(count{group{schemas.ByHistory, cmp.Or(p.profile.history, schemas.HistoryNone), tier, reason}, 1, rows})
}

func (c coverage) sum(x count) {
	at := c[x.Of]
	c[x.Of] = count{x.Of, at.Users + x.Users, at.Rows + x.Rows}
}

// counts returns the counts in the order of the table.
func (c coverage) counts() []count {
	out := make([]count, 0, len(c))
	for _, x := range c {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b count) int {
		x, y := a.Of, b.Of
		return cmp.Or(cmp.Compare(x.Dimension, y.Dimension), cmp.Compare(x.Group, y.Group), cmp.Compare(x.Tier, y.Tier), cmp.Compare(x.Reason, y.Reason))
	})
	return out
}

// rows returns the table's rows.
func (c coverage) rows() []schemas.Coverage {
	users := map[[2]string]int64{}
	for k, x := range c {
		users[[2]string{k.Dimension, k.Group}] += x.Users
	}
	var out []schemas.Coverage
	for _, x := range c.counts() {
		k := x.Of
		out = append(out, schemas.Coverage{
			Dimension: k.Dimension, Group: k.Group, Tier: k.Tier, Reason: k.Reason, Users: x.Users, Rows: x.Rows,
			Share: float64(x.Users) / float64(users[[2]string{k.Dimension, k.Group}]),
		})
	}
	return out
}

// publish hands on the files of all buckets, or empty ones, and writes the coverage and the measures.
func publish(ctx context.Context, sc *work.Context, parts [][]part, p Params) error {
	cover, quality := coverage{}, []measured(nil)
	for _, values := range parts {
		for _, p := range values {
			sc.Output(schemas.TableUserRecommendations, p.Table)
			if p.Candidates != nil {
				sc.Output(schemas.TableCandidates, *p.Candidates)
			}
			for _, x := range p.Coverage {
				cover.sum(x)
			}
			quality = append(quality, p.Quality)
		}
	}
	if len(parts) == 0 {
		if err := writeTable(ctx, sc, schemas.TableUserRecommendations, "empty", []schemas.Recommendation(nil)); err != nil {
			return err
		}
		if p.Candidates {
			if err := writeTable(ctx, sc, schemas.TableCandidates, "empty", []schemas.Candidate(nil)); err != nil {
				return err
			}
		}
	}
	if err := writeQuality(ctx, sc, quality); err != nil {
		return err
	}
	for _, x := range cover {
		if x.Of.Dimension == schemas.All {
			sc.Count("recommend/listeners", x.Users)
			sc.Count("recommend/rows", x.Rows)
			sc.Count("recommend/tier_"+x.Of.Tier, x.Users)
		}
	}
	return writeTable(ctx, sc, schemas.TableCoverage, "all", cover.rows())
}

func writeTable[T any](ctx context.Context, sc *work.Context, name, item string, rows []T) error {
	ref, err := tables.Write(ctx, sc.Env(), name, item, rows)
	if err != nil {
		return err
	}
	sc.Output(name, ref)
	return nil
}
