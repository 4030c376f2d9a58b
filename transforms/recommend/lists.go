package recommend

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/algo/scoring"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[listsFn, work.Collect[part], bucket, part, []part]()
}

// part is what one user bucket leaves.
type part struct {
	Table    lake.FileRef
	Coverage []count
}

// listsFn makes the lists of one user bucket.
type listsFn struct {
	Shared      Shared
	Calibration scoring.Calibration
}

// Do writes the bucket's file and returns it with its counts, under the bucket's number.
func (f listsFn) Do(ctx context.Context, env *work.Env, b bucket) ([]work.Keyed[part], error) {
	m, err := openModel(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	night := m.scoring
	night.Settings.Calibration = f.Calibration
	name := fmt.Sprintf("%05d", b.Number)
	table, _ := schemas.FindTable(schemas.TableUserRecommendations)
	w, err := parquetio.NewWriter[schemas.Recommendation](ctx, env.Lake, env.TableFile(table.Name, name), parquetio.MetaFor(table, env.Run))
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	cover, scratch := coverage{}, scoring.NewScratch(len(m.ids))
	err = eachListener(ctx, env.Lake, b, m, func(id string, l *scoring.Listener) error {
		list := night.Make(l, scratch)
		cover.add(list)
		return w.Write(m.rows(id, l, list))
	})
	if err != nil {
		return nil, err
	}
	ref, err := w.Close()
	return []work.Keyed[part]{{Key: name, Value: part{ref, cover.counts()}}}, err
}

// tiers names the rungs of scoring.Row.Tier.
var tiers = [...]string{schemas.TierPersonal, schemas.TierContext, schemas.TierRegion, schemas.TierWorld}

// rows returns the table rows of a list.
func (m *model) rows(user string, l *scoring.Listener, list scoring.List) []schemas.Recommendation {
	cell := ""
	if l.Cell != nil {
		cell = l.Cell.Name
	}
	out := make([]schemas.Recommendation, len(list.Rows))
	for i, r := range list.Rows {
		seeds := make([]schemas.Seed, len(r.Seeds))
		for k, f := range r.Seeds {
			seeds[k] = schemas.Seed{SongID: m.ids[f.Song], Weight: f.Weight}
		}
		out[i] = schemas.Recommendation{
			UserID: user, List: schemas.ListGeneral, Rank: int32(i + 1), SongID: m.ids[r.Song], Score: r.Score,
			Taste: r.Terms.Taste, Context: r.Terms.Context, Popularity: r.Terms.Popularity,
			WTaste: list.Weights.Taste, WContext: list.Weights.Context, WPopularity: list.Weights.Popularity,
			Adjustment: r.Adjustment, Tier: tiers[r.Tier()], Sources: scoring.SourceNames(r.Sources), Seeds: seeds, ContextCell: cell,
		}
	}
	return out
}
