package lake

import (
	"testing"
	"time"
)

// What a night that runs reads is kept as long as it runs, however old; afterwards only the release before it. Runs that
// the pointer takes, a run of each day and week, and nothing else are kept.
func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	old := now.Add(-MinGrace)
	published := func(run string, reads ...string) runState {
		return runState{run: run, state: StatePublished, touched: old, reads: reads}
	}
	runs := []runState{
		published("2026-10-01.1"), published("2026-10-02.1"), published("2026-10-03.1"), published("2026-11-08.1"), published("2026-11-08.2"),
		published("2026-11-09.1"), published("2026-11-15.1", "2026-10-03.1"), published("2026-11-20.1", "2026-11-15.1"), published("2026-11-21.1"),
		{run: "2026-11-22.1", state: StateCandidate, touched: old},
		{run: "2026-10-02.2", state: StateUnfinished, touched: now.Add(-time.Hour), reads: []string{"2026-10-01.1"}},
		{run: "2026-10-02.3", state: StateUnfinished, touched: old, reads: []string{"2026-10-02.1"}},
		{run: "2026-10-04.1", state: StateCollected, touched: now},
	}
	fates := judge(runs, Pointer{Run: "2026-11-21.1", Previous: "2026-11-09.1", Releases: []string{"2026-11-08.1"}}, Retention{Daily: 2, Weekly: 3, Grace: MinGrace}, now)
	for run, keep := range map[string]bool{
		"2026-10-01.1": true,  // read by a night that runs
		"2026-10-02.1": false, // read by one that never finished
		"2026-10-02.2": true, "2026-10-02.3": false,
		"2026-10-03.1": true,  // read by the last of a week
		"2026-11-08.1": true,  // last of its week, and counts for its date
		"2026-11-08.2": false, // a later attempt that does not
		"2026-11-09.1": true,  // current before
		"2026-11-15.1": true, "2026-11-20.1": true, "2026-11-21.1": true,
		"2026-11-22.1": false, "2026-10-04.1": false,
	} {
		if fates[run].Keep != keep {
			t.Errorf("%s: %+v, want keep %v", run, fates[run], keep)
		}
	}
	if len(fates) != len(runs) {
		t.Errorf("%d fates of %d runs", len(fates), len(runs))
	}
}
