package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// PointerKey is the object every reader starts from.
const PointerKey = "current.json"

// Pointer names the current release. Readers go pointer → manifest → files, so they see all of one night.
type Pointer struct {
	Run        string    `json:"run"`
	Manifest   string    `json:"manifest"`   // key
	Generation int64     `json:"generation"` // from 1, raised by every change
	Previous   string    `json:"previous"`   // run that was current before; "" = none
	Floor      string    `json:"floor"`      // after a rollback: nights of dates up to this one need Promote; "" = none
	Releases   []string  `json:"releases"`   // the run of each date that counts, by date; rolled back ones do not
	MovedAt    time.Time `json:"moved_at"`
	Doomed     []string  `json:"doomed,omitempty"`     // runs a collection is about to take
	Collecting []string  `json:"collecting,omitempty"` // runs a collection has taken and not yet marked as gone
}

// keptReleases bounds Pointer.Releases.
const keptReleases = 400

// ReadPointer returns the pointer; ErrNotExist before the first release.
func ReadPointer(ctx context.Context, s Store) (Pointer, error) {
	p, _, err := ReadJSON[Pointer](ctx, s, PointerKey)
	return p, err
}

// Current returns the pointer and the manifest it names; ErrNotExist before the first release.
func Current(ctx context.Context, s Store) (Pointer, Manifest, error) {
	p, err := ReadPointer(ctx, s)
	if err != nil {
		return p, Manifest{}, fmt.Errorf("find the current release of %s: %w", s.URL(), err)
	}
	m, err := ReadManifest(ctx, s, p.Run)
	if err != nil {
		return p, m, fmt.Errorf("find the current release of %s: %w", s.URL(), err)
	}
	return p, m, nil
}

// ReleaseBefore returns the release that counts for the greatest date before date (YYYY-MM-DD); ErrNotExist when none does.
func ReleaseBefore(ctx context.Context, s Store, date string) (Manifest, error) {
	p, err := ReadPointer(ctx, s)
	if err != nil {
		return Manifest{}, fmt.Errorf("find the release before %s: %w", date, err)
	}
	for _, run := range slices.Backward(p.Releases) {
		if d, _, _ := ParseRun(run); d < date && !p.taken(run) {
			m, err := ReadManifest(ctx, s, run)
			if errors.Is(err, ErrNotExist) {
				return m, fmt.Errorf("find the release before %s: %s counts run %s, whose manifest is gone: roll back or promote another run", date, PointerKey, run)
			}
			return m, err
		}
	}
	return Manifest{}, fmt.Errorf("find the release before %s: %w", date, ErrNotExist)
}

// Publish commits a run and makes it current, unless a later run is or its date lies at or before the floor of a rollback.
// A run with failed rules is committed as a candidate, and ErrHeld: only Promote makes it current.
//
// The manifest is created once: the same night published twice is adopted; another night under the same run id is refused
// with ErrExists. Only then the pointer moves, by compare and swap, forward by (date, attempt). A night of an earlier date
// never becomes current, but counts as its date's release.
func Publish(ctx context.Context, s Store, m Manifest) error {
	if err := commit(ctx, s, m); err != nil {
		return err
	}
	if err := unheld(ctx, s, m.Run); err != nil {
		return err
	}
	return pointing(m.Run, movePointer(ctx, s, func(p Pointer) (Pointer, error) {
		if err := there(ctx, s, p, m.Run); err != nil {
			return p, err
		}
		if p.Floor != "" && m.Date <= p.Floor {
			return p, nil
		}
		p.Releases = counted(p.Releases, m.Run)
		if CompareRuns(p.Run, m.Run) < 0 {
			p = named(p, m.Run)
		}
		return p, nil
	}))
}

// Promote makes a published run current even where a rollback holds its date back, and a candidate despite the rules that
// o names. It must not be older than the current one: that is Rollback.
//
// Errors: ErrConflict when another run was made current after this one was asked for: who asked looks again.
func Promote(ctx context.Context, s Store, run string, o Override) error {
	m, err := ReadManifest(ctx, s, run)
	if err != nil {
		return fmt.Errorf("promote run %s: %w", run, err)
	}
	date, _, _ := ParseRun(run)
	return pointing(run, decidePointer(ctx, s, run, func(p Pointer) (Pointer, error) {
		if CompareRuns(p.Run, run) > 0 {
			return p, fmt.Errorf("promote run %s: the current run %s is later: use rollback", run, p.Run)
		}
		if err := override(ctx, s, m, o); err != nil {
			return p, fmt.Errorf("promote run %s: %w", run, err)
		}
		if p.Run == run {
			return p, nil
		}
		if p.Floor <= date {
			p.Floor = ""
		}
		p.Releases = counted(p.Releases, run)
		return named(p, run), nil
	}))
}

