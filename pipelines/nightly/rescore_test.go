package nightly_test

import (
	"strings"
	"testing"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
)

// Stored candidates weighed anew under the settings of their night give the same tables, row for row; under other weights, caps, lengths
// and lots, those that the night makes when it seeks candidates with these. What would find other candidates, and runs that stored none,
// are refused by name.
func TestRescore(t *testing.T) {
	s, date := worldLake(t, 13)
	first := mustRun(t, options(s, date))
	same := options(s, date)
	same.From, same.Params.Recommend.Rescore = "recommend", first.Run
	again := mustRun(t, same)
	equalTables(t, s, first.Run, again.Run, schemas.TableUserRecommendations, schemas.TableCandidates, schemas.TableCoverage, schemas.TableListQuality)

	other := options(s, date)
	other.From = "recommend"
	p := &other.Params.Recommend
	p.Weigh.Context, p.Weigh.Popularity, p.Weigh.PersonaPopularity = 0.3, 0.3, 0.5
	p.Rank.ArtistCap, p.Rank.ArtistStep, p.Rank.Explore, p.ListLength, p.ContextLength, p.Candidates = 3, 0.05, 0.1, 60, 20, false
	sought := mustRun(t, other)
	p.Rescore = again.Run
	weighed := mustRun(t, other)
	equalTables(t, s, sought.Run, weighed.Run, schemas.TableUserRecommendations, schemas.TableCoverage, schemas.TableListQuality)
	if contentHash(t, s, first.Run, schemas.TableUserRecommendations) == contentHash(t, s, weighed.Run, schemas.TableUserRecommendations) {
		t.Error("other weights changed nothing")
	}
	whole(t, s, weighed.Run)

	for want, change := range map[string]func(o *nightly.Options){
		"recommend.rank.pool_depth is 45, its candidates were sought with 30": func(o *nightly.Options) { o.Params.Recommend.Rank.PoolDepth = 45 },
		"make its night with recommend.candidates=true":                       func(o *nightly.Options) { o.Params.Recommend.Rescore = sought.Run },
		"re-score run 2026-03-08.99":                                          func(o *nightly.Options) { o.Params.Recommend.Rescore = "2026-03-08.99" },
		"or with another seed":                                                func(o *nightly.Options) { o.From, o.Seed, o.Until = "", 8, "recommend" },
	} {
		o := same
		change(&o)
		if _, err := nightly.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func contentHash(t *testing.T, s lake.Store, run, table string) string {
	t.Helper()
	m, err := lake.ReadManifest(t.Context(), s, run)
	if err != nil {
		t.Fatal(err)
	}
	found, ok := m.Table(table)
	if !ok || found.Rows == 0 {
		t.Fatalf("run %s has no rows of %s", run, table)
	}
	return found.ContentHash
}

func equalTables(t *testing.T, s lake.Store, a, b string, tables ...string) {
	t.Helper()
	for _, table := range tables {
		if contentHash(t, s, a, table) != contentHash(t, s, b, table) {
			t.Errorf("table %s of runs %s and %s differs", table, a, b)
		}
	}
}
