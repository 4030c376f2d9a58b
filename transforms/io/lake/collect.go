package lake

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const receiptFolder = "gc"

// Receipt says what a collection deletes, or would: gc/<id>.json, written before the first deletion and again at its end.
type Receipt struct {
	ID         string     `json:"id"`
	Retention  Retention  `json:"retention"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at,omitempty"` // none: it was cut short, and the next one goes on
	Runs       []RunFate  `json:"runs"`                  // by date, then attempt
	Orphans    Tally      `json:"orphans"`               // of runs that are kept: leftovers of repeated items, working data nobody names
	Kept       Tally      `json:"kept"`                  // items kept for later runs that no kept run uses
	Total      Tally      `json:"total"`
}

// Tally counts objects.
type Tally struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
}

func (t *Tally) add(in Info) {
	t.Files++
	t.Bytes += in.Size
}

// Collect deletes what no kept run needs, or with dry only tells: runs beyond r, files that nothing names, kept items that
// no kept run uses. now is the time that ages are measured from.
//
// A run is marked before anything of it goes: a published one in the pointer, an unfinished one by a manifest that says so,
// after which neither Publish nor Promote nor Rollback nor a resumed night takes it up. What runs claimed meanwhile name is
// read after that. So it may be cut short at any point and run beside nights, readers and itself.
//
// Errors: an object that decides and cannot be read, by its key, before anything is deleted; the store's.
// Cost:   two listings of runs and kept items, the records of every run twice, one call a deleted object.
func Collect(ctx context.Context, s Store, r Retention, now time.Time, dry bool) (Receipt, error) {
	if err := r.Validate(); err != nil {
		return Receipt{}, err
	}
	v, err := surveyLake(ctx, s, r, now)
	if err != nil {
		return Receipt{}, err
	}
	out := v.receipt(r, now)
	if dry || out.Total.Files == 0 && len(v.pointer.Collecting)+len(v.pointer.Doomed) == 0 {
		return out, nil
	}
	if _, err := CreateJSON(ctx, s, receiptKey(out.ID), out); err != nil {
		return out, fmt.Errorf("write receipt: %w", err)
	}
	marked, err := v.mark(ctx, s)
	if err != nil {
		return out, err
	}
	if v, err = surveyLake(ctx, s, r, now); err != nil {
		return out, err
	}
	if err := v.settle(ctx, s, marked); err != nil {
		return out, err
	}
	id, found := out.ID, out.Runs
	out = v.receipt(r, now)
	out.asFound(found)
	if err := v.sweep(ctx, s, r, now); err != nil {
		return out, err
	}
	if err := v.release(ctx, s); err != nil {
		return out, err
	}
	ended := time.Now().UTC()
	out.ID, out.FinishedAt = id, &ended
	return out, update(ctx, s, receiptKey(id), func([]byte) ([]byte, error) { return encode(receiptKey(id), out) })
}

// Key returns the key of the receipt in the lake.
func (r Receipt) Key() string { return receiptKey(r.ID) }

func receiptKey(id string) string { return receiptFolder + "/" + id + ".json" }

// receipt tells what the collection of what was surveyed deletes.
func (v *survey) receipt(r Retention, now time.Time) Receipt {
	out := Receipt{ID: now.UTC().Format("20060102T150405Z") + "-" + strings.ToLower(rand.Text()[:6]), Retention: r, StartedAt: time.Now().UTC(), Runs: []RunFate{}}
	for run, fate := range v.fates {
		for _, in := range v.garbage(run, r, now) {
			out.Total.add(in)
			if fate.Keep {
				out.Orphans.add(in)
				continue
			}
			fate.Files++
			fate.Bytes += in.Size
		}
		if fate.State != StateCollected || fate.Files > 0 {
			out.Runs = append(out.Runs, fate)
		}
	}
	slices.SortFunc(out.Runs, func(a, b RunFate) int { return cmp.Or(CompareRuns(a.Run, b.Run), cmp.Compare(a.Run, b.Run)) })
	for folder := range v.kept {
		if !v.abandoned(folder, r, now) {
			continue
		}
		for _, in := range v.kept[folder] {
			out.Kept.add(in)
			out.Total.add(in)
		}
	}
	return out
}

// asFound tells of the runs to collect what was found of them before they were marked.
func (r *Receipt) asFound(before []RunFate) {
	for i := range r.Runs {
		now := &r.Runs[i]
		at := slices.IndexFunc(before, func(f RunFate) bool { return f.Run == now.Run })
		if at >= 0 && !now.Keep {
			now.State, now.Why = before[at].State, before[at].Why
		}
	}
}

// garbage returns the objects of a run that may go, in the order in which they do: claim and records first.
func (v *survey) garbage(run string, r Retention, now time.Time) []Info {
	fate, folder := v.fates[run], RunKey(run)+"/"
	if v.pointer.Run == "" && !fate.Keep && (fate.State == StateCandidate || fate.State == StatePublished) {
		return nil // only the pointer could mark it
	}
	var first, later []Info
	for _, in := range v.objects[run] {
		name := strings.TrimPrefix(in.Key, folder)
		data := strings.HasPrefix(name, "tables/") || strings.HasPrefix(name, "work/")
		_, live := v.live[in.Key]
		switch {
		case live, now.Sub(in.ModifiedAt) < r.Grace, in.Key == ManifestKey(run):
		case fate.Keep && (!data || fate.State == StateUnfinished):
		case data:
			later = append(later, in)
		default:
			first = append(first, in)
		}
	}
	return append(first, later...)
}

// abandoned reports whether a kept item is used by no kept run and all of it is old.
func (v *survey) abandoned(folder string, r Retention, now time.Time) bool {
	_, used := v.items[folder]
	return !used && !slices.ContainsFunc(v.kept[folder], func(in Info) bool { return now.Sub(in.ModifiedAt) < r.Grace })
}

// doomedRuns returns the runs to collect in a state, in order.
func (v *survey) doomedRuns(states ...string) []string {
	var out []string
	for run, fate := range v.fates {
		if !fate.Keep && slices.Contains(states, fate.State) {
			out = append(out, run)
		}
	}
	slices.SortFunc(out, CompareRuns)
	return out
}

// ErrTaken says that what a night is about to read is being collected.
var ErrTaken = errors.New("being collected by segue gc")

// CheckFree returns ErrTaken when a run is being collected or was. A night asks after it has claimed its run, since a
// collection that began before does not see the claim.
func CheckFree(ctx context.Context, s Store, run string) error {
	p, err := ReadPointer(ctx, s)
	if err != nil && !errors.Is(err, ErrNotExist) {
		return err
	}
	if p.taken(run) {
		return fmt.Errorf("read run %s: %w", run, ErrTaken)
	}
	if _, err := ReadManifest(ctx, s, run); errors.Is(err, ErrCollected) {
		return fmt.Errorf("read run %s: %w: %w", run, ErrTaken, err)
	} else if err != nil && !errors.Is(err, ErrNotExist) {
		return err
	}
	return nil
}