// Rollback makes an earlier published run current. Dates up to the one that was current then need Promote, and the
// releases after run no longer count.
//
// Errors: as Promote.
func Rollback(ctx context.Context, s Store, run string) error {
	if err := unheld(ctx, s, run); err != nil {
		return fmt.Errorf("roll back to run %s: %w", run, err)
	}
	return pointing(run, decidePointer(ctx, s, run, func(p Pointer) (Pointer, error) {
		if p.Run == run {
			return p, nil
		}
		if CompareRuns(p.Run, run) < 0 {
			return p, fmt.Errorf("roll back to run %s: it is later than the current run %q: use promote", run, p.Run)
		}
		date, _, _ := ParseRun(p.Run)
		p.Floor = max(p.Floor, date)
		p.Releases = slices.DeleteFunc(slices.Clone(p.Releases), func(r string) bool { return CompareRuns(r, run) > 0 })
		p.Releases = counted(p.Releases, run)
		return named(p, run), nil
	}))
}

// taken reports whether a collection has a run, or is about to.
func (p Pointer) taken(run string) bool {
	return slices.Contains(p.Doomed, run) || slices.Contains(p.Collecting, run)
}

// there refuses a run that a collection has: together with the swap of p nobody can point to what is going away.
func there(ctx context.Context, s Store, p Pointer, run string) error {
	if p.taken(run) {
		return ErrTaken
	}
	_, err := ReadManifest(ctx, s, run)
	return err
}

// decidePointer is movePointer for a person's decision: it was made over the pointer as it stood, so that a run which
// somebody else made current meanwhile is an ErrConflict that names it.
func decidePointer(ctx context.Context, s Store, run string, change func(Pointer) (Pointer, error)) error {
	base, tries := "", 0
	return movePointer(ctx, s, func(p Pointer) (Pointer, error) {
		if tries++; tries == 1 {
			base = p.Run
		}
		if p.Run != base && p.Run != run {
			return p, fmt.Errorf("%w: run %s was made current meanwhile, at generation %d: look at segue runs and decide again", ErrConflict, p.Run, p.Generation)
		}
		if err := there(ctx, s, p, run); err != nil {
			return p, err
		}
		return change(p)
	})
}

// named returns p naming another run.
func named(p Pointer, run string) Pointer {
	p.Previous, p.Run, p.Manifest = p.Run, run, ManifestKey(run)
	return p
}

// counted returns releases with run as the one of its date, unless a later attempt is.
func counted(releases []string, run string) []string {
	date, _, _ := ParseRun(run)
	out := slices.Clone(releases)
	i := slices.IndexFunc(out, func(r string) bool { return strings.HasPrefix(r, date+".") })
	switch {
	case i < 0:
		out = append(out, run)
	case CompareRuns(out[i], run) < 0:
		out[i] = run
	}
	slices.SortFunc(out, CompareRuns)
	return out[max(0, len(out)-keptReleases):]
}

// movePointer applies change to the pointer by compare and swap; nothing is written when nothing changes.
func movePointer(ctx context.Context, s Store, change func(Pointer) (Pointer, error)) error {
	return update(ctx, s, PointerKey, func(old []byte) ([]byte, error) {
		var was Pointer
		if old != nil {
			if err := json.Unmarshal(old, &was); err != nil {
				return nil, fmt.Errorf("decode %s: %w: %w", PointerKey, ErrDamaged, err)
			}
		}
		now, err := change(was)
		if err != nil || (now.Run == was.Run && slices.Equal(now.Releases, was.Releases) &&
			slices.Equal(now.Doomed, was.Doomed) && slices.Equal(now.Collecting, was.Collecting)) {
			return nil, err
		}
		now.Generation, now.MovedAt = was.Generation+1, time.Now().UTC()
		return encode(PointerKey, now)
	})
}

// pointing names the run in an error of moving the pointer.
func pointing(run string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("point to run %s: %w", run, err)
}
