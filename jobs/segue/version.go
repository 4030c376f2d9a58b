package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
)

// version is set when the program is linked; see the Makefile.
var version = "dev"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the program's version",
		Example: "  segue version",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "segue %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
