package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/transforms/io/lake"
)

func newProbe() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "Try what publishing needs of a store: atomic conditional writes, exact ranges, whole reads",
		Long: `Try what publishing needs of a store, before the first night on it. Writes about 25 MiB under probe/ in the lake
and removes them. Exit code 5 when the store lacks something.`,
		Example: "  segue s3 probe --lake s3://music/segue",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			s, _, err := load(cmd)
			if err != nil {
				return err
			}
			store, err := s.makeLake(cmd.Context())
			if err != nil {
				return err
			}
			t, failed := cli.Table{Columns: []string{"check", "ok", "seen", "seconds"}}, 0
			for _, c := range lake.Probe(cmd.Context(), store) {
				t.Add(c.Name, c.OK, c.Why, round(c.Seconds))
				if !c.OK {
					failed++
				}
			}
			if err := t.Write(cmd.OutOrStdout(), format); err != nil {
				return err
			}
			if failed > 0 {
				return fmt.Errorf("probe %s: %w: %d checks failed: do not publish to it", store.URL(), lake.ErrUnfit, failed)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}
