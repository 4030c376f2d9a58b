package lake

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// MinGrace is the least age of what a collection may delete: twice as long as a night may take, so that nothing a night
// has written or begun to use is old enough. Nights renew kept items they use that are older than half of it.
const MinGrace = 48 * time.Hour

// Retention says which runs a collection keeps, beside the current one, the one that was current before, and young ones.
type Retention struct {
	Daily  int           `json:"daily"`  // one run of each of so many newest dates
	Weekly int           `json:"weekly"` // one run, of the last date, of each of so many newest ISO weeks
	Grace  time.Duration `json:"grace"`  // ns; nothing younger is deleted
}

// Validate reports every setting that makes no sense.
func (r Retention) Validate() error {
	var errs []error
	if r.Daily < 0 || r.Weekly < 0 {
		errs = append(errs, fmt.Errorf("keep %d days and %d weeks: want no less than 0", r.Daily, r.Weekly))
	}
	if r.Grace < MinGrace {
		errs = append(errs, fmt.Errorf("grace period %s: want at least %s, twice as long as a night may take", r.Grace, MinGrace))
	}
	return errors.Join(errs...)
}

// States of a run.
const (
	StateUnfinished = "unfinished"
	StateCandidate  = "candidate" // rules of its gate failed, and nobody promoted it
	StatePublished  = "published"
	StateCollected  = "collected" // or being so: its manifest says it
)

// RunFate is what a collection makes of one run.
type RunFate struct {
	Run   string `json:"run"`
	State string `json:"state"`
	Keep  bool   `json:"keep"`
	Why   string `json:"why"`
	Files int    `json:"files"` // to delete
	Bytes int64  `json:"bytes"` // of these
}

// runState is what is known of a run before it is judged.
type runState struct {
	run     string
	state   string
	touched time.Time // last write into its folder
	reads   []string  // runs it reads, or has read and is compared with
}

// judge decides about every run; the order of runs does not matter.
//
// Kept are: the current run and the one before it; those touched within the grace period; one of each of the newest dates
// and weeks, the one that counts for its date; and what any of these reads.
func judge(runs []runState, p Pointer, r Retention, now time.Time) map[string]RunFate {
	fates := map[string]RunFate{}
	keep := func(s runState, why string) {
		if f := fates[s.run]; !f.Keep && s.state != StateCollected {
			fates[s.run] = RunFate{Run: s.run, State: s.state, Keep: true, Why: why}
		}
	}
	byRun := map[string]runState{}
	for _, s := range runs {
		byRun[s.run] = s
		fates[s.run] = RunFate{Run: s.run, State: s.state, Why: doomed(s.state)}
	}
	if s, ok := byRun[p.Run]; ok {
		keep(s, "current")
	}
	if s, ok := byRun[p.Previous]; ok {
		keep(s, "current before")
	}
	for run, why := range scheduled(runs, p, r) {
		keep(byRun[run], why)
	}
	for _, s := range runs {
		if now.Sub(s.touched) < r.Grace {
			keep(s, "younger than the grace period")
		}
	}
	for _, s := range runs {
		if fates[s.run].Keep && fates[s.run].Why != pinned {
			for _, run := range s.reads {
				if read, ok := byRun[run]; ok {
					keep(read, pinned)
				}
			}
		}
	}
	return fates
}

const pinned = "read by a run that is kept"

func doomed(state string) string {
	switch state {
	case StateUnfinished:
		return "never finished"
	case StateCandidate:
		return "never promoted"
	case StateCollected:
		return "collected before"
	}
	return "older than what is kept"
}

// scheduled returns the runs that the newest dates and weeks keep, and why.
func scheduled(runs []runState, p Pointer, r Retention) map[string]string {
	byDate := map[string]string{}
	for _, s := range runs {
		date, _, _ := ParseRun(s.run)
		if s.state == StatePublished && CompareRuns(byDate[date], s.run) < 0 {
			byDate[date] = s.run
		}
	}
	for _, run := range p.Releases {
		date, _, _ := ParseRun(run)
		if _, ok := byDate[date]; ok && slices.ContainsFunc(runs, func(s runState) bool { return s.run == run && s.state == StatePublished }) {
			byDate[date] = run
		}
	}
	dates := make([]string, 0, len(byDate))
	for date := range byDate {
		dates = append(dates, date)
	}
	slices.Sort(dates)
	slices.Reverse(dates)
	out, weeks := map[string]string{}, map[string]bool{}
	for i, date := range dates {
		week := isoWeek(date)
		if !weeks[week] && len(weeks) < r.Weekly {
			weeks[week] = true
			out[byDate[date]] = "last of its week"
		}
		if i < r.Daily {
			out[byDate[date]] = "of the newest days"
		}
	}
	return out
}

func isoWeek(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	y, w := t.ISOWeek()
	return fmt.Sprintf("%04d-%02d", y, w)
}
