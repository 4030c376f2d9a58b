package lake

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const runsFolder = "runs"

// RunKey returns runs/<run>/<parts…>.
func RunKey(run string, parts ...string) string {
	return path.Join(append([]string{runsFolder, run}, parts...)...)
}

// RunID returns the id of the n-th attempt, from 1, at a logical date: "2026-11-24.1".
func RunID(date string, attempt int) string { return date + "." + strconv.Itoa(attempt) }

// ParseRun splits a run id into its logical date and attempt.
func ParseRun(run string) (date string, attempt int, err error) {
	date, n, _ := strings.Cut(run, ".")
	attempt, err = strconv.Atoi(n)
	if _, derr := time.Parse(time.DateOnly, date); derr != nil || err != nil || attempt < 1 || RunID(date, attempt) != run {
		return "", 0, fmt.Errorf("parse run id %q: want a date and an attempt, such as 2026-11-24.1", run)
	}
	return date, attempt, nil
}

// RunOf returns the run whose folder a key lies in; "" = none.
func RunOf(key string) string {
	rest, ok := strings.CutPrefix(key, runsFolder+"/")
	run, _, deep := strings.Cut(rest, "/")
	if _, _, err := ParseRun(run); !ok || !deep || err != nil {
		return ""
	}
	return run
}

// CompareRuns orders run ids by logical date, then attempt as a number. An id that is none comes first.
func CompareRuns(a, b string) int {
	da, na, _ := ParseRun(a)
	db, nb, _ := ParseRun(b)
	return cmp.Or(cmp.Compare(da, db), cmp.Compare(na, nb))
}

// RunInfo says what a run was asked to do: runs/<run>/run.json.
type RunInfo struct {
	Run        string    `json:"run"`     // set by ClaimRun
	Attempt    int       `json:"attempt"` // set by ClaimRun
	Claim      string    `json:"claim"`   // set by ClaimRun: random, tells claims apart
	Date       string    `json:"date"`    // logical date, YYYY-MM-DD
	CreatedAt  time.Time `json:"created_at"`
	Seed       uint64    `json:"seed"`
	ConfigHash string    `json:"config_hash"`
	InputHash  string    `json:"input_hash"`
	Previous   string    `json:"previous"`        // run of last night's release that this one reads; "" = none
	Reads      []string  `json:"reads,omitempty"` // all runs whose files this one reads: they must live while it runs
	Producer   string    `json:"producer"`        // program and version
	KernelTier string    `json:"kernel_tier"`     // instruction set of the arithmetic: a night of another tier does not go on with this run

	Config json.RawMessage `json:"config,omitempty"` // parameters of the stages by name, for people; ConfigHash is their identity
}

// ClaimRun takes the lowest free attempt at a date and returns its run id; concurrent claims get different ids.
func ClaimRun(ctx context.Context, s Store, date string, info RunInfo) (run string, err error) {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return "", fmt.Errorf("claim run: date %q is not YYYY-MM-DD", date)
	}
	info.Date, info.Claim = date, rand.Text()
	taken, err := attempts(ctx, s, date)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		if slices.Contains(taken, n) {
			continue
		}
		info.Run, info.Attempt = RunID(date, n), n
		_, err := CreateJSON(ctx, s, RunKey(info.Run, "run.json"), info)
		if errors.Is(err, ErrExists) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("claim run of %s: %w", date, err)
		}
		return info.Run, nil
	}
}

// attempts returns the attempts of a date that have a folder, so that a run without run.json is not taken for free.
func attempts(ctx context.Context, s Store, date string) ([]int, error) {
	runs, err := runFolders(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, run := range runs {
		if d, n, _ := ParseRun(run); d == date {
			out = append(out, n)
		}
	}
	return out, nil
}

// foldered is a store that lists folders without describing every object in them.
type foldered interface {
	Folders(ctx context.Context, folder string) ([]string, error)
}

// runFolders returns the run ids that have a folder, in order.
func runFolders(ctx context.Context, s Store) ([]string, error) {
	names, err := folders(ctx, s, runsFolder)
	if err != nil {
		return nil, fmt.Errorf("list runs of %s: %w", s.URL(), err)
	}
	names = slices.DeleteFunc(names, func(n string) bool { _, _, err := ParseRun(n); return err != nil })
	slices.SortFunc(names, CompareRuns)
	return names, nil
}

func folders(ctx context.Context, s Store, folder string) ([]string, error) {
	if f, ok := s.(foldered); ok {
		return f.Folders(ctx, folder)
	}
	infos, err := s.List(ctx, folder+"/")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, in := range infos {
		name, _, deep := strings.Cut(strings.TrimPrefix(in.Key, folder+"/"), "/")
		if deep && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// ReadRun returns what a run was asked to do.
func ReadRun(ctx context.Context, s Store, run string) (RunInfo, error) {
	if _, _, err := ParseRun(run); err != nil {
		return RunInfo{}, err
	}
	info, _, err := ReadJSON[RunInfo](ctx, s, RunKey(run, "run.json"))
	return info, err
}

// ListRuns returns all runs by date, then attempt, published or not.
func ListRuns(ctx context.Context, s Store) ([]RunInfo, error) {
	names, err := runFolders(ctx, s)
	if err != nil {
		return nil, err
	}
	infos := make([]RunInfo, len(names))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i, name := range names {
		g.Go(func() (err error) {
			infos[i], err = ReadRun(gctx, s, name)
			if errors.Is(err, ErrNotExist) {
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("list runs of %s: %w", s.URL(), err)
	}
	return slices.DeleteFunc(infos, func(i RunInfo) bool { return i.Run == "" }), nil
}
