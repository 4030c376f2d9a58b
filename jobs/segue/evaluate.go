package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/tables"
)

// evaluation is what segue evaluate is asked for.
type evaluation struct {
	protocol              bool
	run, baseline         string
	metric, stratum, form string
}

func newEvaluate() *cobra.Command {
	var e evaluation
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Show how good a night is beside baselines, compare two nights on the same cases, or measure the recipe",
		Long: `Without --baseline, print what the night measured: its table evaluation. With --baseline, measure the neighbours of both
nights again on the held-out playlists of --run, with paired intervals; nothing is written. That needs the working data of --run.

With --protocol, measure the recipe on the newest playlists of the landing zone up to --date: three splits of a tenth each,
every method on the same cases, means with 95 % intervals and ratios to item-kNN. It trains in memory and publishes nothing;
parameters are the night's, --set embed.dim=64 and the like included.`,
		Example: `  segue evaluate --lake lake
  segue evaluate --run 2026-11-24.1 --baseline 2026-11-23.1 --stratum all --lake lake
  segue evaluate --stratum days= --lake lake
  segue evaluate --protocol --lake lake`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := e.check(cmd.Flags().Changed("date")); err != nil {
				return err
			}
			if e.protocol {
				return e.runProtocol(cmd)
			}
			return e.show(cmd)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&e.protocol, "protocol", false, "the protocol of the evaluation: three salts, cold starts")
	f.StringVar(&e.run, "run", "", "`run` to measure (default: the current one)")
	f.StringVar(&e.baseline, "baseline", "", "`run` to compare with on the same cases")
	f.StringVar(&e.metric, "metric", "", "metrics that begin with this `text`")
	f.StringVar(&e.stratum, "stratum", "", "strata that begin with this `text`, such as seeds= or days=")
	f.String("date", "", "logical `day` up to which the landing zone counts, with --protocol (default: all)")
	f.StringVar(&e.form, "format", "text", "text, json, csv or markdown")
	return cmd
}

// check refuses flags that do not go together; dated says that --date is given.
func (e evaluation) check(dated bool) error {
	switch {
	case e.protocol && (e.run != "" || e.baseline != "" || e.stratum != ""):
		return cli.Usage("--protocol trains anew, on whole splits: it takes none of --run, --baseline and --stratum")
	case dated && !e.protocol:
		return cli.Usage("--date is for --protocol: a night is named by --run")
	}
	return cli.CheckFormat(e.form)
}

// show prints the rows of a run, measured again if there is a baseline.
func (e evaluation) show(cmd *cobra.Command) error {
	r, err := openRelease(cmd, e.run)
	if err != nil {
		return err
	}
	found, err := e.rows(cmd, r)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("run %s has nothing measured: too few of its playlists are held out, and no earlier lists were there", r.manifest.Run)
	}
	t := cli.Table{Columns: []string{"metric", "stratum", "method", "value", "low", "high", "cases"}}
	for _, row := range found {
		if !strings.HasPrefix(row.Metric, e.metric) || !strings.HasPrefix(row.Stratum, e.stratum) {
			continue
		}
		line := []any{row.Metric, row.Stratum, row.Method, figure(row.Value), nil, nil, row.Cases}
		if row.Low != nil && row.High != nil {
			line[4], line[5] = figure(*row.Low), figure(*row.High)
		}
		t.Rows = append(t.Rows, line)
	}
	if len(t.Rows) == 0 {
		return cli.Usage("run %s has no row of metric %q and stratum %q: see segue evaluate without them", r.manifest.Run, e.metric, e.stratum)
	}
	return t.Write(cmd.OutOrStdout(), e.form)
}

func (e evaluation) rows(cmd *cobra.Command, r release) ([]schemas.Evaluation, error) {
	ctx := cmd.Context()
	if e.baseline == "" {
		t, err := r.table(schemas.TableEvaluation)
		if err != nil {
			return nil, err
		}
		return tables.Read[schemas.Evaluation](ctx, r.lake, t.Files)
	}
	base, err := findRelease(ctx, r.lake, e.baseline)
	if err != nil {
		return nil, err
	}
	s, _, err := load(cmd)
	if err != nil {
		return nil, err
	}
	found, err := nightly.Compare(ctx, nightly.Comparison{
		Lake: r.lake, Run: r.manifest.Run, Baseline: base.manifest.Run, Params: s.Night.Evaluate, Runner: s.Runner, Seed: s.Seed,
	})
	if errors.Is(err, nightly.ErrNoWork) {
		return nil, fmt.Errorf("%w: without --baseline, its table evaluation is still there", err)
	}
	return found, err
}

