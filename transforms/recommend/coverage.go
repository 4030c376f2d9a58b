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

// count is the listeners of one tier and reason, and their rows.
type count struct {
	Tier, Reason string
	Users, Rows  int64
}

// coverage counts listeners by tier and reason of their general list.
type coverage map[[2]string]count

func (c coverage) add(lists []scoring.List) {
	tier, rows := TierNone, 0
	for i := range lists {
		rows += len(lists[i].Rows)
	}
	if len(lists[0].Rows) > 0 {
		tier = tiers[lists[0].Tier()]
	}
	c.sum(count{tier, lists[0].Reason, 1, int64(rows)})
}

func (c coverage) sum(x count) {
	k := [2]string{x.Tier, x.Reason}
	at := c[k]
	c[k] = count{x.Tier, x.Reason, at.Users + x.Users, at.Rows + x.Rows}
}

// counts returns the counts by tier and reason.
func (c coverage) counts() []count {
	var out []count
	for _, x := range c {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b count) int {
		return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}

// publish hands on the files of all buckets, or an empty one, and writes the coverage.
func publish(ctx context.Context, sc *work.Context, parts [][]part, p Params) error {
	cover := coverage{}
	for _, values := range parts {
		for _, p := range values {
			sc.Output(schemas.TableUserRecommendations, p.Table)
			if p.Candidates != nil {
				sc.Output(schemas.TableCandidates, *p.Candidates)
			}
			for _, x := range p.Coverage {
				cover.sum(x)
			}
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
	var users int64
	for _, x := range cover {
		users += x.Users
	}
	var rows []schemas.Coverage
	for _, x := range cover.counts() {
		rows = append(rows, schemas.Coverage{Tier: x.Tier, Reason: x.Reason, Users: x.Users, Share: float64(x.Users) / float64(users), Rows: x.Rows})
		sc.Count("recommend/listeners", x.Users)
		sc.Count("recommend/rows", x.Rows)
		if x.Tier == TierNone {
			sc.Count("recommend/empty", x.Users)
		}
	}
	return writeTable(ctx, sc, schemas.TableCoverage, "all", rows)
}

func writeTable[T any](ctx context.Context, sc *work.Context, name, item string, rows []T) error {
	ref, err := tables.Write(ctx, sc.Env(), name, item, rows)
	if err != nil {
		return err
	}
	sc.Output(name, ref)
	return nil
}
