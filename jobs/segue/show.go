package main

import (
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
)

func newConfigShow() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print every setting, its effective value and where that came from",
		Long: `Print every setting, its effective value and where that came from. A setting embed.dim is given by --set embed.dim=64,
by SEGUE_EMBED_DIM=64, or in the file of --config under embed: dim: 64. Keys of a store are no settings and are not shown.`,
		Example: "  segue config show --config segue.yaml --set embed.dim=64",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			s, reg, err := load(cmd)
			if err != nil {
				return err
			}
			if err := s.check(); err != nil {
				return err
			}
			t := cli.Table{Columns: []string{"key", "value", "source", "environment"}}
			for _, v := range reg.Values() {
				t.Add(v.Key, v.Value, v.Source, "SEGUE_"+strings.ToUpper(strings.ReplaceAll(v.Key, ".", "_")))
			}
			return t.Write(cmd.OutOrStdout(), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}
