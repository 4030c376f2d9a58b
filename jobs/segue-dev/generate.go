package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/local/world"
)

func newGenerate() *cobra.Command {
	var out string
	p := world.Default()
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Make a synthetic world with planted truth: songs, playlists, users, plays, truth.json",
		Example: `  segue-dev generate --out world --seed 1 --songs 5000 --playlists 3000 --users 2000 --days 14
  segue-dev generate --out million --shape mpd --playlists 1000000 --songs 2200000 --artists 300000 --users 1000000 --plays 10000000
  segue import --playlists world/playlists.parquet --songs world/songs.parquet --plays world/plays.parquet --users world/users.parquet --lake lake`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return cli.Usage("--out is missing: give a folder")
			}
			if err := p.Validate(); err != nil {
				return cli.Usage("generate world: %s", err)
			}
			if err := world.Generate(cmd.Context(), out, p); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "world of %d songs, %d playlists, %d users and %d days in %s; its last day is %s\n",
				p.Songs, p.Playlists, p.Users, p.Days, out, p.Last().Format(time.DateOnly))
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "`folder` to write")
	f.Uint64Var(&p.Seed, "seed", p.Seed, "seed: the same one makes the same world")
	f.IntVar(&p.Songs, "songs", p.Songs, "songs")
	f.IntVar(&p.Playlists, "playlists", p.Playlists, "playlists")
	f.IntVar(&p.Users, "users", p.Users, "users")
	f.IntVar(&p.Artists, "artists", p.Artists, "artists; 0 is a sixth of the songs")
	f.IntVar(&p.Plays, "plays", p.Plays, "plays, about; 0 is a session a listener and day")
	f.StringVar(&p.Shape, "shape", p.Shape, "popularity: even, or mpd as in the Million Playlist Dataset")
	f.IntVar(&p.Days, "days", p.Days, "days of plays")
	f.StringVar(&p.Format, "format", p.Format, "parquet or jsonl")
	f.Float64Var(&p.BadShare, "bad-share", p.BadShare, "share of plays that are broken on purpose")
	return cmd
}
