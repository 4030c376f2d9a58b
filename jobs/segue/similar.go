package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/schemas"
)

func newSimilar() *cobra.Command {
	var limit int
	var run, format string
	cmd := &cobra.Command{
		Use:     "similar SONG",
		Short:   "Show a song's neighbours with titles and scores; SONG is an id or a title",
		Example: "  segue similar \"Hotel California\" --limit 10 --lake lake",
		Args:    cli.Args("SONG"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			r, err := openRelease(cmd, run)
			if err != nil {
				return err
			}
			song, err := findSong(cmd.Context(), r, args[0])
			if err != nil {
				return err
			}
			t, err := similarTable(cmd.Context(), r, song, limit)
			if err != nil {
				return err
			}
			if format == "text" {
				fmt.Fprintf(cmd.OutOrStdout(), "songs like %s by %s (%s)\n", cli.Clean(song.label()), cli.Clean(cmp.Or(song.artists(), "unknown")), cli.Clean(song.SongID))
			}
			return t.Write(cmd.OutOrStdout(), format)
		},
	}
	f := cmd.Flags()
	cli.Limit(f, &limit, 20)
	f.StringVar(&run, "run", "", "run id (default: the current release)")
	f.StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}

// similarTable returns the neighbours of a song by rank, with their names.
func similarTable(ctx context.Context, r release, song songName, limit int) (*cli.Table, error) {
	t, err := r.table(schemas.TableSongNeighbours)
	if err != nil {
		return nil, err
	}
	var near []schemas.SongNeighbour
	want := map[string]bool{}
	for _, ref := range holding(t.Files, song.SongID) {
		found, err := find(ctx, r, ref, song.SongID, keyed[schemas.SongNeighbour]{"song_id", func(row schemas.SongNeighbour) string { return row.SongID }})
		if err != nil {
			return nil, err
		}
		near = append(near, found...)
	}
	if len(near) == 0 {
		return nil, fmt.Errorf("song %s has no neighbours in run %s: it is in no playlist", song.SongID, r.manifest.Run)
	}
	slices.SortFunc(near, func(a, b schemas.SongNeighbour) int { return cmp.Compare(a.Rank, b.Rank) })
	near = near[:min(limit, len(near))]
	for _, n := range near {
		want[n.NeighbourID] = true
	}
	names, err := songNames(ctx, r, want)
	if err != nil {
		return nil, err
	}
	out := &cli.Table{Columns: []string{"rank", "neighbour_id", "title", "artists", "score", "cooc_score", "emb_score", "same_artist"}}
	for _, n := range near {
		s := names[n.NeighbourID]
		out.Add(n.Rank, n.NeighbourID, s.Title, s.artists(), n.Score, n.CoocScore, n.EmbScore, n.SameArtist)
	}
	return out, nil
}
