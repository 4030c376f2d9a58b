package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
	"segue/transforms/io/work"
)

// release is lists that were published earlier, and the time after them: plays in [From, To) follow what they were made from.
type release struct {
	Name   string // days=n, n the days since
	From   time.Time
	To     time.Time
	Lists  []lake.FileRef // table user_recommendations
	Charts []lake.FileRef // table charts, the baseline
}

// releases returns last night's release and the one of a week ago, as far as they were pinned and differ.
func releases(sc *work.Context) ([]release, error) {
	var out []release
	for _, pinned := range []func(string) string{schemas.Previous, schemas.WeekBefore} {
		lists := sc.Landing(pinned(schemas.TableUserRecommendations))
		if len(lists) == 0 || !sc.Has(schemas.WorkPlays) {
			continue
		}
		date, _, err := lake.ParseRun(lake.RunOf(lists[0].Key))
		if err != nil {
			return nil, fmt.Errorf("find the night of %s: %w", lists[0].Key, err)
		}
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return nil, fmt.Errorf("find the night of %s: %w", lists[0].Key, err)
		}
		r := release{
			Name: fmt.Sprintf("%s%d", schemas.StratumDays, int(sc.Date().Sub(day).Hours()/24)),
			From: day.AddDate(0, 0, 1), To: sc.Date().AddDate(0, 0, 1), Lists: lists, Charts: sc.Landing(pinned(schemas.TableCharts)),
		}
		if !slices.ContainsFunc(out, func(o release) bool { return o.Name == r.Name }) {
			out = append(out, r)
		}
	}
	return out, nil
}

// heldOutDays returns the rows of earlier lists against the plays that followed; none where nothing was published before.
func heldOutDays(ctx context.Context, sc *work.Context, shared dayShared) ([]schemas.Evaluation, error) {
	all, err := releases(sc)
	if err != nil || len(all) == 0 || !sc.Has(schemas.TableSongs) {
		return nil, err
	}
	defer followed.Drop()
	if shared.Songs, err = sc.Input(schemas.TableSongs); err != nil {
		return nil, err
	}
	var rows []schemas.Evaluation
	for _, r := range all {
		shared.Release = r
		cases, err := dayCases(ctx, sc, shared)
		if err != nil {
			return nil, err
		}
		rows = append(rows, dayRows(r.Name, cases, sc.Env().Seed)...)
	}
	return rows, nil
}

// dayShared is what all items about one release read.
type dayShared struct {
	Release release
	Songs   []lake.FileRef
	Limit   int // listeners, 0 = all
	Hours   localtime.DayHours
	Truth   []lake.FileRef
}

// dayCases measures the lists of one release, by listener hash.
func dayCases(ctx context.Context, sc *work.Context, shared dayShared) ([]dayCase, error) {
	plays, err := sc.Buckets(schemas.WorkPlays, schemas.WorkListeners)
	if err != nil {
		return nil, err
	}
	env, name := sc.Env(), strings.ReplaceAll(shared.Release.Name, "=", "-")
	truths, err := work.Run(sc, "truth-"+name, bucketed(name, plays), truthFn{Shared: shared}, work.Collect[lake.FileRef]{})
	if err != nil {
		return nil, err
	}
	truth, err := tables.Read[playedSong](ctx, env.Lake, slices.Concat(truths...))
	if err != nil {
		return nil, err
	}
	truth = smallestListeners(truth, shared.Limit)
	if len(truth) == 0 {
		return nil, nil
	}
	ref, err := parquetio.WriteAll(ctx, env.Lake, env.File("truth", name+"-all", ".parquet"), parquetio.Meta{Table: "truth"}, truth)
	if err != nil {
		return nil, err
	}
	shared.Truth = []lake.FileRef{ref}
	found, err := work.Run(sc, "lists-"+name, numbered(name, shared.Release.Lists), dayListsFn{Shared: shared}, work.Collect[lake.FileRef]{})
	if err != nil {
		return nil, err
	}
	cases, err := tables.Read[dayCase](ctx, env.Lake, slices.Concat(found...))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(cases, func(a, b dayCase) int {
		return cmp.Or(cmp.Compare(uint64(a.Hash), uint64(b.Hash)), cmp.Compare(a.UserID, b.UserID))
	})
	sc.Count("evaluate/listeners_"+strings.ReplaceAll(name, "-", "_"), int64(len(cases)))
	return cases, nil
}

// dayFile is one file that an item reads.
type dayFile struct {
	Name string
	File lake.FileRef
}

// dayPlays is one user bucket of plays.
type dayPlays struct {
	Name  string
	Files []lake.FileRef
}

func bucketed(name string, buckets [][]lake.FileRef) []dayPlays {
	items := make([]dayPlays, len(buckets))
	for i, refs := range buckets {
		items[i] = dayPlays{fmt.Sprintf("%s-%06d", name, i), refs}
	}
	return items
}

func numbered(name string, refs []lake.FileRef) []dayFile {
	items := make([]dayFile, len(refs))
	for i, ref := range refs {
		items[i] = dayFile{fmt.Sprintf("%s-%06d", name, i), ref}
	}
	return items
}

// smallestListeners keeps the limit listeners of smallest hash (0 = all), their rows together, in the order of hashes.
func smallestListeners(rows []playedSong, limit int) []playedSong {
	slices.SortStableFunc(rows, func(a, b playedSong) int {
		return cmp.Or(cmp.Compare(uint64(a.Hash), uint64(b.Hash)), cmp.Compare(a.UserID, b.UserID))
	})
	if limit == 0 {
		return rows
	}
	listeners := 0
	for i := range rows {
		if i == 0 || rows[i].UserID != rows[i-1].UserID {
			if listeners++; listeners > limit {
				return rows[:i]
			}
		}
	}
	return rows
}
