package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"segue/local/kafka"
	"segue/local/traffic"
	"segue/local/world"
	"segue/schemas"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// liveSite is a broker with traffic, and the real binary that follows it.
type liveSite struct {
	t          *testing.T
	binary     string
	lake       string
	partitions int32
	cluster    kafkaio.Cluster
	rng        *rand.Rand
	killed     []time.Time       // the job
	outages    [][2]time.Time    // of the broker: from its kill until it answered again
	feed       map[int32][]given // by partition: what the job has written, in its order
	newest     map[string]sessions.Version
	value      map[string][]byte
	repeats    int
}

// given is one feature record.
type given struct{ wroteMs, offset int64 }

// number reads a size from the environment: how much make test-kafka asks for, and how little every test run.
func number(t *testing.T, name string, preset int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return preset
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

func newLiveSite(t *testing.T, partitions int32) *liveSite {
	t.Helper()
	seed := uint64(number(t, "SEGUE_LIVE_SEED", int(time.Now().UnixNano()>>10)))
	t.Logf("SEGUE_LIVE_SEED=%d", seed)
	s := &liveSite{
		t: t, binary: builtBinary(t), lake: t.TempDir(), partitions: partitions, rng: rand.New(rand.NewPCG(seed, 0)),
		feed: map[int32][]given{}, newest: map[string]sessions.Version{}, value: map[string][]byte{},
	}
	if given := os.Getenv("SEGUE_TEST_BROKERS"); given != "" {
		s.cluster.Brokers = strings.Split(given, ",")
	} else {
		b, err := kafka.Start(kafka.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		s.cluster.Brokers = []string{b.Address}
	}
	settings := map[string]string{"max.message.bytes": "1100000"}
	if err := kafkaio.CreateTopic(t.Context(), s.cluster, schemas.TopicPlays, kafkaio.TopicParams{Partitions: int(partitions), Settings: settings}); err != nil {
		t.Fatal(err)
	}
	for _, span := range s.spans(schemas.TopicPlays) {
		if span.Stop > 0 {
			t.Fatal("topic plays has records already: this test needs a broker of its own")
		}
	}
	return s
}

func (s *liveSite) spans(topic string) []kafkaio.Span {
	s.t.Helper()
	var spans []kafkaio.Span
	waitFor(s.t, func() string { // a new partition has no leader yet
		var err error
		if spans, err = kafkaio.Spans(s.t.Context(), s.cluster, topic, kafkaio.Earliest(), kafkaio.Latest()); err != nil {
			s.t.Log(err)
			return ""
		}
		return "found"
	})
	return spans
}

// A live job that is killed, with its broker, at random moments of a bad day leaves the features and the archive of one that never
// was: every record is applied, late, a duplicate or a dead letter, by an oracle that keeps all events and sorts them.
func TestKilledLiveJobLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary and runs for half a minute: not in -short")
	}
	s := newLiveSite(t, 4)
	plan := s.plan(number(t, "SEGUE_LIVE_EVENTS", 50_000))
	s.run(plan, number(t, "SEGUE_LIVE_KILLS", 4), number(t, "SEGUE_LIVE_BROKER_KILLS", 0))
	o := s.oracle()
	if len(s.outages) == 0 { // no record was sent twice by the producer
		if c := plan.Counts; c.Sent != o.in || c.Applied != o.applied || c.Late != o.late || c.Duplicates != o.duplicates || c.Dead != o.broke {
			t.Errorf("of the topic the oracle counts %d = %d + %d + %d + %d, the plan of the traffic says %+v", o.in, o.applied, o.late, o.duplicates, o.broke, c)
		}
	}
	s.readFeatures()
	s.checkFeatures(o)
	dead := s.checkLetters(o)
	s.checkArchive(o)
	s.checkParity(o)
	t.Logf("in %d = out %d + late %d + duplicates %d + dead letters %d; %d listeners; %d feature records, %d of them repeats",
		o.in, o.applied, o.late, o.duplicates, dead, len(o.events), s.written(), s.repeats)
	gap, measured := s.gap()
	t.Logf("killed the job %d times, the broker %d times; no newer features for at most %v after %d kills of the job apart from the broker's",
		len(s.killed), len(s.outages), gap, measured)
}

// plan makes the day: 5 % out of order, 2 % twice, 1 % late, 0.5 % broken.
func (s *liveSite) plan(events int) *traffic.Plan {
	s.t.Helper()
	p := traffic.Default()
	p.World.Users, p.World.Days = 2000, 3
	if events > 60_000 {
		p.World.Users, p.World.Days = 20_000, 6
	}
	p.World.Plays, p.Count = events*5/4, events
	if plays, err := world.Plays(p.World); err != nil || len(plays) < events {
		s.t.Fatalf("the world has %d plays, want %d; error %v", len(plays), events, err)
	}
	plan, err := traffic.New(p)
	if err != nil {
		s.t.Fatal(err)
	}
	return plan
}

