package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/jobs/nearest"
	"segue/schemas"
	"segue/transforms/io/lake"
)

func newRecs() *cobra.Command {
	var limit int
	var list, run, format string
	cmd := &cobra.Command{
		Use:     "recs USER",
		Short:   "Show a listener's list with titles, terms of the score and reasons",
		Example: "  segue recs anna --limit 10 --lake s3://music/segue",
		Args:    cli.Args("USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			r, err := openRelease(cmd, run)
			if err != nil {
				return err
			}
			recs, err := listOf(cmd.Context(), r, args[0], list)
			if err != nil {
				return err
			}
			t, err := recsTable(cmd.Context(), r, recs[:min(limit, len(recs))])
			if err != nil {
				return err
			}
			return t.Write(cmd.OutOrStdout(), format)
		},
	}
	f := cmd.Flags()
	cli.Limit(f, &limit, 20)
	f.StringVar(&list, "list", schemas.ListGeneral, "which of the listener's lists")
	f.StringVar(&run, "run", "", "run id (default: the current release)")
	f.StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}

// listsOf returns all lists of a listener. It reads the files that may hold the listener: one, when they are cut by bucket.
func listsOf(ctx context.Context, r release, user string) ([]schemas.Recommendation, error) {
	t, err := r.table(schemas.TableUserRecommendations)
	if err != nil {
		return nil, err
	}
	for _, ref := range bucketFirst(holding(t.Files, user), t.Files, user) {
		found, err := find(ctx, r, ref, user, keyed[schemas.Recommendation]{"user_id", func(row schemas.Recommendation) string { return row.UserID }})
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, unknownUser(ctx, r, t, user)
}

// listOf returns one list of a listener by rank.
func listOf(ctx context.Context, r release, user, list string) ([]schemas.Recommendation, error) {
	all, err := listsOf(ctx, r, user)
	if err != nil {
		return nil, err
	}
	var recs []schemas.Recommendation
	lists := []string{}
	for _, row := range all {
		if lists = append(lists, row.List); row.List == list {
			recs = append(recs, row)
		}
	}
	if len(recs) == 0 {
		slices.Sort(lists)
		return nil, cli.Usage("listener %s has no list %s%s", user, list, nearest.Hint(list, slices.Compact(lists)))
	}
	slices.SortFunc(recs, func(a, b schemas.Recommendation) int { return cmp.Compare(a.Rank, b.Rank) })
	return recs, nil
}

// bucketFirst puts the file of the listener's bucket before the others that may hold it: file i of n is bucket i.
func bucketFirst(candidates, all []lake.FileRef, user string) []lake.FileRef {
	if len(all) == 0 {
		return nil
	}
	home := all[schemas.Bucket(user, len(all))].Key
	slices.SortStableFunc(candidates, func(a, b lake.FileRef) int {
		return cmp.Compare(rankOf(a.Key == home), rankOf(b.Key == home))
	})
	return candidates
}

func rankOf(first bool) int {
	if first {
		return 0
	}
	return 1
}

func unknownUser(ctx context.Context, r release, t lake.Table, user string) error {
	var known []string
	for row, err := range rows[userID](ctx, r, t.Files) {
		if err != nil {
			return err
		}
		if len(known) == 0 || known[len(known)-1] != row.UserID {
			known = append(known, row.UserID)
		}
	}
	return cli.Usage("no listener %q in run %s%s", user, r.manifest.Run, nearest.Among(user, known))
}

// userID is the first column of table user_recommendations alone.
type userID struct {
	UserID string `parquet:"user_id,dict"`
}

// recsTable adds titles to a list. A seed is a song of the listener's that led to the recommended one.
func recsTable(ctx context.Context, r release, recs []schemas.Recommendation) (*cli.Table, error) {
	want := map[string]bool{}
	for _, rec := range recs {
		want[rec.SongID] = true
		for _, s := range rec.Seeds {
			want[s.SongID] = true
		}
	}
	names, err := songNames(ctx, r, want)
	if err != nil {
		return nil, err
	}
	t := &cli.Table{Columns: []string{"rank", "song_id", "title", "artists", "score", "taste", "context", "popularity", "tier", "reason"}}
	for _, rec := range recs {
		s := names[rec.SongID]
		t.Add(rec.Rank, rec.SongID, s.Title, s.artists(), rec.Score, rec.Taste, rec.Context, rec.Popularity, rec.Tier, reason(rec, names))
	}
	return t, nil
}

// reason says in words why a song is in the list.
func reason(rec schemas.Recommendation, names map[string]songName) string {
	var parts []string
	var seeds []string
	for _, s := range rec.Seeds {
		seeds = append(seeds, names[s.SongID].label())
	}
	if len(seeds) > 0 {
		parts = append(parts, "like "+strings.Join(seeds, " and "))
	}
	if rec.ContextCell != "" {
		parts = append(parts, "heard in "+rec.ContextCell)
	}
	if len(parts) == 0 && len(rec.Sources) > 0 {
		parts = append(parts, "from "+strings.Join(rec.Sources, ", "))
	}
	return strings.Join(parts, "; ")
}
