package parity

import (
	"fmt"
	"testing"
	"time"

	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/work/worktest"
)

// leave archives a few plays and a snapshot whose accumulator missed the given record (-1 = none).
func leave(t *testing.T, n *worktest.Night, missed int) {
	t.Helper()
	ctx := t.Context()
	o, err := archive.Claim(ctx, n.Lake, 0, -1, archive.Lease{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := archive.NewWriter(ctx, n.Lake, 0, o.State().Epoch, -1)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	s := sessions.NewShard(sessions.Default(), playjson.NewDecoder(playjson.Default()), -1)
	for i := range 6 {
		rec := sessions.Record{Offset: int64(i), ProducedMs: at.UnixMilli(), Key: []byte{byte('a' + i%2)}, Value: fmt.Appendf(nil,
			`{"event_id":"e%d","user_id":"%c","song_id":"s","started_at":%d}`, i, 'a'+i%2, at.Add(time.Duration(-i)*time.Minute).UnixMilli())}
		b := sessions.Batch{Previous: int64(i) - 1, Last: int64(i), Records: []sessions.Record{rec}}
		var e playjson.Event
		if reason := playjson.NewDecoder(playjson.Default()).Decode(rec.Key, rec.Value, rec.ProducedMs, &e); reason != "" {
			t.Fatal(reason)
		}
		w.AddPlay(archive.Play(0, &rec, &e))
		if i == missed {
			b.Records = nil
		}
		if err := s.Apply(b, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(ctx, 5); err != nil {
		t.Fatal(err)
	}
	if err := o.Save(ctx, 5, at, s.Snapshot(nil)); err != nil {
		t.Fatal(err)
	}
}

// The night counts what equals the replay and what does not; without a live job it counts nothing.
func TestStage(t *testing.T) {
	for missed, want := range map[int]map[string]int64{
		-1: {"parity/equal": 2, "parity/equal_ppm": 1_000_000, "parity/plays": 6},
		2:  {"parity/equal": 1, "parity/different": 1, "parity/equal_ppm": 500_000, "parity/plays": 6},
		-2: {},
	} {
		n := worktest.New(t, "2026-01-05")
		if missed != -2 {
			leave(t, n, missed)
		}
		n.MustStage(Stage(Default()))
		for name, v := range want {
			if n.Counts[name] != v {
				t.Errorf("missed %d: %s is %d, want %d", missed, name, n.Counts[name], v)
			}
		}
		if _, counted := n.Counts["parity/equal_ppm"]; counted != (missed != -2) {
			t.Errorf("missed %d: counters %v", missed, n.Counts)
		}
	}
}

// Params are checked.
func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	if (Params{}).Validate() == nil {
		t.Error("a gap of 0 passes")
	}
}
