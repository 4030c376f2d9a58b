package gate_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/vec"
	"segue/transforms/gate"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

const (
	songs     = 300
	deep      = 8
	exponent  = .2
	tonight   = "2026-11-24"
	lastNight = "2026-11-23.1"
)

// release is a small night by hand: vectors, neighbours that follow from them, and lists.
type release struct {
	vectors    []schemas.SongVector
	neighbours []schemas.SongNeighbour
	lists      []schemas.Recommendation
	evaluation []schemas.Evaluation
	coverage   []schemas.Coverage
	quality    []schemas.ListQuality
	runs       map[string]string // table → run id in its file, where it is not the night's
}

func listsOf(metric string, value, previous float64) []schemas.ListQuality {
	return []schemas.ListQuality{{Metric: metric, Value: value, Previous: &previous, Lists: 150}}
}

func song(i int) string { return fmt.Sprintf("s%03d", i) }

func made(seed uint64) *release {
	r := rand.New(rand.NewPCG(seed, 0))
	n := &release{runs: map[string]string{}, coverage: []schemas.Coverage{{Dimension: schemas.All, Tier: schemas.TierPersonal, Share: .9}, {Dimension: schemas.All, Tier: schemas.TierWorld, Share: .1}, {Dimension: schemas.ByCountry, Tier: schemas.TierPersonal, Share: 1}}}
	for i := range songs {
		v := make([]float32, 16)
		for k := range v {
			v[k] = float32(r.NormFloat64())
		}
		vec.Unit(v)
		n.vectors = append(n.vectors, schemas.SongVector{SongID: song(i), Vector: v, Playlists: int64(1 + r.IntN(50)), Source: schemas.VectorFit})
	}
	for i := range songs {
		var list []schemas.SongNeighbour
		for j := range songs {
			if i != j {
				e := float32(math.Pow(float64(n.vectors[j].Playlists), exponent) * float64(vec.Dot(n.vectors[i].Vector, n.vectors[j].Vector)))
				list = append(list, schemas.SongNeighbour{SongID: song(i), NeighbourID: song(j), Score: e, EmbScore: e})
			}
		}
		slices.SortFunc(list, func(a, b schemas.SongNeighbour) int { return int(math.Copysign(1, float64(b.Score-a.Score))) })
		for rank := range deep {
			list[rank].Rank = int32(rank + 1)
		}
		n.neighbours = append(n.neighbours, list[:deep]...)
	}
	for u := range 150 {
		for rank := range 10 {
			row := schemas.Recommendation{
				UserID: fmt.Sprintf("u%03d", u), List: schemas.ListGeneral, Rank: int32(rank + 1), SongID: song((u + rank) % songs),
				Taste: 1 - float32(rank)/20, Context: .5, Popularity: .25, WTaste: .7, WContext: .2, WPopularity: .1,
				Tier: schemas.TierPersonal, Sources: []string{"neighbours"}, Slot: schemas.SlotRanked, Seeds: []schemas.Reason{},
			}
			row.Score = row.Sum()
			n.lists = append(n.lists, row)
		}
	}
	return n
}

// write writes the night's tables into s and returns them by name; tables it does not hold are empty.
func (n *release) write(t *testing.T, s lake.Store, run string) map[string][]lake.FileRef {
	t.Helper()
	out := map[string][]lake.FileRef{}
	for _, table := range schemas.Tables() {
		meta := parquetio.MetaFor(table, run)
		meta.RowGroupRows = 5 // lists begin in one row group and end in another
		if other, ok := n.runs[table.Name]; ok {
			meta.RunID = other
		}
		key := lake.RunKey(run, "tables", table.Name, "part.parquet")
		var ref lake.FileRef
		var err error
		switch table.Name {
		case schemas.TableSongVectors:
			ref, err = parquetio.WriteAll(t.Context(), s, key, meta, n.vectors)
		case schemas.TableSongNeighbours:
			ref, err = parquetio.WriteAll(t.Context(), s, key, meta, n.neighbours)
		case schemas.TableUserRecommendations:
			ref, err = parquetio.WriteAll(t.Context(), s, key, meta, n.lists)
		case schemas.TableEvaluation:
			ref, err = parquetio.WriteAll(t.Context(), s, key, meta, n.evaluation)
		case schemas.TableCoverage:
			ref, err = parquetio.WriteAll(t.Context(), s, key, meta, n.coverage)
		case schemas.TableListQuality:
			ref, err = parquetio.WriteAll(t.Context(), s, key, meta, n.quality)
		case schemas.TableGate:
			continue
		default:
			ref, err = parquetio.WriteAll(t.Context(), s, key, meta, []schemas.Rejected(nil))
		}
		if err != nil {
			t.Fatal(err)
		}
		out[table.Name] = []lake.FileRef{ref}
	}
	return out
}