// run sends the traffic, kills on the way, and ends when everything is read.
func (s *liveSite) run(plan *traffic.Plan, kills, brokerKills int) {
	s.t.Helper()
	rate := float64(number(s.t, "SEGUE_LIVE_RATE", 5000))
	sent := make(chan error, 1)
	go func() { sent <- s.send(plan, rate) }()
	job := s.start()
	moments := s.moments(time.Duration(float64(len(plan.Records))/rate*float64(time.Second)), kills, brokerKills)
	began := time.Now()
	for _, m := range moments {
		s.waitUntil(began.Add(m.at))
		if m.broker {
			s.killBroker()
			continue
		}
		s.killed = append(s.killed, time.Now())
		if err := job.Process.Kill(); err != nil {
			s.t.Fatal(err)
		}
		if job.Wait(); job.ProcessState.Exited() {
			s.t.Fatalf("the job had ended before it was killed:\n%s", job.Stderr)
		}
		job = s.start()
	}
	if err := <-sent; err != nil {
		s.t.Fatal(err)
	}
	waitFor(s.t, func() string { return ready(job.Stderr.(*poolLog).String()) })
	if err := job.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := job.Wait(); err != nil {
		s.t.Fatalf("a job asked to stop ends with %v:\n%s", err, job.Stderr)
	}
	if out, err := s.command("--until", "latest").CombinedOutput(); err != nil {
		s.t.Fatalf("segue live --until latest: %v\n%s", err, out)
	}
}

// moment is when something is killed.
type moment struct {
	at     time.Duration
	broker bool
}

// moments spreads kills at random over most of the time the traffic takes; the broker's are later, since the job starts first.
func (s *liveSite) moments(takes time.Duration, kills, brokerKills int) []moment {
	var out []moment
	for i := range kills + brokerKills {
		out = append(out, moment{at: time.Second + time.Duration(s.rng.Float64()*.9*float64(takes)), broker: i >= kills})
	}
	slices.SortFunc(out, func(a, b moment) int { return int(a.at - b.at) })
	return out
}

func (s *liveSite) waitUntil(t time.Time) {
	select {
	case <-s.t.Context().Done():
		s.t.Fatal(s.t.Context().Err())
	case <-time.After(time.Until(t)):
	}
}

func (s *liveSite) command(more ...string) *exec.Cmd {
	args := append([]string{"live", "--brokers", strings.Join(s.cluster.Brokers, ","), "--lake", s.lake, "--progress", "plain", "--save-every", "2s", "--interval", "200ms"}, more...)
	cmd := exec.Command(s.binary, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+s.t.TempDir())
	return cmd
}

func (s *liveSite) start(more ...string) *exec.Cmd {
	s.t.Helper()
	cmd := s.command(more...)
	cmd.Stderr = &poolLog{}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { cmd.Process.Kill() })
	return cmd
}

func (s *liveSite) send(plan *traffic.Plan, rate float64) (err error) {
	p, err := kafkaio.NewProducer(s.cluster, kafkaio.WriteParams{MaxRecord: 1_000_100})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	_, err = plan.Send(s.t.Context(), traffic.Pace{Rate: rate}, func(ctx context.Context, set []traffic.Record) error {
		for _, r := range set {
			if err := p.Send(ctx, schemas.TopicPlays, kafkaio.Record{Key: r.Key, Value: r.Value}); err != nil {
				return err
			}
		}
		return p.Flush(ctx)
	})
	return err
}

// killBroker ends the real broker by SIGKILL and starts it again; KAFKA_SCRIPT knows how.
func (s *liveSite) killBroker() {
	s.t.Helper()
	script := os.Getenv("KAFKA_SCRIPT")
	if script == "" {
		s.t.Fatal("KAFKA_SCRIPT is not set: only a broker it started can be killed")
	}
	began := time.Now()
	for _, do := range []string{"kill", "start"} {
		cmd := exec.Command(script, do) // its output is a file: the broker keeps it open
		if err := cmd.Run(); err != nil {
			s.t.Fatalf("%s %s: %v", script, do, err)
		}
	}
	s.outages = append(s.outages, [2]time.Time{began, time.Now()})
}

// oracle reads the topic of plays.
func (s *liveSite) oracle() *liveOracle {
	s.t.Helper()
	o := newLiveOracle()
	s.fetch(schemas.TopicPlays, func(p int32, r kafkaio.Record) { o.add(p, r) })
	return o
}

