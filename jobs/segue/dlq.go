package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

func newDeadLetters() *cobra.Command {
	return cli.Group("dlq", "Records of topic "+schemas.TopicPlays+" that nobody could use", newDeadList(), newDeadReplay())
}

func newDeadList() *cobra.Command {
	var reason, format string
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List dead letters: where each came from and why",
		Example: "  segue dlq list --reason unreadable_record --brokers localhost:9092",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.CheckFormat(format); err != nil {
				return err
			}
			c, err := clusterOf(cmd)
			if err != nil {
				return err
			}
			t := &cli.Table{Columns: []string{"topic", "partition", "offset", "reason", "detail", "key", "value"}}
			foreign, err := deadLetters(cmd.Context(), c, reason, func(l kafkaio.Letter) error {
				if len(t.Rows) < limit {
					t.Add(l.Topic, l.Partition, l.Record.Offset, l.Reason, l.Detail, shorten(l.Record.Key), shorten(l.Record.Value))
				}
				return nil
			})
			tellForeign(cmd, foreign)
			if err != nil {
				return err
			}
			return t.Write(cmd.OutOrStdout(), format)
		},
	}
	addBrokers(cmd)
	f := cmd.Flags()
	f.StringVar(&reason, "reason", "", "only letters with this reason")
	cli.Limit(f, &limit, 50)
	f.StringVar(&format, "format", "text", "text, json, csv or markdown")
	return cmd
}

func newDeadReplay() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Send dead letters to the topic they came from once more, byte for byte",
		Long: `Send dead letters to the topic they came from once more, byte for byte: after the rule that refused them was changed.
Events that were applied meanwhile are dropped by their event id inside the lateness; older ones reach the archive only.
A header, ` + kafkaio.HeaderFirst + `, says where a record was first refused: one that is refused again stays one letter. Of records that
were too large for a letter, what the letter kept is sent.`,
		Example: "  segue dlq replay --reason unknown_version --brokers localhost:9092",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if reason == "" {
				return cli.Usage("--reason is missing: see segue dlq list")
			}
			c, err := clusterOf(cmd)
			if err != nil {
				return err
			}
			n, foreign, err := replayLetters(cmd.Context(), c, reason)
			tellForeign(cmd, foreign)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "sent %s\n", plural(n, "record"))
			return err
		},
	}
	addBrokers(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "letters with this reason")
	return cmd
}

func replayLetters(ctx context.Context, c kafkaio.Cluster, reason string) (sent int64, foreign int, err error) {
	p, err := kafkaio.NewProducer(c, kafkaio.WriteParams{})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	foreign, err = deadLetters(ctx, c, reason, func(l kafkaio.Letter) error {
		return p.Send(ctx, l.Topic, l.Again())
	})
	if err == nil {
		err = p.Flush(ctx)
	}
	return p.Sent(), foreign, err
}

// deadLetters hands out the letters of a reason, each record once, however often it was refused or sent again. It passes over
// foreign records, which are no letters.
func deadLetters(ctx context.Context, c kafkaio.Cluster, reason string, got func(kafkaio.Letter) error) (foreign int, err error) {
	spans, err := kafkaio.Spans(ctx, c, schemas.TopicDeadLetters, kafkaio.Earliest(), kafkaio.Latest())
	if err != nil {
		return 0, err
	}
	seen := map[kafkaio.Place]bool{}
	err = kafkaio.Fetch(ctx, c, spans, func(b kafkaio.Batch) (bool, error) {
		for _, r := range b.Records {
			l, err := kafkaio.ParseDead(r)
			switch {
			case err != nil:
				foreign++
				continue
			case seen[l.First] || reason != "" && l.Reason != reason:
				continue
			}
			seen[l.First] = true
			if err := got(l); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	return foreign, err
}

// tellForeign says how many records of the topic were passed over.
func tellForeign(cmd *cobra.Command, n int) {
	if n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %d records of topic %s are no dead letters and were passed over: they lack the headers of one\n", n, schemas.TopicDeadLetters)
	}
}

// shorten is the head of a key or value, fit for a terminal.
func shorten(text []byte) string {
	const most = 60
	if len(text) > most {
		return cli.Clean(strings.ToValidUTF8(string(text[:most]), "")) + "…"
	}
	return cli.Clean(string(text))
}