// judge runs the gate over tonight, after a night before it, and returns the rules that fail or warn.
func judge(t *testing.T, now, before *release, counters, was map[string]int64) (failed, warned []string) {
	t.Helper()
	n := worktest.New(t, tonight)
	info := lake.RunInfo{Date: tonight}
	if before != nil {
		for name, refs := range before.write(t, n.Lake, lastNight) {
			n.Landing[schemas.Previous(name)] = refs
		}
		if err := lake.WriteStage(t.Context(), n.Lake, lastNight, lake.StageRecord{Stage: "clean", Counters: was}); err != nil {
			t.Fatal(err)
		}
		info.Previous = lastNight
	}
	if _, err := lake.ClaimRun(t.Context(), n.Lake, tonight, info); err != nil {
		t.Fatal(err)
	}
	n.Files = now.write(t, n.Lake, n.Run)
	maps.Copy(n.Counts, counters)
	n.MustStage(gate.Stage(gate.Default(), exponent))
	rules, err := parquetio.ReadAll[schemas.GateRule](t.Context(), n.Lake, n.Files[schemas.TableGate][0])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if (r.Advice == "") != (r.Status == schemas.GateOK) {
			t.Errorf("rule %s of %s is %s with advice %q", r.Rule, r.Subject, r.Status, r.Advice)
		}
		switch r.Status {
		case schemas.GateFail:
			failed = append(failed, r.Rule+" "+r.Subject)
		case schemas.GateWarn:
			warned = append(warned, r.Rule+" "+r.Subject)
		}
	}
	return failed, warned
}

// A sound night passes, the first as well as a later one.
func TestSoundNights(t *testing.T) {
	for name, before := range map[string]*release{"first": nil, "second": made(1)} {
		failed, warned := judge(t, made(2), before, map[string]int64{"neighbours/recall_ppm": 999_000}, nil)
		if len(failed)+len(warned) > 0 {
			t.Errorf("%s night: failed %v, warned %v", name, failed, warned)
		}
	}
}

// Files of an earlier attempt at the same night are its own when it goes on with that one's stages, and foreign otherwise.
func TestReusedStages(t *testing.T) {
	for _, reused := range [][]string{{"2026-11-24.0"}, nil} {
		n := worktest.New(t, tonight)
		n.Reused = reused
		now := made(2)
		now.runs[schemas.TableSongVectors] = "2026-11-24.0"
		n.Files = now.write(t, n.Lake, n.Run)
		if _, err := lake.ClaimRun(t.Context(), n.Lake, tonight, lake.RunInfo{Date: tonight}); err != nil {
			t.Fatal(err)
		}
		n.MustStage(gate.Stage(gate.Default(), exponent))
		if failed := n.Counts["gate/fail"]; (failed == 0) != (reused != nil) {
			t.Errorf("going on with %v: %d rules fail", reused, failed)
		}
	}
}

// Every way a night can be broken is caught by the rule made for it.
func TestBrokenNights(t *testing.T) {
	low, high := .9, .94
	for name, c := range map[string]struct {
		breaks   func(*release)
		counters map[string]int64
		want     []string
	}{
		"vectors shuffled": {breaks: func(n *release) {
			r := rand.New(rand.NewPCG(3, 0))
			r.Shuffle(len(n.vectors), func(i, j int) { n.vectors[i].Vector, n.vectors[j].Vector = n.vectors[j].Vector, n.vectors[i].Vector })
		}, want: []string{"scores song_neighbours"}},
		"neighbours of last night": {breaks: func(n *release) {
			n.neighbours, n.runs[schemas.TableSongNeighbours] = made(1).neighbours, lastNight
		}, want: []string{"run song_neighbours", "scores song_neighbours"}},
		"half of the playlists lost": {counters: map[string]int64{"clean/playlists_in": 500}, want: []string{"inputs clean/playlists_in"}},
		"half of the lists lost":     {breaks: func(n *release) { n.lists = n.lists[:len(n.lists)/2] }, want: []string{"rows user_recommendations"}},
		"a song beside itself":       {breaks: func(n *release) { n.neighbours[3].NeighbourID = n.neighbours[3].SongID }, want: []string{"sound song_neighbours"}},
		"a song twice":               {breaks: func(n *release) { n.lists[3].SongID = n.lists[2].SongID }, want: []string{"sound user_recommendations"}},
		"a song twice, far apart":    {breaks: func(n *release) { n.lists[9].SongID = n.lists[0].SongID }, want: []string{"sound user_recommendations"}},
		"a neighbour twice":          {breaks: func(n *release) { n.neighbours[5] = n.neighbours[4]; n.neighbours[5].Rank++ }, want: []string{"sound song_neighbours"}},
		"a rank left out":            {breaks: func(n *release) { n.lists[9].Rank = 11 }, want: []string{"sound user_recommendations"}},
		"a score that rises":         {breaks: func(n *release) { n.lists[4].Adjustment = 1; n.lists[4].Score = n.lists[4].Sum() }, want: []string{"sound user_recommendations"}},
		"a sum that is off":          {breaks: func(n *release) { n.lists[9].Score -= .001 }, want: []string{"sound user_recommendations"}},
		"a term beyond 1":            {breaks: func(n *release) { n.lists[0].Context = 1.5; n.lists[0].Score = n.lists[0].Sum() }, want: []string{"sound user_recommendations"}},
		"a vector too long":          {breaks: func(n *release) { n.vectors[5].Vector = append([]float32{1}, n.vectors[5].Vector...) }, want: []string{"sound song_vectors"}},
		"NaN":                        {breaks: func(n *release) { n.vectors[songs-1].Vector[0] = float32(math.NaN()) }, want: []string{"sound song_vectors"}},
		"poor search":                {counters: map[string]int64{"neighbours/recall_ppm": 900_000}, want: []string{"recall neighbours/recall_ppm"}},
		"lists of fewer songs":       {breaks: func(n *release) { n.quality = listsOf("catalogue_coverage", .5, .7) }, want: []string{"lists catalogue_coverage"}},
		"a louder head":              {breaks: func(n *release) { n.quality = listsOf("head_share", .65, .5) }, want: []string{"lists head_share"}},
		"lists of more songs":        {breaks: func(n *release) { n.quality = listsOf("catalogue_coverage", .9, .5) }},
		"fewer personal lists":       {breaks: func(n *release) { n.coverage[0].Share = .7 }, want: []string{"coverage personal"}},
		"worse than a baseline": {breaks: func(n *release) {
			n.evaluation = []schemas.Evaluation{{Metric: "ndcg@100_ratio", Stratum: schemas.All, Method: "published/item_knn", Value: .92, Low: &low, High: &high, Cases: 1000}}
		}, want: []string{"quality ndcg@100_ratio published/item_knn all"}},
	} {
		t.Run(name, func(t *testing.T) {
			n := made(2)
			if c.breaks != nil {
				c.breaks(n)
			}
			failed, _ := judge(t, n, made(1), c.counters, map[string]int64{"clean/playlists_in": 1000})
			slices.Sort(failed)
			if !reflect.DeepEqual(failed, c.want) {
				t.Errorf("failed %v, want %v", failed, c.want)
			}
		})
	}
}

