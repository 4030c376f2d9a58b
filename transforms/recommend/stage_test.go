package recommend

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/work/worktest"
)

func params() Params {
	p := Default()
	p.ListLength = 15
	return p
}

// Every listener has full lists that re-add bit for bit, with their parts: ranks 1…, terms in [0,1]; coverage counts
// everybody once.
func TestEveryListenerHasAList(t *testing.T) {
	n := newNight(t, 3)
	p := params()
	p.Candidates, p.Rank.Vectors = true, 6
	n.MustStage(Stage(p, localtime.UsualHours()))
	rows := table[schemas.Recommendation](n, schemas.TableUserRecommendations)
	general, count := 0, map[[2]string]int32{}
	last := map[[2]string]float32{}
	for _, r := range rows {
		k := [2]string{r.UserID, r.List}
		if count[k]++; r.Rank != count[k] {
			t.Errorf("%v: rank %d at place %d", k, r.Rank, count[k])
		}
		if r.List == schemas.ListGeneral {
			general++
		}
		if r.Slot != schemas.SlotExploration {
			if r.Rank > 1 && r.Score > last[k] {
				t.Errorf("%v: score rises at rank %d", k, r.Rank)
			}
			last[k] = r.Score
		}
		checkRow(t, r)
	}
	if general != testListeners*p.ListLength || len(count) <= testListeners {
		t.Errorf("%d rows of general lists, %d lists", general, len(count))
	}
	checkCoverage(t, n, len(rows))
	candidates, near := table[schemas.Candidate](n, schemas.TableCandidates), 0
	for _, c := range candidates {
		if slices.Contains(c.Sources, "vectors") {
			near++
		}
	}
	if len(candidates) < general || near == 0 {
		t.Errorf("%d candidates of %d rows, %d of them near vectors", len(candidates), general, near)
	}
}

func checkRow(t *testing.T, r schemas.Recommendation) {
	t.Helper()
	again := float32(float64(r.WTaste)*float64(r.Taste) + float64(r.WContext)*float64(r.Context) + float64(r.WPopularity)*float64(r.Popularity) + float64(r.Adjustment))
	var parts float64
	for _, a := range r.Adjustments {
		parts += float64(a.Value)
	}
	if math.Float32bits(again) != math.Float32bits(r.Score) || float32(parts) != r.Adjustment {
		t.Errorf("%s rank %d: %v re-adds to %v, adjustment %v to %v", r.UserID, r.Rank, r.Score, again, r.Adjustment, parts)
	}
	if (r.ContextCell == "") != (r.WContext == 0) || (r.ContextLevel == "") != (r.ContextCell == "") || len(r.Sources) == 0 {
		t.Errorf("row does not explain itself: %+v", r)
	}
	for _, s := range r.Seeds {
		if r.Tier != schemas.TierPersonal || s.Share <= 0 || s.Similarity <= 0 {
			t.Errorf("seed %+v of tier %s", s, r.Tier)
		}
	}
}

func checkCoverage(t *testing.T, n *worktest.Night, rows int) {
	t.Helper()
	var users, covered int64
	var share float64
	by := map[string]int64{}
	for _, c := range table[schemas.Coverage](n, schemas.TableCoverage) {
		if by[c.Dimension] += c.Users; c.Dimension == schemas.All {
			users, covered, share = users+c.Users, covered+c.Rows, share+c.Share
		}
	}
	if by[schemas.ByCountry] != testListeners || by[schemas.ByHistory] != testListeners {
		t.Errorf("listeners by dimension %v", by)
	}
	metrics := map[string]float64{}
	for _, q := range table[schemas.ListQuality](n, schemas.TableListQuality) {
		metrics[q.Metric] = q.Value
	}
	if len(metrics) != 7 || metrics["intra_list_distance"] > 1e-5 || metrics["artist_entropy"] < 0.5 || metrics["catalogue_coverage"] < 0.5 || metrics["exposure_gini"] <= 0 {
		t.Errorf("measures %v: all songs have one vector, lists have 5 of 9 artists at most", metrics)
	}
	if users != testListeners || covered != int64(rows) || math.Abs(share-1) > 1e-12 {
		t.Errorf("coverage adds up to %d listeners, %d rows, share %v", users, covered, share)
	}
	if n.Counts["recommend/listeners"] != testListeners || n.Counts["recommend/tier_none"] != 0 {
		t.Errorf("counters %v", n.Counts)
	}
}

// The same rows come out of 1 and of 4 buckets, and of a second run.
func TestBucketsChangeNothing(t *testing.T) {
	var want []schemas.Recommendation
	for i, buckets := range []int{1, 4, 4} {
		t.Run("", func(t *testing.T) {
			n := newNight(t, buckets)
			n.MustStage(Stage(params(), localtime.UsualHours()))
			got := byListener(table[schemas.Recommendation](n, schemas.TableUserRecommendations))
			if i == 0 {
				want = got
			} else if !reflect.DeepEqual(got, want) {
				t.Errorf("%d buckets give other rows", buckets)
			}
		})
	}
}

// Without anything but users and songs, everybody gets the songs of most playlists.
func TestOnlyUsersAndPlaylists(t *testing.T) {
	n := newNight(t, 2)
	for name := range n.Files {
		if name != schemas.WorkListeners && name != schemas.TableSongs {
			delete(n.Files, name)
		}
	}
	delete(n.Files, schemas.TableSongs)
	put(n, schemas.TableSongs, "bare", []schemas.SongRow{{SongID: "a", Playlists: 1}, {SongID: "b", Playlists: 9}, {SongID: "c"}})
	n.MustStage(Stage(params(), localtime.UsualHours()))
	rows := table[schemas.Recommendation](n, schemas.TableUserRecommendations)
	if len(rows) != 2*testListeners || rows[0].SongID != "b" || rows[1].SongID != "a" || rows[0].Tier != schemas.TierWorld {
		t.Errorf("%d rows, the first %+v", len(rows), rows[0])
	}
}

// Without listeners both tables are there and empty.
func TestNoListeners(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	for _, name := range []string{schemas.TableUserRecommendations, schemas.TableCoverage} {
		if len(n.Files[name]) != 1 || n.Files[name][0].Rows != 0 {
			t.Errorf("%s: %v", name, n.Files[name])
		}
	}
}

// Validate reports all problems at once.
func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	err := Params{Mode: "maybe", Weigh: Weighting{Context: 1.6, Kappa: 1}}.Validate()
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 6 {
		t.Errorf("errors: %v", err)
	}
}
