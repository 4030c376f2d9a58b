package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"segue/schemas"
)

// Formats of the files.
const (
	Parquet = "parquet"
	JSONL   = "jsonl"
)

// Shapes of popularity.
const (
	Even = "even" // styles are equally popular
	MPD  = "mpd"  // popular and rare styles, so that song counts have the tail of the Million Playlist Dataset
)

// shape is how popularity falls with rank: over all songs, over styles, and within a style; and what playlists hold together.
type shape struct {
	song, style, inStyle law
	songsPerStyle        int     // size of the smallest communities: songs that appear together
	again                float64 // share of a playlist's songs that are by an artist it has already, beside chance
}

var shapes = map[string]shape{
	Even: {song: law{exponent: 0.8}, inStyle: law{exponent: 0.8}, songsPerStyle: 40},
	MPD:  {song: law{1.35, 150}, style: law{1.8, 100}, inStyle: law{exponent: 1.7}, songsPerStyle: 250, again: .12}, // checked by TestShapeOfMPD
}

// Params says how large a world is and from which seed.
type Params struct {
	Seed      uint64
	Songs     int
	Artists   int // 0 = a sixth of the songs
	Playlists int
	Users     int
	Days      int       // of plays, from Start
	Start     time.Time // 00:00 UTC of the first day
	Plays     int       // about so many, by how often listeners play; 0 = a session a day or so
	Shape     string    // Even (default) or MPD
	Format    string    // Parquet (default) or JSONL
	NoContext bool      // a null world: moods follow neither hours nor devices
	OwnHours  bool      // every listener has an hour and a device of their own, of most sessions
	BadShare  float64   // share of plays that are broken on purpose, to try rejection; 0 = none
}

// Default returns the world of the demo: 5,000 songs, 3,000 playlists, 2,000 listeners, 14 days.
func Default() Params {
	return Params{
		Seed: 1, Songs: 5000, Playlists: 3000, Users: 2000, Days: 14, Shape: Even, Format: Parquet,
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
	need("plays", p.Plays, 0)
	if _, ok := shapes[p.Shape]; !ok {
		errs = append(errs, fmt.Errorf("shape is %q, must be %s or %s", p.Shape, Even, MPD))
	}
	if p.Format != Parquet && p.Format != JSONL {
		errs = append(errs, fmt.Errorf("format is %q, must be %s or %s", p.Format, Parquet, JSONL))
	}
	if p.BadShare < 0 || p.BadShare > 1 {
		errs = append(errs, fmt.Errorf("bad share is %g, must lie in [0,1]", p.BadShare))
	}
	return errors.Join(errs...)
}

// pace is the factor on the sessions of a day that brings about the plays asked for.
func (p Params) pace() float64 {
	const plays = 15.5 // a listener and day at pace 1
	if p.Plays == 0 || p.Users == 0 {
		return 1
	}
	return float64(p.Plays) / (plays * float64(p.Users) * float64(p.Days))
}

// Plays returns the plays of a world, by time, then listener: those Generate writes.
func Plays(p Params) ([]schemas.Play, error) {
	if p.Shape == "" {
		p.Shape = Even
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("generate plays: %w", err)
	}
	c := newCatalogue(p)
	who := newPeople(p, c)
	days, err := eventsByDay(context.Background(), p, c, who)
	if err != nil {
		return nil, fmt.Errorf("generate plays: %w", err)
	}
	var out []schemas.Play
	for _, day := range days {
		out = append(out, playRows(c, who, day)...)
	}
	return out, nil
}

// Generate writes a world into dir: playlists, songs, users and plays in the chosen format, and truth.json.
//
// Cost: linear in songs, playlist entries and plays, on all cores; memory 40 bytes a play and 200 a song and listener.
// The world is the same at any number of cores.
func Generate(ctx context.Context, dir string, p Params) error {
	if p.Shape == "" {
		p.Shape = Even
	}
	if err := p.Validate(); err != nil {
		return fmt.Errorf("generate world: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("generate world: %w", err)
	}
	c := newCatalogue(p)
	people := newPeople(p, c)
	lists := func(from, to int) []schemas.Playlist { return playlists(p, c, from, to) }
	steps := []func() error{
		func() error { return write(ctx, p.file(dir, "songs"), len(c.songs), c.rows) },
		func() error { return write(ctx, p.file(dir, "playlists"), p.Playlists, lists) },
		func() error { return write(ctx, p.file(dir, "users"), p.Users, people.rows) },
		func() error { return writePlays(ctx, dir, p, c, people) },
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

// file is the path of a dataset in the chosen format.
func (p Params) file(dir, name string) string { return filepath.Join(dir, name+"."+p.Format) }

// write writes n rows in blocks to a file of the format its name ends with.
func write[T any](ctx context.Context, path string, n int, rows func(from, to int) []T) error {
	f, err := create[T](path)
	if err != nil {
		return err
	}
	return errors.Join(inBlocks(ctx, n, rows, f.add), f.close())
}
