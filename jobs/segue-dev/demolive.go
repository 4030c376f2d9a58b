package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"segue/jobs/cli"
	"segue/local/kafka"
	"segue/local/traffic"
	"segue/local/world"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// What of the world is played: demoHours of it at demoSpeed, so that a song takes about a second.
const (
	demoHours = 2
	demoSpeed = 180
)

// liveDemo is the demo of the live job: a night for its songs and vectors, then listeners who listen.
type liveDemo struct {
	demo
	cluster kafkaio.Cluster
	world   world.Params
	log     *os.File // standard error of the live job
	job     *exec.Cmd
}

func newDemoLive() *cobra.Command {
	d := liveDemo{world: world.Default()}
	d.world.Songs, d.world.Playlists, d.world.Days = 2000, 1200, 5
	cmd := &cobra.Command{
		Use:   "demo-live",
		Short: "Run the live job on a broker started here, show features of listeners changing, kill it once, stop",
		Long: `Start an S3 server and a Kafka broker, publish a small night, start segue live, and play two hours of a world in 40 seconds: out of
order, with repeated, late and broken events. The features of four listeners change in the terminal; the job is killed once on the
way. At the end it is stopped, and the night's parity check replays what it archived.`,
		Example: "  segue-dev demo-live",
		Args:    cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			d.out = cmd.OutOrStdout()
			if d.dir, err = os.MkdirTemp("", "segue-demo-live-"); err != nil {
				return fmt.Errorf("make demo folder: %w", err)
			}
			defer os.RemoveAll(d.dir)
			if err := d.absolute(); err != nil {
				return err
			}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&d.segue, "segue", "", "the segue `binary` (default: the one beside this program)")
	return cmd
}

func (d *liveDemo) run(ctx context.Context) error {
	started := time.Now()
	if err := d.start(ctx); err != nil {
		return err
	}
	defer d.server.Stop()
	broker, err := kafka.Start(kafka.Options{Topics: map[string]int32{schemas.TopicPlays: 4}})
	if err != nil {
		return err
	}
	defer broker.Close()
	fmt.Fprintf(d.out, "Kafka broker at %s, topic %s with 4 partitions\n", broker.Address, schemas.TopicPlays)
	d.cluster = kafkaio.Cluster{Brokers: []string{broker.Address}}
	d.env = append(d.env, "SEGUE_KAFKA_BROKERS="+broker.Address)
	titles, err := d.night(ctx)
	if err != nil {
		return err
	}
	plan, watched, err := d.plan()
	if err != nil {
		return err
	}
	if err := d.listen(ctx, plan, newWatch(d.out, d.cluster, watched, titles)); err != nil {
		return err
	}
	if err := d.account(ctx, plan.Counts, watched[0]); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nthe demo took %s\n", time.Since(started).Round(100*time.Millisecond))
	return nil
}

// night publishes a release of the world and returns its songs' titles.
func (d *liveDemo) night(ctx context.Context) (map[string]string, error) {
	dir := filepath.Join(d.dir, "world")
	d.say("publish a night: %d songs, %d playlists, %d listeners", d.world.Songs, d.world.Playlists, d.world.Users)
	if err := world.Generate(ctx, dir, d.world); err != nil {
		return nil, err
	}
	flags, err := importFlags(dir)
	if err != nil {
		return nil, err
	}
	if err := d.quietly(ctx, append([]string{"import", "--from", "jsonl"}, flags...)...); err != nil {
		return nil, err
	}
	if err := d.quietly(ctx, "nightly", "--date", d.world.Last().Format(time.DateOnly), "--progress", "none", "--set", "embed.dim=32"); err != nil {
		return nil, err
	}
	store, err := lake.Open(ctx, d.lake())
	if err != nil {
		return nil, err
	}
	_, m, err := lake.Current(ctx, store)
	if err != nil {
		return nil, err
	}
	songs, err := readTable[songCounts](ctx, store, m, schemas.TableSongs)
	titles := make(map[string]string, len(songs))
	for _, s := range songs {
		titles[s.SongID] = s.Title
	}
	return titles, err
}

// quietly runs the binary; its output is shown only when it fails.
func (d *liveDemo) quietly(ctx context.Context, args ...string) error {
	fmt.Fprintf(d.out, "$ segue%s\n", quoted(args, d.shown))
	cmd := exec.CommandContext(ctx, d.segue, args...)
	cmd.Env = d.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("segue %s: %w\n%s", args[0], err, out)
	}
	return nil
}