func (e evaluation) runProtocol(cmd *cobra.Command) error {
	measured := func(metric string) bool { return strings.HasPrefix(metric, e.metric) }
	if !slices.ContainsFunc(nightly.ProtocolMetrics(), measured) {
		return cli.Usage("the protocol has no metric that begins with %q: it has %s", e.metric, strings.Join(nightly.ProtocolMetrics(), ", "))
	}
	store, s, err := lakeOf(cmd)
	if err != nil {
		return err
	}
	playlists, artists, err := landed(cmd.Context(), store, s)
	if err != nil {
		return err
	}
	report, err := nightly.Protocol(playlists, artists, s.Night)
	if err != nil {
		return err
	}
	t := cli.Table{Columns: []string{"metric", "method", "value", "low", "high", "ratio", "ratio_low", "ratio_high"}}
	for _, row := range report.Rows {
		if !measured(row.Metric) {
			continue
		}
		t.Add(row.Metric, row.Method, figure(row.Mean.Value), figure(row.Mean.Low), figure(row.Mean.High),
			figure(row.Ratio.Value), figure(row.Ratio.Low), figure(row.Ratio.High))
	}
	if e.form == "text" {
		fmt.Fprintf(cmd.OutOrStdout(), "%d cases of %d playlists; ratios are to item-kNN on the same cases\n", report.Cases, len(playlists))
	}
	return t.Write(cmd.OutOrStdout(), e.form)
}

// landed returns what the recipe is measured on: the newest playlists up to the date of the settings, none = any, and first artists.
func landed(ctx context.Context, store lake.Store, s *settings) ([]schemas.Playlist, map[string]string, error) {
	upTo := ""
	if s.Date != "" {
		if _, err := s.day(); err != nil {
			return nil, nil, err
		}
		upTo = " up to " + s.Date
	}
	playlists, err := snapshot[schemas.Playlist](ctx, store, schemas.LandingPlaylists, s.Date)
	if err != nil {
		return nil, nil, err
	}
	if len(playlists) == 0 {
		return nil, nil, cli.Usage("lake %s has no playlists%s to measure on: import some first", store.URL(), upTo)
	}
	artists, err := firstArtists(ctx, store, s.Date)
	return playlists, artists, err
}

// firstArtists returns the first artist of every song of the newest snapshot up to a date that has one.
func firstArtists(ctx context.Context, s lake.Store, date string) (map[string]string, error) {
	songs, err := snapshot[schemas.Song](ctx, s, schemas.LandingSongs, date)
	artists := map[string]string{}
	for _, song := range songs {
		if len(song.ArtistIDs) > 0 {
			artists[song.SongID] = song.ArtistIDs[0]
		}
	}
	return artists, err
}

// figure keeps five digits; nothing where there is no value.
func figure(x float64) any {
	if math.IsNaN(x) {
		return nil
	}
	return math.Round(x*1e5) / 1e5
}

// snapshot reads the newest snapshot of a landing folder up to a date; "" = any.
func snapshot[T any](ctx context.Context, s lake.Store, folder, date string) ([]T, error) {
	infos, err := s.List(ctx, folder+"/")
	if err != nil {
		return nil, err
	}
	newest := ""
	for _, in := range infos {
		day, _, _ := strings.Cut(strings.TrimPrefix(in.Key, folder+"/date="), "/")
		if date == "" || day <= date {
			newest = max(newest, day)
		}
	}
	var out []T
	for _, in := range infos {
		if !strings.HasPrefix(in.Key, folder+"/date="+newest+"/") {
			continue
		}
		rows, err := parquetio.ReadAll[T](ctx, s, lake.FileRef{Key: in.Key, ETag: in.ETag, Size: in.Size})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}
