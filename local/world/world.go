package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Formats of the files.
const (
	Parquet = "parquet"
	JSONL   = "jsonl"
)

// Params says how large a world is and from which seed.
type Params struct {
	Seed      uint64
	Songs     int
	Artists   int // 0 = a sixth of the songs
	Playlists int
	Users     int
	Days      int       // of plays, from Start
	Start     time.Time // 00:00 UTC of the first day
	Format    string    // Parquet (default) or JSONL
	NoContext bool      // a null world: moods follow neither hours nor devices
	BadShare  float64   // share of plays that are broken on purpose, to try rejection; 0 = none
}

// Default returns the world of the demo: 5,000 songs, 3,000 playlists, 2,000 listeners, 14 days.
func Default() Params {
	return Params{
		Seed: 1, Songs: 5000, Playlists: 3000, Users: 2000, Days: 14, Format: Parquet,
		Start: time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC), // 29 March changes the clocks of Europe
	}
}

// Last returns the last day of plays: the logical date of its night.
func (p Params) Last() time.Time { return p.Start.AddDate(0, 0, p.Days-1) }

// Validate reports all sizes that make no world.
func (p Params) Validate() error {
	var errs []error
	need := func(name string, n, least int) {
		if n < least {
			errs = append(errs, fmt.Errorf("%s is %d, must be at least %d", name, n, least))
		}
	}
	need("songs", p.Songs, 20)
	need("playlists", p.Playlists, 0)
	need("users", p.Users, 0)
	need("days", p.Days, 1)
	if p.Format != Parquet && p.Format != JSONL {
		errs = append(errs, fmt.Errorf("format is %q, must be %s or %s", p.Format, Parquet, JSONL))
	}
	if p.BadShare < 0 || p.BadShare > 1 {
		errs = append(errs, fmt.Errorf("bad share is %g, must lie in [0,1]", p.BadShare))
	}
	return errors.Join(errs...)
}

// Generate writes a world into dir: playlists, songs, users and plays in the chosen format, and truth.json.
//
// Cost: linear in songs, playlist entries and plays; about 2 s and 300 MB for the demo's world.
func Generate(ctx context.Context, dir string, p Params) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("generate world: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("generate world: %w", err)
	}
	c := newCatalogue(p)
	people := newPeople(p, c)
	steps := []func() error{
		func() error { return write(dir, "songs", p.Format, c.rows()) },
		func() error { return write(dir, "playlists", p.Format, playlists(p, c)) },
		func() error { return write(dir, "users", p.Format, people.rows()) },
		func() error { return write(dir, "plays", p.Format, plays(p, c, people)) },
		func() error { return writeTruth(filepath.Join(dir, "truth.json"), p, c, people) },
	}
	for _, step := range steps {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := step(); err != nil {
			return fmt.Errorf("generate world: %w", err)
		}
	}
	return nil
}
