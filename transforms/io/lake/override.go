package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Override says who made a candidate current, despite which failed rules, and why: runs/<run>/override.json, written once.
type Override struct {
	Rules  []string  `json:"rules"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"` // set by Promote
}

func overrideKey(run string) string { return RunKey(run, "override.json") }

// ReadOverride returns why a candidate was promoted; ErrNotExist when it was not.
func ReadOverride(ctx context.Context, s Store, run string) (Override, error) {
	o, _, err := ReadJSON[Override](ctx, s, overrideKey(run))
	return o, err
}

// override records o for a candidate; a run without failed rules needs none, and one promoted before keeps its own.
func override(ctx context.Context, s Store, m Manifest, o Override) error {
	if unheld(ctx, s, m.Run) == nil {
		return nil
	}
	missing := slices.DeleteFunc(slices.Clone(m.Failed), func(rule string) bool { return slices.Contains(o.Rules, rule) })
	if len(missing) > 0 {
		return fmt.Errorf("%w, and not named: %s", ErrHeld, strings.Join(missing, ", "))
	}
	if strings.TrimSpace(o.Reason) == "" {
		return fmt.Errorf("%w, and no reason was given", ErrHeld)
	}
	o.At = time.Now().UTC()
	if _, err := CreateJSON(ctx, s, overrideKey(m.Run), o); err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	return nil
}

// unheld returns ErrHeld for a candidate that nobody promoted, naming the rules.
func unheld(ctx context.Context, s Store, run string) error {
	m, err := ReadManifest(ctx, s, run)
	if err != nil || len(m.Failed) == 0 {
		return err
	}
	if _, err := ReadOverride(ctx, s, run); !errors.Is(err, ErrNotExist) {
		return err
	}
	return fmt.Errorf("%w: %s", ErrHeld, strings.Join(m.Failed, ", "))
}
