package archive

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/lake"
)

// fill archives the records as one undisturbed process does.
func fill(t *testing.T, s lake.Store, recs []sessions.Record, step int) {
	t.Helper()
	if _, err := live(t.Context(), s, recs, step); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, s lake.Store, folder string) int {
	t.Helper()
	infos, err := s.List(t.Context(), folder+"/")
	if err != nil {
		t.Fatal(err)
	}
	return len(infos)
}

// After a merge, whatever crashed in the middle, readers see the same plays in the same order and the same sessions, in fewer files; a second
// merge changes nothing; the live job goes on behind it; and a sweep removes what was replaced, after the grace period alone.
func TestMerge(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	defer func() { t.Log("seed", seed) }()
	r := rand.New(rand.NewPCG(seed, 2))
	for range 3 {
		s, recs := open(t), topic(r, 200)
		fill(t, s, recs[:150], 1+r.IntN(5))
		plays, over := read(t, s)
		before := files(t, s, schemas.LivePlays)
		day := noon.AddDate(0, 0, 30)
		for left := 1; ; left += 10 + r.IntN(30) {
			err := Merge(t.Context(), &crashing{Store: s, left: left, after: r.IntN(2) == 0}, day)
			gotPlays, gotOver := read(t, s)
			if !reflect.DeepEqual(gotPlays, plays) || !reflect.DeepEqual(gotOver, over) {
				t.Fatalf("merged until change %d: %d plays and %d sessions, want %d and %d", left, len(gotPlays), len(gotOver), len(plays), len(over))
			}
			if err == nil {
				break
			}
			if !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
		}
		merged := files(t, s, schemas.LiveMerged)
		if err := Merge(t.Context(), s, day); err != nil || merged == 0 || files(t, s, schemas.LiveMerged) != merged {
			t.Fatalf("merged again: %v, %d entries, then %d", err, merged, files(t, s, schemas.LiveMerged))
		}
		sweep(t, s, before)
		fill(t, s, recs, 7)
		plays, over, _ = wanted(t, recs)
		if gotPlays, gotOver := read(t, s); !reflect.DeepEqual(gotPlays, plays) || !reflect.DeepEqual(gotOver, over) {
			t.Fatalf("gone on behind a merge: %d plays and %d sessions, want %d and %d", len(gotPlays), len(gotOver), len(plays), len(over))
		}
	}
}

// sweep removes nothing that is young, and then all but what the log names.
func sweep(t *testing.T, s lake.Store, before int) {
	t.Helper()
	const grace = time.Hour
	if gone, err := Sweep(t.Context(), s, grace, time.Now(), true); err != nil || len(gone) > 0 {
		t.Fatalf("%d young files are swept, %v", len(gone), err)
	}
	if gone, err := Sweep(t.Context(), s, grace, time.Now().Add(2*grace), true); err != nil || len(gone) == 0 {
		t.Fatalf("%d files are swept, %v", len(gone), err)
	}
	log, err := Log(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, e := range log {
		named += len(e.Plays)
	}
	if left := files(t, s, schemas.LivePlays); left != named || left >= before {
		t.Fatalf("%d files of plays are left of %d, the log names %d", left, before, named)
	}
}

// Only what lies before the instant is merged, and never the newest entry of a partition; an entry is not larger than readers can hold.
func TestGroups(t *testing.T) {
	hour := func(partition int32, number int64, h int, rows int64) Entry {
		return Entry{Partition: partition, Number: number, Plays: []File{{Ref: lake.FileRef{Rows: rows}, Hour: noon.Add(time.Duration(h) * time.Hour)}}}
	}
	log := []Entry{
		hour(0, 0, 0, 1), hour(0, 1, -1, 1), hour(0, 2, 0, 1), hour(0, 3, 1, 1), hour(0, 4, 1, mergedRows), hour(0, 5, 1, 1), hour(0, 6, 2, 1), hour(0, 7, 2, 1),
		hour(1, 0, 0, 1), hour(1, 1, 0, 1),
	}
	var got [][2]int64
	for _, g := range groups(log, noon.Add(2*time.Hour)) {
		got = append(got, [2]int64{g[0].Number, g[len(g)-1].Number})
	}
	if want := [][2]int64{{0, 2}}; !reflect.DeepEqual(got, want) {
		t.Errorf("groups %v, want %v", got, want)
	}
	if got := groups(log, noon); len(got) != 0 {
		t.Errorf("groups of later hours: %v", got)
	}
}