func (s *liveSite) fetch(topic string, got func(int32, kafkaio.Record)) {
	s.t.Helper()
	err := kafkaio.Fetch(s.t.Context(), s.cluster, s.spans(topic), func(b kafkaio.Batch) (bool, error) {
		for _, r := range b.Records {
			got(b.Partition, r)
		}
		return true, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// readFeatures keeps of each listener the record with the highest version, as readers do.
func (s *liveSite) readFeatures() {
	s.t.Helper()
	s.fetch(schemas.TopicFeatures, func(p int32, r kafkaio.Record) {
		var v struct{ Offset, Generation, Timer int64 }
		if err := json.Unmarshal(r.Value, &v); err != nil {
			s.t.Fatal(err)
		}
		s.feed[p] = append(s.feed[p], given{r.Time, v.Offset})
		version, user := sessions.Version(v), string(r.Key)
		if before, ok := s.newest[user]; ok && version.Compare(before) <= 0 {
			s.repeats++
			return
		}
		s.newest[user], s.value[user] = version, r.Value
	})
}

func (s *liveSite) checkFeatures(o *liveOracle) {
	s.t.Helper()
	if len(s.value) != len(o.events) {
		s.t.Errorf("features of %d listeners, want %d", len(s.value), len(o.events))
	}
	wrong := 0
	for user := range o.events {
		got, want := oracleFeatures{}, o.features(user)
		if err := json.Unmarshal(s.value[user], &got); err != nil || !reflect.DeepEqual(got, want) {
			if wrong++; wrong <= 3 {
				s.t.Errorf("features of %s, error %v\n got %s\nwant %+v", user, err, s.value[user], want)
			}
		}
	}
	if wrong > 0 {
		s.t.Errorf("features of %d listeners of %d are wrong", wrong, len(o.events))
	}
}

// checkLetters returns how many records have dead letters, each once however often it was refused.
func (s *liveSite) checkLetters(o *liveOracle) int {
	s.t.Helper()
	dead := map[[2]int64]bool{}
	s.fetch(schemas.TopicDeadLetters, func(_ int32, r kafkaio.Record) {
		l, err := kafkaio.ParseDead(r)
		if err != nil {
			s.t.Fatal(err)
		}
		at := [2]int64{int64(l.Partition), l.Record.Offset}
		if dead[at] = true; o.sound[at] {
			s.t.Errorf("a sound record at %v is a dead letter: %s", at, l.Reason)
		}
	})
	if len(dead) != o.broke {
		s.t.Errorf("%d records have dead letters, want %d", len(dead), o.broke)
	}
	return len(dead)
}

// checkArchive wants every sound record in the files of the archive once.
func (s *liveSite) checkArchive(o *liveOracle) {
	s.t.Helper()
	store, err := lake.Open(s.t.Context(), s.lake)
	if err != nil {
		s.t.Fatal(err)
	}
	log, err := archive.Log(s.t.Context(), store)
	if err != nil {
		s.t.Fatal(err)
	}
	rows := 0
	for p := range s.partitions {
		last := int64(-1)
		for row, err := range archive.Plays(s.t.Context(), store, log, p, -1) {
			if err != nil || row.Offset <= last || !o.sound[[2]int64{int64(p), row.Offset}] {
				s.t.Fatalf("archived play %d of partition %d behind %d, error %v", row.Offset, p, last, err)
			}
			last = row.Offset
			rows++
		}
	}
	files := int64(0)
	for i := range log {
		for _, f := range log[i].Plays {
			files += f.Ref.Rows
		}
	}
	if rows != len(o.sound) || files != int64(rows) {
		s.t.Errorf("%d plays are archived, in files of %d rows; want %d of both", rows, files, len(o.sound))
	}
}

// checkParity wants the night's replay of the archive to find what the job left, and to count what the oracle does.
func (s *liveSite) checkParity(o *liveOracle) {
	s.t.Helper()
	out, err := exec.Command(s.binary, "parity", "--lake", s.lake, "--date", "2026-03-16").CombinedOutput()
	want := fmt.Sprintf("%d plays replayed, %d late, %d duplicates", o.applied, o.late, o.duplicates)
	if err != nil || !bytes.Contains(out, []byte("100.0000 % of records equal")) || !bytes.Contains(out, []byte(want)) {
		s.t.Errorf("parity: %v; want 100 %% and %s\n%s", err, want, out)
	}
}

func (s *liveSite) written() (n int) {
	for _, f := range s.feed {
		n += len(f)
	}
	return n
}

// gap is the longest time, of the kills of the job that no outage of the broker is near, until every partition has a record newer than
// any before, and how many kills it is of.
func (s *liveSite) gap() (longest time.Duration, measured int) {
	const near = 10 * time.Second
	for _, kill := range s.killed {
		if slices.ContainsFunc(s.outages, func(o [2]time.Time) bool { return kill.After(o[0].Add(-near)) && kill.Before(o[1].Add(near)) }) {
			continue
		}
		measured++
		for _, f := range s.feed {
			longest = max(longest, silence(f, kill.UnixMilli()))
		}
	}
	return longest, measured
}

// silence is the time between the last record of a partition before an instant and the first one behind it that is newer than all before;
// 0 if there is none of either.
func silence(f []given, atMs int64) time.Duration {
	newest, last := int64(-1), int64(0)
	for _, g := range f {
		if g.wroteMs > atMs && g.offset > newest {
			if last == 0 {
				return 0
			}
			return time.Duration(g.wroteMs-last) * time.Millisecond
		}
		if g.wroteMs <= atMs {
			newest, last = max(newest, g.offset), g.wroteMs
		}
	}
	return 0
}
