package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/schemas"
)

// about is a listener's song in a release, with its names.
type about struct {
	release release
	user    string
	song    songName
	rows    []schemas.Recommendation // of the song, in all lists of the listener
}

func newWhy() *cobra.Command {
	return whyCommand("why USER SONG", "Explain in words why a song is in a listener's lists",
		"  segue why anna \"Hotel California\" --lake lake", explain)
}

func newWhyNot() *cobra.Command {
	return whyCommand("why-not USER SONG", "Say at which step a song was lost on its way into a listener's general list",
		"  segue why-not anna \"Hotel California\" --lake lake", explainNot)
}

func whyCommand(use, short, example string, say func(context.Context, io.Writer, about) error) *cobra.Command {
	var run string
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: cli.Args("USER", "SONG"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := openRelease(cmd, run)
			if err != nil {
				return err
			}
			a := about{release: r, user: args[0]}
			if a.song, err = findSong(cmd.Context(), r, args[1]); err != nil {
				return err
			}
			all, err := listsOf(cmd.Context(), r, a.user)
			if err != nil {
				return err
			}
			for _, row := range all {
				if row.SongID == a.song.SongID {
					a.rows = append(a.rows, row)
				}
			}
			return say(cmd.Context(), cmd.OutOrStdout(), a)
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "run id (default: the current release)")
	return cmd
}

func (a about) name() string {
	if len(a.song.Artists) == 0 {
		return fmt.Sprintf("“%s”", a.song.label())
	}
	return fmt.Sprintf("“%s” by %s", a.song.label(), a.song.artists())
}

// explain tells why a song is in lists; what holds for several is said of the first.
func explain(ctx context.Context, w io.Writer, a about) error {
	if len(a.rows) == 0 {
		return cli.Usage("%s is in no list of listener %s in run %s: ask segue why-not %s %s", a.name(), a.user, a.release.manifest.Run, a.user, a.song.SongID)
	}
	want := map[string]bool{}
	for _, row := range a.rows {
		for _, s := range row.Seeds {
			want[s.SongID] = true
		}
	}
	names, err := songNames(ctx, a.release, want)
	if err != nil {
		return err
	}
	slices.SortStableFunc(a.rows, func(x, y schemas.Recommendation) int {
		return rankOf(x.List == schemas.ListGeneral) - rankOf(y.List == schemas.ListGeneral)
	})
	said := map[string]bool{}
	for _, row := range a.rows {
		fmt.Fprintf(w, "%s is number %d of %s's %s.\n", cli.Clean(a.name()), row.Rank, cli.Clean(a.user), listWords(row.List))
		for _, line := range because(row, names) {
			if !said[line] || strings.HasPrefix(line, "Score") {
				fmt.Fprintln(w, "  "+cli.Clean(line))
			}
			said[line] = true
		}
	}
	fmt.Fprintf(w, "Run %s.\n", a.release.manifest.Run)
	return nil
}

func listWords(list string) string {
	part, device, ok := strings.Cut(list, ":")
	if !ok {
		return list + " list"
	}
	return fmt.Sprintf("list for listening %s on %s", partWords[part], device)
}

// because says in words what a row stores.
func because(row schemas.Recommendation, names map[string]songName) []string {
	var out []string
	if row.Slot == schemas.SlotExploration {
		out = append(out, "It was drawn by lot: a few places of each list are kept for songs that scores alone would not show.")
	} else if row.Slot == schemas.SlotFresh {
		out = append(out, "It went ahead of known songs, because the list keeps room for new ones.")
	}
	for _, s := range row.Seeds {
		out = append(out, fmt.Sprintf("It is like “%s”, a favourite: similarity %.2f, %.0f %% of what speaks for it.", names[s.SongID].label(), s.Similarity, 100*s.Share))
	}
	out = append(out, sourceWords(row.Sources))
	if row.ContextCell != "" {
		text := fmt.Sprintf("It fits listening %s to %.0f %%", cellWords(row.ContextCell), 100*row.Context)
		if row.ContextLevel != row.ContextCell {
			text += ", judged by listening " + cellWords(row.ContextLevel)
		}
		out = append(out, text+".")
	} else {
		out = append(out, "When and where it will be heard is unknown, so that counts for nothing here.")
	}
	return append(out, sumWords(row))
}

