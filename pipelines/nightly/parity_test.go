package nightly_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// liveDay leaves what a live job leaves of a day: plays of 60 listeners, the last of a minute late beyond the lateness, in an archive of a flush
// every 50 records, and a snapshot of its accumulator, to which every record comes through the given function.
func liveDay(t *testing.T, s lake.Store, day time.Time, through func(i int, value string) string) {
	t.Helper()
	ctx := t.Context()
	o, err := archive.Claim(ctx, s, 0, -1, archive.Lease{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := archive.NewWriter(ctx, s, 0, o.State().Epoch, -1)
	if err != nil {
		t.Fatal(err)
	}
	decoder := playjson.NewDecoder(playjson.Default())
	shard := sessions.NewShard(sessions.Default(), decoder, -1)
	const records = 1200
	for i := range records {
		user, at := fmt.Sprint("live", i%60), day.Add(time.Duration(i)*time.Minute)
		if i%100 == 99 {
			at = at.Add(-2 * time.Hour)
		}
		rec := sessions.Record{Offset: int64(i), ProducedMs: day.Add(time.Duration(i) * time.Minute).UnixMilli(), Key: []byte(user), Value: fmt.Appendf(nil,
			`{"event_id":"live%d","user_id":%q,"song_id":"song%d","started_at":%d,"ms_played":180000,"track_ms":200000,"skipped":%t}`, i, user, i%17, at.UnixMilli(), i%3 == 0)}
		var e playjson.Event
		if reason := decoder.Decode(rec.Key, rec.Value, rec.ProducedMs, &e); reason != "" {
			t.Fatal(reason)
		}
		w.AddPlay(archive.Play(0, &rec, &e))
		rec.Value = []byte(through(i, string(rec.Value)))
		if err := shard.Apply(sessions.Batch{Previous: int64(i) - 1, Last: int64(i), Records: []sessions.Record{rec}}, nil); err != nil {
			t.Fatal(err)
		}
		if i%50 == 49 {
			flush(t, w, shard)
		}
	}
	shard.Advance(day.AddDate(0, 0, 2).UnixMicro())
	flush(t, w, shard)
	if err := o.Save(ctx, records-1, day.AddDate(0, 0, 2), shard.Snapshot(nil)); err != nil {
		t.Fatal(err)
	}
}

func flush(t *testing.T, w *archive.Writer, shard *sessions.Shard) {
	t.Helper()
	for _, f := range shard.Drain() {
		w.AddSession(archive.Session(0, &f))
	}
	if err := w.Flush(t.Context(), shard.Applied()); err != nil {
		t.Fatal(err)
	}
}

// The night after a live day merges the small files of its archive, finds every record of the live job in the replay, each difference between
// stream and night a counted late play, and publishes. An error planted in the live path, a skip taken for a complete play, of one listener in 60, fails rule parity
// of the gate: nothing is published.
func TestPlantedErrorOfTheLiveJobFailsTheGate(t *testing.T) {
	asItIs := func(_ int, value string) string { return value }
	s, date := worldLake(t, 12)
	liveDay(t, s, date, asItIs)
	r := mustRun(t, options(s, date))
	c := lake.Counters(r.Stages)
	if !r.Published || c["parity/equal_ppm"] != 1_000_000 || c["parity/late"] != 12 || c["parity/plays"]+c["parity/late"] != 1200 {
		t.Errorf("a clean day: published %t, counters %v", r.Published, c)
	}
	if merged, err := s.List(t.Context(), schemas.LiveMerged+"/"); err != nil || len(merged) == 0 {
		t.Errorf("%d merged entries, %v", len(merged), err)
	}

	s, date = worldLake(t, 12)
	liveDay(t, s, date, func(i int, value string) string {
		if i == 1140 { // the last play of its listener, a skip
			value = value[:len(value)-len(`true}`)] + `false}`
		}
		return value
	})
	r, err := nightly.Run(t.Context(), options(s, date))
	if !errors.Is(err, work.ErrGate) || r.Published {
		t.Fatalf("with a planted error: %+v, %v", r, err)
	}
	m, err := lake.ReadManifest(t.Context(), s, r.Run)
	if err != nil {
		t.Fatal(err)
	}
	failed := func(g schemas.GateRule) bool { return g.Rule == "parity" && g.Status == schemas.GateFail }
	if rules := gateRules(t, s, m); !slices.ContainsFunc(rules, failed) {
		t.Errorf("rules %+v, want parity to fail", rules)
	}
}
