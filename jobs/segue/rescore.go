package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/nightly"
	"segue/schemas"
	"segue/transforms/io/lake"
)

func newRescore() *cobra.Command {
	var run string
	cmd := &cobra.Command{
		Use:   "rescore",
		Short: "Make a night's lists again from the candidates it stored, with other weights or caps, and publish them",
		Long: `Make a night's lists again from its table candidates, with other weights, caps, lengths or lots: nothing is sought. It is a new
attempt at the night with that run's parameters and seed, but for what file, environment and --set change: the stages before are
taken over, those after it measure, judge and publish. The night must have stored its candidates (recommend.candidates=true);
settings with which other candidates would be found are refused.

` + exitCodes,
		Example: "  segue rescore --lake lake --set recommend.weigh.popularity=0.2 --set recommend.rank.artist_cap=3",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := openCandidates(cmd, run)
			if err != nil {
				return err
			}
			info, err := lake.ReadRun(cmd.Context(), r.lake, r.manifest.Run)
			if err != nil {
				return err
			}
			night := nightly.Default()
			if err := json.Unmarshal(info.Config, &night); err != nil {
				return fmt.Errorf("read the parameters of run %s: %w", info.Run, err)
			}
			s, _, err := loadOver(cmd, night, info.Seed)
			if err != nil {
				return err
			}
			s.Date, s.Night.Recommend.Rescore = info.Date, info.Run
			return runNightly(cmd, s, nightly.Options{From: "recommend"}, false)
		},
	}
	nightFlags(cmd.Flags())
	cmd.Flags().StringVar(&run, "run", "", "run id (default: the current release)")
	return cmd
}

// openCandidates opens a release that has stored its candidates.
func openCandidates(cmd *cobra.Command, run string) (release, error) {
	r, err := openRelease(cmd, run)
	if err != nil {
		return r, err
	}
	if _, ok := r.manifest.Table(schemas.TableCandidates); !ok {
		return r, cli.Usage("run %s stored no candidates: make its night with --set recommend.candidates=true", r.manifest.Run)
	}
	return r, nil
}