// cellWords says in words what a context is: region/weekpart/day_part/device.
func cellWords(cell string) string {
	parts := strings.Split(cell, "/")
	if len(parts) != 4 {
		return "in " + cell
	}
	words := []string{"in " + parts[0], "on a " + parts[1], partWords[parts[2]], "on " + parts[3]}
	if parts[0] == schemas.World {
		words[0] = "in the world"
	}
	for i, part := range parts {
		if part == schemas.All {
			words[i] = ""
		}
	}
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
}

// partWords says when a part of the day is.
var partWords = map[string]string{
	"morning": "in the morning", "day": "during the day", "evening": "in the evening", "night": "at night", "late_night": "late at night",
}

// sourceTexts says what each candidate pool is.
var sourceTexts = map[string]string{
	"neighbours": "near the listener's favourites", "vectors": "near the listener's taste", "favourites": "known and liked", "artists": "new by a liked artist",
	"persona": "a favourite of listeners alike", "context": "much heard in the listener's contexts", "places": "much heard at the listener's places",
	"region_genre": "in a liked genre's chart at home", "genre": "in a liked genre's chart", "trending": "on the rise",
	"region_chart": "in the home chart", "world_chart": "in the world's chart", "popular": "popular",
}

func sourceWords(sources []string) string {
	texts := make([]string, len(sources))
	for i, s := range sources {
		texts[i] = sourceTexts[s]
	}
	return "It is " + strings.Join(texts, ", ") + "."
}

// sumWords shows how the stored terms add up.
func sumWords(row schemas.Recommendation) string {
	text := fmt.Sprintf("Score %.3f = %.3f × taste %.2f + %.3f × context %.2f + %.3f × popularity %.2f",
		row.Score, row.WTaste, row.Taste, row.WContext, row.Context, row.WPopularity, row.Popularity)
	for _, a := range row.Adjustments {
		sign, value := "+", a.Value
		if value < 0 {
			sign, value = "−", -value
		}
		text += fmt.Sprintf(" %s %.3f (%s)", sign, value, strings.ReplaceAll(a.Name, "_", " "))
	}
	return text + "."
}

// explainNot tells at which step a song was lost.
func explainNot(ctx context.Context, w io.Writer, a about) error {
	f, err := nightly.WhyNot(ctx, a.release.lake, a.release.manifest, a.user, a.song.SongID)
	if errors.Is(err, nightly.ErrUnknown) {
		return cli.Usage("%v", err)
	}
	if err != nil {
		return err
	}
	other := ""
	if f.Other != "" {
		names, err := songNames(ctx, a.release, map[string]bool{f.Other: true})
		if err != nil {
			return err
		}
		other = names[f.Other].label()
	}
	last := fmt.Sprintf("the last of the %d songs of the list has %.3f", f.Length, f.Last)
	words := map[string]string{
		"listed":          fmt.Sprintf("is in the list, number %d of %d: ask segue why", f.Place, f.Length),
		"nothing":         "had no chance: the listener has no list (" + f.Reason + ")",
		"unavailable":     "was left out: it may not be played in " + f.Country,
		"known":           "was left out: the listener knows it, or another version of it, and the list is of songs new to them",
		"not_near":        fmt.Sprintf("was not considered: %d of the %d songs near the favourites are nearer, and it is in none of the listener's charts", f.Place-1, f.Of),
		"not_a_candidate": "was not considered: it is near none of the favourites, and in none of the listener's charts",
		"other_version":   fmt.Sprintf("gave way to “%s”, a version of the same recording", other),
		"artist_full":     fmt.Sprintf("was candidate %d of %d by score; the list has %d songs of its artist already, as many as it may", f.Place, f.Of, f.Caps[0]),
		"album_full":      fmt.Sprintf("was candidate %d of %d by score; the list has %d songs of its album already, as many as it may", f.Place, f.Of, f.Caps[1]),
		"outranked":       fmt.Sprintf("was candidate %d of %d by score, and others came before: it would have %.3f, %s", f.Place, f.Of, f.Row.Score, last),
	}
	fmt.Fprintf(w, "%s %s.\n", cli.Clean(a.name()), cli.Clean(words[f.Step]))
	if len(f.Row.Sources) > 0 && f.Step != "listed" {
		fmt.Fprintln(w, "  "+cli.Clean(sourceWords(f.Row.Sources)))
		fmt.Fprintln(w, "  "+cli.Clean(sumWords(f.Row)))
	}
	fmt.Fprintf(w, "Run %s.\n", a.release.manifest.Run)
	return nil
}
