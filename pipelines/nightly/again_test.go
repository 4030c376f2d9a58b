package nightly_test

import (
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// A published night that is asked for again from a stage on is a new attempt: it takes the files of the stages before by
// reference, passes the gate and becomes current. A collection afterwards takes the first attempt and keeps of it what the
// second names: all tables are whole, why-not still follows a song, and the next night takes up what was kept for it.
func TestFromAStageOfAPublishedNight(t *testing.T) {
	s, date := worldLake(t, 11)
	first := mustRun(t, options(s, date))
	o := options(s, date)
	o.From, o.Resume = "evaluate", true // there is nothing unfinished to continue
	second := mustRun(t, o)
	_, m, err := lake.Current(t.Context(), s)
	if err != nil || !second.Published || second.Run == first.Run || m.Run != second.Run || len(m.Failed) > 0 {
		t.Fatalf("second attempt %+v, current %s, failed %v, error %v", second, m.Run, m.Failed, err)
	}
	lists, _ := m.Table(schemas.TableUserRecommendations)
	evaluation, _ := m.Table(schemas.TableEvaluation)
	if lake.RunOf(lists.Files[0].Key) != first.Run || lake.RunOf(evaluation.Files[0].Key) != second.Run {
		t.Errorf("lists lie at %s, the evaluation at %s", lists.Files[0].Key, evaluation.Files[0].Key)
	}
	for _, r := range gateRules(t, s, m) {
		if r.Status == schemas.GateFail || r.Rule == "run" && r.Status != schemas.GateOK {
			t.Errorf("rule %+v", r)
		}
	}
	third := mustRun(t, options(s, date.AddDate(0, 0, 1))) // last night is the second attempt
	receipt, err := lake.Collect(t.Context(), s, lake.Retention{Daily: 14, Grace: lake.MinGrace}, time.Now().Add(5*lake.MinGrace), false)
	if err != nil || receipt.Total.Files == 0 {
		t.Fatalf("collected %+v, error %v", receipt, err)
	}
	for _, run := range []string{second.Run, third.Run} {
		whole(t, s, run)
	}
	next := mustRun(t, options(s, date.AddDate(0, 0, 2)))
	if c := lake.Counters(next.Stages); c["work/kept_hits"] == 0 || c["work/kept_made"] > c["work/kept_hits"] {
		t.Errorf("after a collection the next night makes %d kept items and takes up %d", c["work/kept_made"], c["work/kept_hits"])
	}
}

// whole checks that every file of a run is there as the manifest says, and that why-not answers for it.
func whole(t *testing.T, s lake.Store, run string) {
	t.Helper()
	m, err := lake.ReadManifest(t.Context(), s, run)
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := lake.Verify(t.Context(), s, m); err != nil || len(problems) > 0 {
		t.Errorf("run %s after a collection: %v, error %v", run, problems, err)
	}
	lists, _ := m.Table(schemas.TableUserRecommendations)
	for row, err := range parquetio.Read[schemas.Recommendation](t.Context(), s, lists.Files[0]) {
		if err != nil {
			t.Fatal(err)
		}
		if f, err := nightly.WhyNot(t.Context(), s, m, row.UserID, row.SongID); err != nil || f.Step == "" {
			t.Errorf("why-not in run %s after a collection: %+v, error %v", run, f, err)
		}
		return
	}
	t.Errorf("run %s has no lists", run)
}

func gateRules(t *testing.T, s lake.Store, m lake.Manifest) []schemas.GateRule {
	t.Helper()
	gate, _ := m.Table(schemas.TableGate)
	rules, err := parquetio.ReadAll[schemas.GateRule](t.Context(), s, gate.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	return rules
}
