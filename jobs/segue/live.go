package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/pipelines/live"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// liveOptions are the flags of segue live.
type liveOptions struct {
	from, until, address string
	instance, partitions string
	recycle              string
	save, wait           time.Duration
	interval, lateness   time.Duration
}

func newLive() *cobra.Command {
	o := liveOptions{}
	cmd := &cobra.Command{
		Use:   "live",
		Short: "Keep every listener's session features up to date from Kafka, until stopped",
		Long: `Read topic ` + schemas.TopicPlays + `, write topic ` + schemas.TopicFeatures + ` (compacted, key = listener, JSON), archive plays and
finished sessions in the lake. Records nobody can use go to ` + schemas.TopicDeadLetters + `.

State is kept in this process and saved to the lake. An interrupt saves and ends with exit code 0; after a crash the next start
reads on behind the last snapshot, and nothing is lost. A second process of the same share takes over; the first one then fails.
Several processes each read a share (--instance 3/8, or --partitions 0-7); one of another cut, as when 4 become 8, is refused until the former ones have
stopped, or have been silent for a minute.
It runs on prism, in this process, whose job server listens on all interfaces: run it where strangers cannot reach its ports.`,
		Example: "  segue live --brokers localhost:9092 --lake s3://music/segue",
		Args:    cli.Args(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLive(cmd, o) },
	}
	addLiveFlags(cmd, &o)
	f := cmd.Flags()
	f.StringVar(&o.address, "http", "127.0.0.1:0", "`address` of /metrics, /healthz and /readyz, such as 0.0.0.0:8080 in a pod; empty: none")
	f.StringVar(&o.recycle, "recycle-at", "0", "memory, such as 2GiB, above which prism's pipeline, whose history grows, is begun anew where it stands; 0: never")
	f.String("progress", "auto", "auto, plain, json or none: the status line")
	cmd.AddCommand(newLiveStart(), newLiveStop(), newLiveCancel())
	return cmd
}

// addLiveFlags adds what the job is told in this process and on an engine.
func addLiveFlags(cmd *cobra.Command, o *liveOptions) {
	preset := live.Default()
	o.recycle = "0"
	f := cmd.Flags()
	addBrokers(cmd)
	f.StringVar(&o.from, "from", "earliest", "where to start without a snapshot: earliest, latest, committed:GROUP, an instant, or offsets as 0=17,1=20")
	f.StringVar(&o.until, "until", "", "end by itself there; the same forms (default: never)")
	f.StringVar(&o.instance, "instance", "0/1", "the share of the partitions to read, counted from 0: `i/n`, such as 3/8 for the ordinal 3 of 8 processes")
	f.StringVar(&o.partitions, "partitions", "", "the partitions to read, instead of --instance: numbers and ranges, such as `0-7,12`")
	f.DurationVar(&o.save, "save-every", preset.SaveEvery, "time between two snapshots")
	f.DurationVar(&o.wait, "wait", preset.Patience, "how long brokers that do not answer are waited for at the start")
	f.DurationVar(&o.interval, "interval", preset.Sessions.Interval, "shortest time between two records of a listener")
	f.DurationVar(&o.lateness, "lateness", preset.Sessions.Lateness, "how much older than the listener's newest a play may be to count")
}

// share is the part of the topic that is asked for.
func (o liveOptions) share() (live.Share, error) {
	if o.partitions != "" && o.instance != "0/1" {
		return live.Share{}, cli.Usage("--partitions and --instance: give one of them")
	}
	if o.partitions != "" {
		s, err := live.ParsePartitions(o.partitions)
		if err != nil {
			return s, cli.Usage("--partitions: %s", err)
		}
		return s, nil
	}
	s, err := live.ParseShare(o.instance)
	if err != nil {
		return s, cli.Usage("--instance: %s", err)
	}
	return s, nil
}

func (o liveOptions) config(cmd *cobra.Command) (c live.Config, progress string, err error) {
	s, _, err := load(cmd)
	if err != nil {
		return c, "", err
	}
	s.tellWarnings(os.Stderr)
	c = live.Default()
	if c.Cluster, err = s.cluster(); err != nil {
		return c, "", err
	}
	if c.From, err = kafkaio.ParsePosition(o.from); err != nil {
		return c, "", cli.Usage("--from: %s", err)
	}
	if o.until != "" {
		if c.Until, err = kafkaio.ParsePosition(o.until); err != nil {
			return c, "", cli.Usage("--until: %s", err)
		}
	}
	if c.Share, err = o.share(); err != nil {
		return c, "", err
	}
	if c.Memory, err = units.RAMInBytes(o.recycle); err != nil {
		return c, "", cli.Usage("--recycle-at %q is no size: write one such as 2GiB", o.recycle)
	}
	c.SaveEvery, c.Patience, c.Sessions.Interval, c.Sessions.Lateness = o.save, o.wait, o.interval, o.lateness
	for hour := range c.Sessions.DayParts {
		c.Sessions.DayParts[hour] = schemas.DayPart(hour)
	}
	if err := c.Validate(); err != nil {
		return c, "", cli.Usage("%s", err)
	}
	c.Lake, err = s.makeLake(cmd.Context())
	return c, s.Progress, err
}

// collectAt is the growth of the heap, in percent, at which it is collected: less garbage than with Go's 100 beside the state of the
// listeners.
const collectAt = 30

func runLive(cmd *cobra.Command, o liveOptions) error {
	c, progress, err := o.config(cmd)
	if err != nil {
		return err
	}
	show, err := statusView(progress, os.Stderr)
	if err != nil {
		return err
	}
	var job atomic.Pointer[live.Job]
	if o.address != "" {
		stop, err := serveStatus(o.address, func() live.Status {
			if j := job.Load(); j != nil {
				return j.Status()
			}
			return live.Status{} // brokers and snapshots are waited for
		})
		if err != nil {
			return err
		}
		defer stop()
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	j, err := live.Open(cmd.Context(), c)
	switch {
	case err != nil && cmd.Context().Err() != nil:
		fmt.Fprintln(cmd.ErrOrStderr(), "stopped before it read anything")
		return nil
	case err != nil:
		return err
	}
	job.Store(j)
	return follow(cmd, j, show)
}

// follow runs a job and shows its status until it ends.
func follow(cmd *cobra.Command, job *live.Job, show view) error {
	ctx, cancel := context.WithCancel(cmd.Context())
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		showStatus(ctx, job, show)
	}()
	err := job.Run(ctx)
	cancel()
	<-shown
	if s := job.Status(); err == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "stopped: %d records read = %d applied + %d late + %d duplicates + %d dead letters; %d records written\n",
			s.In, s.Applied, s.Late, s.Duplicates, s.Dead, s.Written)
		if s.Unsaved > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s could not be saved in time: nothing is lost, the next start reads on behind the snapshot before\n", plural(s.Unsaved, "partition"))
		}
	}
	return err
}

// serveStatus answers /metrics, /healthz and /readyz: counts alone, no listener.
func serveStatus(address string, status func() live.Status) (stop func(), err error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, cli.Usage("--http %q: %s", address, err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve the status: %w", err)
	}
	server := &http.Server{Handler: statusPages(status), ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(l) // ends with Close
	fmt.Fprintf(os.Stderr, "status at http://%s/metrics, /healthz and /readyz\n", l.Addr())
	return func() { server.Close() }, nil
}

// statusPages are the pages of a job.
func statusPages(status func() live.Status) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		ready := status().Ready
		if !ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintln(w, ready)
	})
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { writeMetrics(w, status()) })
	return mux
}
