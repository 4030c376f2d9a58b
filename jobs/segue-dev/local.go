package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/local/s3"
)

func newUp() *cobra.Command {
	var dir, bucket string
	o := s3.Options{}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start an S3 server on this machine, print how to reach it, serve until interrupted",
		Long: `Start an S3 server on loopback over a folder of plain files. Standard output has lines to paste into another shell;
the folder survives, so that the next start finds the same objects.`,
		Example: "  segue-dev local up --dir .segue/s3 --port 9000",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Buckets, o.SecretKey = []string{bucket}, os.Getenv("AWS_SECRET_ACCESS_KEY")
			server, err := s3.Start(cmd.Context(), dir, o)
			if err != nil {
				return err
			}
			for _, setting := range server.Environ() {
				fmt.Fprintf(cmd.OutOrStdout(), "export %s\n", setting)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "export SEGUE_LAKE=s3://%s/lake\n", bucket)
			fmt.Fprintf(cmd.ErrOrStderr(), "serving %s at %s; stop with Ctrl-C\n", dir, server.Endpoint)
			<-cmd.Context().Done()
			return server.Stop()
		},
	}
	f := cmd.Flags()
	f.StringVar(&dir, "dir", ".segue/s3", "folder of the objects")
	f.StringVar(&bucket, "bucket", "segue", "bucket that is made")
	f.IntVar(&o.Port, "port", 0, "port (default: any free one)")
	f.StringVar(&o.AccessKey, "access-key", "segue", "access key; the secret is AWS_SECRET_ACCESS_KEY, else random")
	return cmd
}