// plan returns the traffic, which ends now, and the listeners who have most of it.
func (d *liveDemo) plan() (*traffic.Plan, []string, error) {
	p := traffic.Default()
	p.World, p.Start = d.world, time.Now().UTC().Add(-(demoHours*time.Hour + 4*traffic.Lateness))
	plays, err := world.Plays(d.world)
	if err != nil {
		return nil, nil, err
	}
	for p.Count < len(plays) && plays[p.Count].StartedAt.Sub(plays[0].StartedAt) < demoHours*time.Hour {
		p.Count++
	}
	plan, err := traffic.New(p)
	if err != nil {
		return nil, nil, err
	}
	return plan, mostHeard(plays[:p.Count], 4), nil
}

// listen runs the live job while the traffic is sent; it kills the job once on the way, and ends it when all is read.
func (d *liveDemo) listen(ctx context.Context, plan *traffic.Plan, w *watch) (err error) {
	d.say("start the live job, then play %d hours of listening in %d seconds (5 %% out of order, 2 %% twice, 1 %% late, 0.5 %% broken)", demoHours, demoHours*3600/demoSpeed)
	if d.log, err = os.Create(filepath.Join(d.dir, "live.log")); err != nil {
		return fmt.Errorf("make the log of the live job: %w", err)
	}
	defer d.log.Close()
	if err := d.startJob(ctx); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	var shown sync.WaitGroup
	shown.Go(func() { w.show(watching) })
	err = d.play(ctx, plan, w)
	if err == nil {
		err = w.settle(ctx)
	}
	stop()
	shown.Wait()
	return errors.Join(err, w.err, d.stopJob())
}

// play sends the traffic; at two fifths of it the job is killed and started again.
func (d *liveDemo) play(ctx context.Context, plan *traffic.Plan, w *watch) (err error) {
	p, err := kafkaio.NewProducer(d.cluster, kafkaio.WriteParams{MaxRecord: 1_000_100})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	killAt := len(plan.Records) * 2 / 5
	_, err = plan.Send(ctx, traffic.Pace{Speed: demoSpeed}, func(ctx context.Context, set []traffic.Record) error {
		if err := produce(ctx, p, schemas.TopicPlays, set); err != nil {
			return err
		}
		sent := w.sent.Add(int64(len(set)))
		if sent < int64(killAt) {
			return nil
		}
		killAt = len(plan.Records) + 1
		return d.killJob(ctx, w)
	})
	return err
}

func (d *liveDemo) startJob(ctx context.Context) error {
	d.job = exec.CommandContext(ctx, d.segue, "live", "--progress", "plain")
	d.job.Env, d.job.Stderr = d.env, d.log
	d.job.Cancel = func() error { return d.job.Process.Signal(os.Interrupt) }
	if err := d.job.Start(); err != nil {
		return fmt.Errorf("start segue live: %w", err)
	}
	return nil
}

// killJob ends the job as a power cut would, and starts it again.
func (d *liveDemo) killJob(ctx context.Context, w *watch) error {
	if err := d.job.Process.Kill(); err != nil {
		return fmt.Errorf("kill segue live: %w", err)
	}
	d.job.Wait() // killed: its error is known
	w.note("kill -9 of the live job; it starts again from its last snapshot")
	return d.startJob(ctx)
}

// stopJob asks the job to save and end.
func (d *liveDemo) stopJob() error {
	if err := d.job.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop segue live: %w", err)
	}
	err := d.job.Wait()
	text, readErr := os.ReadFile(d.log.Name())
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err != nil {
		return errors.Join(fmt.Errorf("segue live: %w: %s", err, lines[len(lines)-1]), readErr)
	}
	fmt.Fprintf(d.out, "segue live, since its second start, %s\n", lines[len(lines)-1])
	return readErr
}

// account looks at what the job left, as a user would.
func (d *liveDemo) account(ctx context.Context, c traffic.Counts, user string) error {
	d.say("one listener's features, as a service reads them")
	if err := d.call(ctx, "features", user); err != nil {
		return err
	}
	d.say("records nobody could use")
	if err := d.call(ctx, "dlq", "list", "--limit", "5"); err != nil {
		return err
	}
	d.say("replay the archive, compare it with what the job left")
	fmt.Fprintf(d.out, "sent: %d records = %d that are archived (%d of them late, %d repeated) + %d broken; an accumulator that was never killed must find the same:\n",
		c.Sent, c.Sent-c.Dead, c.Late, c.Duplicates, c.Dead)
	return d.call(ctx, "parity", "--date", time.Now().UTC().Format(time.DateOnly))
}
