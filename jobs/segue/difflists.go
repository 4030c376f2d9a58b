package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"segue/schemas"
	"segue/transforms/algo/overlap"
	"segue/transforms/io/lake"
)

// persistence is p of the rank-biased overlap: the first ten ranks carry 86 % of its weight.
const persistence = .9

// ranked is the beginning of one list.
type ranked struct {
	items []uint64 // hashes of song ids, best first: 8 bytes instead of a string
	score float64  // mean of the scores
	tier  string
}

// listsByID are the lists of listeners or songs by id.
type listsByID map[string]*ranked

func (l listsByID) add(id, song string, score float64, rank, depth int) *ranked {
	r := l[id]
	if r == nil {
		r = &ranked{}
		l[strings.Clone(id)] = r
	}
	if rank <= depth {
		r.items = append(r.items, schemas.Hash64(0, song))
		r.score += (score - r.score) / float64(len(r.items))
	}
	return r
}

// listRow is what a comparison reads of table user_recommendations: columns that every version has.
type listRow struct {
	UserID string  `parquet:"user_id,dict"`
	List   string  `parquet:"list,dict"`
	Rank   int32   `parquet:"rank,plain"`
	SongID string  `parquet:"song_id,dict"`
	Score  float32 `parquet:"score,plain"`
	Tier   string  `parquet:"tier,dict"`
}

// readLists returns the first depth ranks of every general list. Memory: 8·depth bytes a listener.
func readLists(ctx context.Context, r release, t lake.Table, depth int) (listsByID, error) {
	out := listsByID{}
	for row, err := range rows[listRow](ctx, r, t.Files) {
		if err != nil {
			return nil, err
		}
		if row.List == schemas.ListGeneral {
			out.add(row.UserID, row.SongID, float64(row.Score), int(row.Rank), depth).tier = row.Tier
		}
	}
	return out, nil
}

// readNeighbours returns the first depth neighbours of every song. Memory: 8·depth bytes a song.
func readNeighbours(ctx context.Context, r release, t lake.Table, depth int) (listsByID, error) {
	out := listsByID{}
	for row, err := range rows[schemas.SongNeighbour](ctx, r, t.Files) {
		if err != nil {
			return nil, err
		}
		out.add(row.SongID, row.NeighbourID, float64(row.Score), int(row.Rank), depth)
	}
	return out, nil
}

// moved is how far one list moved.
type moved struct {
	id             string
	shared, biased float64
	shift          float64
}

// compareLists sums up how lists moved, and shows those that moved most.
func (d *comparison) compareLists(name, title, idName string, was, now listsByID) {
	var all []moved
	same, gone := 0, 0
	for _, id := range slices.Sorted(maps.Keys(was)) {
		a, b := was[id], now[id]
		if b == nil {
			gone++
			continue
		}
		if slices.Equal(a.items, b.items) {
			same++
		}
		all = append(all, moved{id, overlap.Shared(a.items, b.items, d.o.depth), overlap.RankBiased(a.items, b.items, persistence), b.score - a.score})
	}
	k := d.o.depth
	out := d.add(name, title, "figure", "value")
	out.Add("in both runs", len(all))
	out.Add("only in "+d.a.manifest.Run, gone)
	out.Add("only in "+d.b.manifest.Run, len(now)-len(all))
	out.Add(fmt.Sprintf("same first %d, in order", k), same)
	for _, f := range []struct {
		name  string
		value func(moved) float64
	}{
		{fmt.Sprintf("overlap@%d", k), func(m moved) float64 { return m.shared }},
		{"rank-biased overlap", func(m moved) float64 { return m.biased }},
		{"score shift", func(m moved) float64 { return m.shift }},
	} {
		mean, low, median := describe(all, f.value)
		out.Add(f.name+", mean", mean)
		out.Add(f.name+", median", median)
		out.Add(f.name+", 5th percentile", low)
	}
	slices.SortStableFunc(all, func(a, b moved) int { return cmp.Compare(a.biased, b.biased) })
	top := d.add(name+"_movers", title+" that moved most", idName, fmt.Sprintf("overlap@%d", k), "rank_biased_overlap", "score_shift")
	for _, m := range all[:min(d.o.movers, len(all))] {
		top.Add(m.id, m.shared, m.biased, m.shift)
	}
}

// describe returns mean, 5th percentile and median of a figure.
func describe(all []moved, value func(moved) float64) (mean, low, median float64) {
	if len(all) == 0 {
		return 0, 0, 0
	}
	values := make([]float64, len(all))
	for i, m := range all {
		values[i] = value(m)
		mean += values[i] / float64(len(all))
	}
	slices.Sort(values)
	return mean, values[len(values)/20], values[len(values)/2]
}

// tiers counts the listeners by the tier they had and have.
func (d *comparison) tiers(was, now listsByID) {
	counts := map[[2]string]int{}
	for id, a := range was {
		if b := now[id]; b != nil {
			counts[[2]string{a.tier, b.tier}]++
		}
	}
	out := d.add("tiers", "Listeners by tier", "tier_a", "tier_b", "listeners")
	keys := slices.SortedFunc(maps.Keys(counts), func(x, y [2]string) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	for _, k := range keys {
		out.Add(k[0], k[1], counts[k])
	}
}

// spreadOf returns the values of a column of a table.
func (r release) spreadOf(ctx context.Context, t lake.Table, column string) (*spread, error) {
	s := newSpread()
	for _, ref := range t.Files {
		if err := addValues(ctx, r, ref, column, s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// statistic is one named number.
type statistic struct {
	name  string
	value any
}

// statistics returns quantiles of numbers and the count of distinct values of others.
func (s *spread) statistics() []statistic {
	if len(s.numbers) == 0 {
		return []statistic{{"distinct", int64(len(s.texts))}, {"5%", nil}, {"50%", nil}, {"95%", nil}}
	}
	slices.Sort(s.numbers)
	n := len(s.numbers)
	distinct := int64(1)
	for i := 1; i < n; i++ {
		if s.numbers[i] != s.numbers[i-1] {
			distinct++
		}
	}
	return []statistic{{"distinct", distinct}, {"5%", s.show(s.numbers[n/20])}, {"50%", s.show(s.numbers[n/2])}, {"95%", s.show(s.numbers[n*19/20])}}
}

// writeParts writes findings as one JSON object, by name.
func writeParts(w io.Writer, parts []part) error {
	out := map[string]json.RawMessage{}
	for _, p := range parts {
		var b strings.Builder
		if err := p.table.Write(&b, "json"); err != nil {
			return err
		}
		out[p.name] = json.RawMessage(b.String())
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
