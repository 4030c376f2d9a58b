package nightly

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/archive"
	"segue/transforms/io/lake"
)

// Archived plays are inputs of the nights from their day on, and a night waits until every partition's archive reaches past its day.
func TestArchiveIsInput(t *testing.T) {
	ctx := t.Context()
	s, err := lake.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for p := range int32(2) {
		o, w := claimed(t, s, p)
		at := day.Add(time.Duration(p) * 24 * time.Hour)
		w.AddPlay(schemas.ArchivedPlay{EventID: "e", UserID: "u", SongID: "s", StartedAt: at, Kind: schemas.KindPlay, Partition: p, ProducedAt: at})
		if err := w.Flush(ctx, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := findInputs(ctx, s, day); !errors.Is(err, ErrNotReady) {
			t.Errorf("partition %d without a watermark: %v, want ErrNotReady", p, err)
		}
		if err := o.Save(ctx, 0, day.Add(24*time.Hour+archiveLateness), nil); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := findInputs(ctx, s, day)
	if err != nil || len(inputs[schemas.LandingPlays]) != 1 {
		t.Errorf("inputs %v, %v: want the play of the day", inputs, err)
	}
	if _, err := findInputs(ctx, s, day.AddDate(0, 0, 1)); !errors.Is(err, ErrNotReady) {
		t.Errorf("the next day: %v, want ErrNotReady", err)
	}
	earlier := day.AddDate(0, 0, -1)
	if _, err := findInputs(ctx, s, earlier); !errors.Is(err, ErrNotReady) {
		t.Errorf("a day without plays: %v, want ErrNotReady", err)
	}
}

// claimed makes the archive of a partition that nobody has owned.
func claimed(t *testing.T, s lake.Store, partition int32) (*archive.Owner, *archive.Writer) {
	t.Helper()
	o, err := archive.Claim(t.Context(), s, partition, -1, archive.Lease{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := archive.NewWriter(t.Context(), s, partition, o.State().Epoch, -1)
	if err != nil {
		t.Fatal(err)
	}
	return o, w
}

// A plan reads an archive of many small files and leaves it as it is; the night makes few of them.
func TestPlanWritesNothing(t *testing.T) {
	ctx := t.Context()
	s, err := lake.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	o, w := claimed(t, s, 0)
	for i := range int64(4) {
		at := day.Add(time.Duration(i/3*24) * time.Hour)
		w.AddPlay(schemas.ArchivedPlay{EventID: fmt.Sprint(i), UserID: "u", SongID: "s", StartedAt: at, Kind: schemas.KindPlay, ProducedAt: at, Offset: i})
		if err := w.Flush(ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Save(ctx, 3, day.Add(24*time.Hour+archiveLateness), nil); err != nil {
		t.Fatal(err)
	}
	objects := func() int {
		infos, err := s.List(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		return len(infos)
	}
	before := objects()
	options := Options{Lake: s, Date: day, Params: Default(), Runner: "direct", Until: "clean"}
	if _, err := Expect(ctx, options); err != nil || objects() != before {
		t.Errorf("a plan left %d objects, there were %d: %v", objects(), before, err)
	}
	if err := archive.Merge(ctx, s, day.AddDate(0, 0, 1)); err != nil || objects() == before {
		t.Errorf("there was nothing to merge: %v", err)
	}
}
