package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/local/kafka"
	"segue/local/s3"
	"segue/schemas"
)

func newUp() *cobra.Command {
	u := up{}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start an S3 server on this machine, print how to reach it, serve until interrupted",
		Long: `Start an S3 server on loopback over a folder of plain files; with --kafka a Kafka broker beside it, with the topics of
the live job. Standard output has lines to paste into another shell; the folders survive, so that the next start finds the same
objects and records.`,
		Example: "  segue-dev local up --dir .segue/s3 --port 9000\n  segue-dev local up --kafka --kafka-port 9092",
		Args:    cli.Args(),
		RunE:    u.run,
	}
	f := cmd.Flags()
	f.StringVar(&u.dir, "dir", ".segue/s3", "folder of the objects")
	f.StringVar(&u.bucket, "bucket", "segue", "bucket that is made")
	f.IntVar(&u.s3.Port, "port", 0, "port (default: any free one)")
	f.StringVar(&u.s3.AccessKey, "access-key", "segue", "access key; the secret is AWS_SECRET_ACCESS_KEY, else random")
	f.DurationVar(&u.late, "late", 0, "how late each answer is, as that of a bucket some way off, such as 30ms")
	f.BoolVar(&u.withKafka, "kafka", false, "start a Kafka broker too")
	f.StringVar(&u.kafka.Dir, "kafka-dir", ".segue/kafka-embedded", "folder of the records; empty: memory")
	f.IntVar(&u.kafka.Port, "kafka-port", 0, "port of the broker (default: any free one)")
	f.Int32Var(&u.partitions, "partitions", 4, "partitions of topic "+schemas.TopicPlays+", where it is made")
	return cmd
}

type up struct {
	dir, bucket string
	s3          s3.Options
	late        time.Duration
	withKafka   bool
	kafka       kafka.Options
	partitions  int32
}

func (u *up) run(cmd *cobra.Command, _ []string) error {
	u.s3.Buckets, u.s3.SecretKey = []string{u.bucket}, os.Getenv("AWS_SECRET_ACCESS_KEY")
	server, err := s3.Start(cmd.Context(), u.dir, u.s3)
	if err != nil {
		return err
	}
	if u.late > 0 {
		if server.Endpoint, err = server.Slow(u.late); err != nil {
			return err
		}
	}
	for _, setting := range server.Environ() {
		fmt.Fprintf(cmd.OutOrStdout(), "export %s\n", setting)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "export SEGUE_LAKE=s3://%s/lake\n", u.bucket)
	if u.withKafka {
		u.kafka.Topics = map[string]int32{schemas.TopicPlays: u.partitions, schemas.TopicFeatures: u.partitions, schemas.TopicDeadLetters: 1}
		broker, err := kafka.Start(u.kafka)
		if err != nil {
			return err
		}
		defer broker.Close()
		fmt.Fprintf(cmd.OutOrStdout(), "export SEGUE_KAFKA_BROKERS=%s\n", broker.Address)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "serving %s at %s; stop with Ctrl-C\n", u.dir, server.Endpoint)
	<-cmd.Context().Done()
	return server.Stop()
}
