package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	"segue/local/kafka"
	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

func TestMain(m *testing.M) {
	beam.Init()
	if os.Getenv("SEGUE_VERBOSE") == "" {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		beamlog.SetLogger(silent{})
	}
	os.Exit(m.Run())
}

type silent struct{}

func (silent) Log(context.Context, beamlog.Severity, int, string) {}

const partitions = 3

// setup starts a broker with an empty topic of plays, beside a lake in memory.
func setup(t *testing.T) (Config, *kafka.Broker) {
	t.Helper()
	b, err := kafka.Start(kafka.Options{Topics: map[string]int32{schemas.TopicPlays: partitions}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	c := Default()
	c.Cluster = kafkaio.Cluster{Brokers: []string{b.Address}}
	c.Until = kafkaio.Latest()
	if c.Lake, err = lake.Open(t.Context(), fmt.Sprintf("mem://%s-%d", t.Name(), time.Now().UnixNano())); err != nil {
		t.Fatal(err)
	}
	return c, b
}

// plays draws n records of 40 listeners: 5 % out of order, 2 % twice, 1 % late, 2 % broken in one of four ways.
func plays(r *rand.Rand, first, n int) []kafkaio.Record {
	base := time.Now().Add(-6 * time.Hour).UnixMilli()
	var out []kafkaio.Record
	for i := first; i < first+n; i++ {
		user, at := fmt.Sprintf("u%d", r.IntN(40)), base+int64(i)*3000
		switch x := r.IntN(100); {
		case x < 5:
			at -= r.Int64N(300_000)
		case x < 6:
			at -= 3_600_000
		}
		value := fmt.Sprintf(`{"event_id":"e%d","user_id":%q,"song_id":"s%d","started_at":%d,"ms_played":%d,"track_ms":200000,"device":"phone"}`, i, user, r.IntN(30), at, r.IntN(200_000))
		rec := kafkaio.Record{Key: []byte(user), Value: []byte(value), Time: time.Now().UnixMilli()}
		switch r.IntN(200) {
		case 0:
			rec.Value = []byte("{")
		case 1:
			rec.Value = nil
		case 2:
			rec.Key = []byte("other")
		case 3:
			rec.Value = append(rec.Value[:len(rec.Value)-1], fmt.Sprintf(`,"place":"%0300000d"}`, 1)...)
		}
		out = append(out, rec)
		if r.IntN(50) == 0 {
			out = append(out, rec)
		}
	}
	return out
}

func produce(t *testing.T, c Config, records []kafkaio.Record) {
	t.Helper()
	p, err := kafkaio.NewProducer(c.Cluster, kafkaio.WriteParams{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := errors.Join(p.Send(t.Context(), schemas.TopicPlays, records...), p.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// run is one job from Open to its end.
func run(t *testing.T, c Config) Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	j, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return j.Status()
}

// topic reads all of a topic.
func topic(t *testing.T, c Config, name string) (all []kafkaio.Batch) {
	t.Helper()
	spans, err := kafkaio.Spans(t.Context(), c.Cluster, name, kafkaio.Earliest(), kafkaio.Latest())
	if err == nil {
		err = kafkaio.Fetch(t.Context(), c.Cluster, spans, func(b kafkaio.Batch) (bool, error) {
			all = append(all, b)
			return true, nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wanted applies the whole topic to fresh accumulators: the features, how often each offset is archived, the counts.
func wanted(t *testing.T, c Config) (features map[string]string, archived map[string]bool, counts sessions.Counts) {
	t.Helper()
	features, archived = map[string]string{}, map[string]bool{}
	shards := map[int32]*sessions.Shard{}
	for p := range int32(partitions) {
		shards[p] = sessions.NewShard(c.Sessions, playjson.NewDecoder(c.Rules), -1)
	}
	for _, b := range topic(t, c, schemas.TopicPlays) {
		err := shards[b.Partition].Apply(records(b), func(s sessions.Seen) {
			if s.Reason == "" {
				archived[fmt.Sprint(b.Partition, s.Record.Offset)] = true
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range shards {
		n := s.Counts()
		counts.In, counts.Applied, counts.Late, counts.Duplicates, counts.Dead = counts.In+n.In, counts.Applied+n.Applied, counts.Late+n.Late, counts.Duplicates+n.Duplicates, counts.Dead+n.Dead
		for _, u := range s.Users() {
			value, _ := s.Features(nil, u)
			features[u] = string(value)
		}
	}
	return features, archived, counts
}

// check compares what the job left with wanted.
func check(t *testing.T, c Config) {
	t.Helper()
	features, archived, counts := wanted(t, c)
	got, version := map[string]string{}, map[string]Version{}
	for _, b := range topic(t, c, schemas.TopicFeatures) {
		for _, r := range b.Records {
			v, err := VersionOf(r.Value)
			if err != nil {
				t.Fatal(err)
			}
			if user := string(r.Key); got[user] == "" || v.Compare(version[user]) >= 0 {
				got[user], version[user] = string(r.Value), v
			}
		}
	}
	for user, want := range features {
		if got[user] != want {
			t.Errorf("features of %s\n got %s\nwant %s", user, got[user], want)
		}
	}
	if len(got) != len(features) {
		t.Errorf("features of %d listeners, want %d", len(got), len(features))
	}
	dead := map[string]bool{}
	for _, b := range topic(t, c, schemas.TopicDeadLetters) {
		for _, r := range b.Records {
			l, err := kafkaio.ParseDead(r)
			if err != nil {
				t.Fatal(err)
			}
			dead[fmt.Sprint(l.Partition, l.Record.Offset)] = true
		}
	}
	if int64(len(dead)) != counts.Dead {
		t.Errorf("%d dead letters, want %d", len(dead), counts.Dead)
	}
	log, err := archive.Log(t.Context(), c.Lake)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for p := range int32(partitions) {
		for row, err := range archive.Plays(t.Context(), c.Lake, log, p, -1) {
			if rows++; err != nil || !archived[fmt.Sprint(p, row.Offset)] {
				t.Fatalf("archived play %d of partition %d, error %v", row.Offset, p, err)
			}
		}
	}
	if rows != len(archived) {
		t.Errorf("%d plays are archived, want %d", rows, len(archived))
	}
}

// A topic with disorder, repetitions, late and broken records gives exactly the features of one accumulator fed in order, every
// sound play once in the archive, and every record accounted for; so it does in two runs.
func TestFeatures(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	c, _ := setup(t)
	produce(t, c, plays(r, 0, 3000))
	first := run(t, c)
	check(t, c)
	produce(t, c, plays(r, 3000, 2000))
	second := run(t, c)
	check(t, c)
	_, _, want := wanted(t, c)
	for _, s := range []Status{first, second} {
		if s.In != s.Applied+s.Late+s.Duplicates+s.Dead || s.Lag != 0 {
			t.Errorf("not every record is accounted for: %+v", s)
		}
	}
	got := sessions.Counts{In: first.In + second.In, Applied: first.Applied + second.Applied, Late: first.Late + second.Late, Duplicates: first.Duplicates + second.Duplicates, Dead: first.Dead + second.Dead}
	if got != want || cmp.Or(want.Late, want.Duplicates, want.Dead) == 0 {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

// Jobs that end without saving, at any moment, leave the features and the archive of one that never did.
func TestCrashes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	c, _ := setup(t)
	c.SaveEvery = 150 * time.Millisecond
	crash := errors.New("crash")
	for i := range 5 {
		produce(t, c, plays(r, i*1000, 1000))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		j, err := Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(r.IntN(400))*time.Millisecond, func() { j.fail(crash) })
		if err := j.Run(ctx); err != nil && !errors.Is(err, crash) {
			t.Fatal(err)
		}
		cancel()
	}
	run(t, c)
	check(t, c)
}

// A job asked to stop saves, returns no error, and its successor reads nothing twice; one whose partitions were claimed by
// another fails.
func TestStopAndFence(t *testing.T) {
	c, _ := setup(t)
	c.Until = kafkaio.Never()
	produce(t, c, plays(rand.New(rand.NewPCG(1, 3)), 0, 500))
	ctx, stop := context.WithCancel(t.Context())
	j, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	await(t, func() bool { s := j.Status(); return s.In >= 500 && s.Lag == 0 })
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.Until = kafkaio.Latest()
	if s := run(t, c); s.In != 0 {
		t.Errorf("%d records are read again after a stop", s.In)
	}
	check(t, c)
	old, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	produce(t, c, plays(rand.New(rand.NewPCG(2, 3)), 500, 100))
	run(t, c)
	if err := old.Run(t.Context()); !errors.Is(err, archive.ErrFenced) {
		t.Errorf("a job whose partitions another owns ends with %v", err)
	}
	check(t, c)
}

func await(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("nothing happened for 2 minutes")
		}
	}
}

// A topic that grew, or was made anew, is refused before anything is read.
func TestRefused(t *testing.T) {
	c, b := setup(t)
	produce(t, c, plays(rand.New(rand.NewPCG(1, 4)), 0, 100))
	run(t, c)
	for _, n := range []int32{partitions, partitions + 1} {
		if err := errors.Join(b.DeleteTopic(schemas.TopicPlays), b.CreateTopic(schemas.TopicPlays, n, nil)); err != nil {
			t.Fatal(err)
		}
		j, err := Open(t.Context(), c)
		if err == nil {
			err = j.Run(t.Context())
		}
		if err == nil {
			t.Errorf("a topic made anew with %d partitions is read on", n)
		}
		if n > partitions && !errors.Is(err, ErrGrew) {
			t.Errorf("a topic that grew: %v", err)
		}
	}
}

// A topic made anew with more records than were read is refused as well, before a partition is claimed; one that only went on is not.
func TestMadeAnew(t *testing.T) {
	c, b := setup(t)
	r := rand.New(rand.NewPCG(1, 4))
	produce(t, c, plays(r, 0, 100))
	run(t, c)
	produce(t, c, plays(r, 1, 100))
	run(t, c)
	before, err := archive.ReadState(t.Context(), c.Lake, 0)
	if err != nil || before.Mark == nil || before.Mark.Offset != before.Offset {
		t.Fatalf("state %+v, %v: want a mark at its offset", before, err)
	}
	if err := errors.Join(b.DeleteTopic(schemas.TopicPlays), b.CreateTopic(schemas.TopicPlays, partitions, nil)); err != nil {
		t.Fatal(err)
	}
	produce(t, c, plays(r, 2, 1000))
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrAnew) {
		t.Errorf("a topic made anew is read on: %v", err)
	}
	if after, err := archive.ReadState(t.Context(), c.Lake, 0); err != nil || after.Epoch != before.Epoch {
		t.Errorf("epoch %d became %d: %v", before.Epoch, after.Epoch, err)
	}
}

// A topic that is deleted, or made anew with more partitions, under a running job ends it with an error that says so; nothing of the
// new topic is taken for the old one's.
func TestTopicChangesUnderJob(t *testing.T) {
	c, b := setup(t)
	c.Until = kafkaio.Never()
	produce(t, c, plays(rand.New(rand.NewPCG(1, 5)), 0, 300))
	j, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	j.watches = 50 * time.Millisecond
	done := make(chan error, 1)
	go func() { done <- j.Run(t.Context()) }()
	await(t, func() bool { return j.Status().In >= 300 })
	if err := errors.Join(b.DeleteTopic(schemas.TopicPlays), b.CreateTopic(schemas.TopicPlays, partitions+1, nil)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("the job ends without an error")
	} else {
		t.Log(err)
	}
}

// A broker that goes away while the job runs, and comes back with its records, costs neither records nor the job.
func TestBrokerReturns(t *testing.T) {
	dir := t.TempDir()
	b, err := kafka.Start(kafka.Options{Dir: dir, Topics: map[string]int32{schemas.TopicPlays: partitions}})
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(b.Address, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Cluster = kafkaio.Cluster{Brokers: []string{b.Address}}
	if c.Lake, err = lake.Open(t.Context(), "mem://"+dir); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 5))
	produce(t, c, plays(r, 0, 500))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	j, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	await(t, func() bool { s := j.Status(); return s.In >= 500 && s.Lag == 0 })
	b.Close()
	if b, err = kafka.Start(kafka.Options{Dir: dir, Port: number}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	produce(t, c, plays(r, 500, 500))
	await(t, func() bool { s := j.Status(); return s.In >= 1000 && s.Lag == 0 })
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	check(t, c)
}

// A batch that comes before the one it follows waits for it; its broken records become dead letters then, with their headers.
func TestBatchesOutOfOrder(t *testing.T) {
	c, _ := setup(t)
	c.Until = kafkaio.Never()
	j, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	broken := kafkaio.Record{Offset: 1, Time: 1, Key: []byte("u"), Value: []byte("{"), Headers: []kafkaio.Header{{Key: "h", Value: []byte("x")}}}
	for _, b := range []kafkaio.Batch{{Previous: 0, Last: 1, Records: []kafkaio.Record{broken}}, {Previous: -1, Last: 0}} {
		b.Topic = schemas.TopicPlays
		if err := j.lanes[0].apply(t.Context(), b, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	letters := topic(t, c, schemas.TopicDeadLetters)
	if len(letters) != 1 || len(letters[0].Records) != 1 || len(j.lanes[0].parked) != 0 {
		t.Fatalf("dead letters %v, %d batches wait", letters, len(j.lanes[0].parked))
	}
	l, err := kafkaio.ParseDead(letters[0].Records[0])
	if err != nil || l.Record.Offset != 1 || len(l.Record.Headers) != 1 {
		t.Errorf("dead letter %+v, error %v", l, err)
	}
}
