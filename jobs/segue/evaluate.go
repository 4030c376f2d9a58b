package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

func newEvaluate() *cobra.Command {
	var protocol bool
	var format string
	cmd := &cobra.Command{
		Use:   "evaluate --protocol",
		Short: "Measure the recipe on held-out playlists of the landing zone, beside baselines",
		Long: `Measure the recipe of the night on the newest playlists of the landing zone up to --date: three splits of a tenth each,
every method on the same cases, means with 95 % intervals and ratios to item-kNN. It trains in memory and publishes nothing;
parameters are the night's, --set embed.dim=64 and the like included; what a night measured of itself is in its table evaluation (segue inspect head evaluation).`,
		Example: "  segue evaluate --protocol --lake lake",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !protocol {
				return cli.Usage("--protocol is missing: it is the one evaluation this command runs")
			}
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			return runProtocol(cmd, format)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&protocol, "protocol", false, "the protocol of the evaluation: three salts, cold starts")
	f.String("date", "", "logical `day` up to which the landing zone counts (default: all)")
	f.StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}

func runProtocol(cmd *cobra.Command, format string) error {
	store, s, err := lakeOf(cmd)
	if err != nil {
		return err
	}
	playlists, err := snapshot[schemas.Playlist](cmd.Context(), store, schemas.LandingPlaylists, s.Date)
	if err != nil {
		return err
	}
	songs, err := snapshot[schemas.Song](cmd.Context(), store, schemas.LandingSongs, s.Date)
	if err != nil {
		return err
	}
	artists := map[string]string{}
	for _, song := range songs {
		if len(song.ArtistIDs) > 0 {
			artists[song.SongID] = song.ArtistIDs[0]
		}
	}
	report, err := nightly.Protocol(playlists, artists, s.Night)
	if err != nil {
		return err
	}
	t := cli.Table{Columns: []string{"metric", "method", "value", "low", "high", "ratio", "ratio_low", "ratio_high"}}
	for _, row := range report.Rows {
		t.Add(row.Metric, row.Method, figure(row.Mean.Value), figure(row.Mean.Low), figure(row.Mean.High),
			figure(row.Ratio.Value), figure(row.Ratio.Low), figure(row.Ratio.High))
	}
	if format == "text" {
		fmt.Fprintf(cmd.OutOrStdout(), "%d cases of %d playlists; ratios are to item-kNN on the same cases\n", report.Cases, len(playlists))
	}
	return t.Write(cmd.OutOrStdout(), format)
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