// A certain loss against last night fails in any stratum, against item-kNN over all cases alone; published figures of earlier
// lists warn. Holm's correction counts the comparisons that are judged: a p of .0017 is certain alone, not among ten.
func TestStrataOfQuality(t *testing.T) {
	ratio := func(stratum, base string, half float64) schemas.Evaluation {
		low, high := .95-half, .95+half
		return schemas.Evaluation{Metric: "ndcg@100_ratio", Stratum: stratum, Method: "published/" + base, Value: .95, Low: &low, High: &high, Cases: 400}
	}
	var ten []schemas.Evaluation
	for i := range 10 {
		ten = append(ten, ratio(fmt.Sprintf("songs=%d", i), "last_night", .0335))
	}
	for name, c := range map[string]struct {
		rows         []schemas.Evaluation
		fails, warns int
	}{
		"tail against last night": {[]schemas.Evaluation{ratio("songs=tail", "last_night", .01)}, 1, 0},
		"tail against item-kNN":   {[]schemas.Evaluation{ratio("songs=tail", "item_knn", .01)}, 0, 0},
		"all against item-kNN":    {[]schemas.Evaluation{ratio(schemas.All, "item_knn", .01)}, 1, 0},
		"lists of yesterday":      {[]schemas.Evaluation{ratio("days=1", "popularity", .01)}, 0, 1},
		"one":                     {ten[:1], 1, 0},
		"ten":                     {ten, 0, 10},
	} {
		n := made(2)
		n.evaluation = c.rows
		failed, warned := judge(t, n, nil, nil, nil)
		if len(failed) != c.fails || len(warned) != c.warns {
			t.Errorf("%s: failed %v, warned %v, want %d and %d", name, failed, warned, c.fails, c.warns)
		}
	}
}

// A loss on few cases, or one that may be chance, only warns; one on a handful of cases is no loss yet.
func TestUncertainLossWarns(t *testing.T) {
	low, high, close := .9, .94, .99
	for name, row := range map[string]schemas.Evaluation{
		"few cases": {Value: .92, Low: &low, High: &high, Cases: 199},
		"chance":    {Value: .92, Low: &low, High: &close, Cases: 1000},
		"handful":   {Value: .92, Low: &low, High: &high, Cases: 29},
	} {
		row.Metric, row.Stratum, row.Method = "ndcg@100_ratio", schemas.All, "published/item_knn"
		if name == "chance" {
			wide := .85
			row.Low = &wide
		}
		n := made(2)
		n.evaluation = []schemas.Evaluation{row}
		failed, warned := judge(t, n, nil, nil, nil)
		if want := min(1, int(row.Cases)/30); len(failed) != 0 || len(warned) != want {
			t.Errorf("%s: failed %v, warned %v, want %d warnings", name, failed, warned, want)
		}
	}
}

// Vectors that were not trained tonight are told.
func TestKeptVectorsWarn(t *testing.T) {
	failed, warned := judge(t, made(2), nil, map[string]int64{"embed/kept_songs": 7}, nil)
	if want := "drift embed/kept_songs"; len(failed) != 0 || !slices.Contains(warned, want) {
		t.Errorf("failed %v, warned %v, want a warning %s", failed, warned, want)
	}
}
