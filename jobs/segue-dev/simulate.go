package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/local/traffic"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// simulation is segue-dev simulate: its flags.
type simulation struct {
	params traffic.Params
	pace   traffic.Pace
	out    string
	kafka  string // brokers
	topic  string
	now    bool
}

func newSimulate() *cobra.Command {
	s := simulation{params: traffic.Default()}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Play a synthetic world as events of topic plays, with stated disorder, repetitions, late and broken records",
		Long: `Play the plays of a synthetic world in event time. Standard error tells what was sent and what a live job must make of it:
sent = applied + late + duplicates + dead letters. The same seed gives the same records.
Records go to the brokers, or to --out as lines of JSON with key and value; null is a record without.`,
		Example: "  segue-dev simulate --brokers localhost:9092 --rate 5000\n  segue-dev simulate --out plays.jsonl --count 100000",
		Args:    cli.Args(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.run(cmd) },
	}
	f, w := cmd.Flags(), &s.params.World
	f.StringVar(&s.kafka, "brokers", "", "Kafka `brokers` to write to, host:port,…")
	f.StringVar(&s.topic, "topic", schemas.TopicPlays, "`topic` that is written to")
	f.StringVar(&s.out, "out", "", "`file` of records instead, - for standard output")
	f.Float64Var(&s.pace.Rate, "rate", 0, "records a second at most; 0 = as fast as they are taken")
	f.Float64Var(&s.pace.Speed, "speed", 0, "seconds of the world a second at most; 0 = any")
	f.BoolVar(&s.now, "now", false, "move the world's first event to this moment (with --speed 1 events happen as they are sent)")
	f.IntVar(&s.params.Count, "count", 0, "events of the world that are played; 0 = all")
	f.Float64Var(&s.params.Disorder, "disorder", s.params.Disorder, "share of events delayed by less than the lateness of 10 minutes")
	f.Float64Var(&s.params.Duplicates, "duplicates", s.params.Duplicates, "share of events sent twice")
	f.Float64Var(&s.params.Late, "late", s.params.Late, "share of events delayed by more than the lateness")
	f.Float64Var(&s.params.Broken, "broken", s.params.Broken, "share of events replaced by a broken record")
	f.Uint64Var(&w.Seed, "seed", w.Seed, "seed: the same one sends the same records")
	f.IntVar(&w.Songs, "songs", w.Songs, "songs of the world")
	f.IntVar(&w.Users, "users", w.Users, "listeners of the world")
	f.IntVar(&w.Days, "days", w.Days, "days of the world")
	return cmd
}

func (s *simulation) run(cmd *cobra.Command) (err error) {
	if (s.out == "") == (s.kafka == "") {
		return cli.Usage("give either --brokers, or --out with a file or - for standard output")
	}
	if s.now {
		s.params.Start = time.Now().UTC()
	}
	if err := s.params.Validate(); err != nil {
		return cli.Usage("%s", err)
	}
	plan, err := traffic.New(s.params)
	if err != nil {
		return err
	}
	send, finish, err := s.sink(cmd.OutOrStdout())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, finish()) }()
	if sent, err := plan.Send(cmd.Context(), s.pace, send); err != nil {
		return fmt.Errorf("simulate: %d of %d records sent: %w", sent, len(plan.Records), err)
	}
	c := plan.Counts
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "sent %d records (%d delayed, %d repeated, %d broken): a live job must count %d applied, %d late, %d duplicates, %d dead letters\n",
		c.Sent, c.Delayed, c.Repeated, c.Damaged, c.Applied, c.Late, c.Duplicates, c.Dead)
	return err
}

// sink returns what takes sets of records, each written when it returns, and what ends it.
func (s *simulation) sink(stdout io.Writer) (send func(context.Context, []traffic.Record) error, finish func() error, err error) {
	if s.kafka != "" {
		p, err := kafkaio.NewProducer(kafkaio.Cluster{Brokers: kafkaio.ParseBrokers(s.kafka)}, kafkaio.WriteParams{MaxRecord: 1_000_100})
		if err != nil {
			return nil, nil, cli.Usage("%s", err)
		}
		return func(ctx context.Context, set []traffic.Record) error { return produce(ctx, p, s.topic, set) }, p.Close, nil
	}
	out, closeFile := stdout, func() error { return nil }
	if s.out != "-" {
		f, err := os.Create(s.out)
		if err != nil {
			return nil, nil, fmt.Errorf("write records: %w", err)
		}
		out, closeFile = f, f.Close
	}
	lines := bufio.NewWriterSize(out, 1<<20)
	return func(_ context.Context, set []traffic.Record) error { return writeLines(lines, set) }, closeFile, nil
}

// produce writes a set to the topic.
func produce(ctx context.Context, p *kafkaio.Producer, topic string, set []traffic.Record) error {
	records := make([]kafkaio.Record, len(set))
	for i, r := range set {
		records[i] = kafkaio.Record{Key: r.Key, Value: r.Value}
	}
	if err := p.Send(ctx, topic, records...); err != nil {
		return err
	}
	return p.Flush(ctx)
}

// writeLines writes one JSON object a record and flushes.
func writeLines(w *bufio.Writer, set []traffic.Record) error {
	type line struct {
		Key   *string `json:"key"`
		Value *string `json:"value"`
	}
	text := func(b []byte) *string {
		if b == nil {
			return nil
		}
		return new(string(b))
	}
	enc := json.NewEncoder(io.Writer(w))
	enc.SetEscapeHTML(false)
	for _, r := range set {
		if err := enc.Encode(line{text(r.Key), text(r.Value)}); err != nil {
			return err
		}
	}
	return w.Flush()
}
