package peers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// liveJob is a process of segue live.
type liveJob struct {
	t    *testing.T
	cmd  *exec.Cmd
	http string
	out  bytes.Buffer
}

func (b *liveBench) start(lake string, more ...string) *liveJob {
	b.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	j := &liveJob{t: b.t, http: l.Addr().String()}
	l.Close() // the job takes it
	args := append([]string{"live", "--brokers", strings.Join(b.cluster.Brokers, ","), "--lake", lake, "--progress", "none", "--http", j.http}, more...)
	j.cmd = exec.Command(b.binary, args...)
	j.cmd.Stderr = &j.out
	if err := j.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { j.cmd.Process.Kill() })
	return j
}

func (j *liveJob) log() string { return j.out.String() }

// metric reads one figure; 0 while the job does not answer.
func (j *liveJob) metric(name string) float64 {
	res, err := http.Get("http://" + j.http + "/metrics")
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil {
		return 0
	}
	for line := range strings.Lines(text.String()) {
		if value, ok := strings.CutPrefix(line, "segue_live_"+name+" "); ok {
			x, _ := strconv.ParseFloat(strings.TrimSpace(value), 64) // 0 if it is none
			return x
		}
	}
	return 0
}

// await waits until the job is ready.
func (j *liveJob) await() {
	j.t.Helper()
	for range 3000 {
		if res, err := http.Get("http://" + j.http + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-j.t.Context().Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	j.t.Fatalf("segue live is not ready after 30 s:\n%s", j.log())
}

// end asks the job to stop.
func (j *liveJob) end() {
	j.t.Helper()
	if err := errors.Join(j.cmd.Process.Signal(syscall.SIGTERM), j.cmd.Wait()); err != nil {
		j.t.Fatalf("segue live: %v\n%s", err, j.log())
	}
}

// cpu is what the running process has used.
func (j *liveJob) cpu() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", j.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// peak is the most memory the running process has had, in bytes.
func (j *liveJob) peak() int64 { return j.status("VmHWM:") }

// memory is what it has now.
func (j *liveJob) memory() int64 { return j.status("VmRSS:") }

func (j *liveJob) status(name string) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", j.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), name)
	kb, _ := strconv.ParseInt(strings.TrimSpace(strings.SplitN(rest, "kB", 2)[0]), 10, 64)
	return kb << 10
}

// playSource produces plays of Zipf-distributed listeners.
type playSource struct {
	t         *testing.T
	cluster   kafkaio.Cluster
	rng       *rand.Rand
	zipf      *rand.Zipf
	listeners int
	next      int
	id        int64 // apart from the event ids of other sources
}

func newPlaySource(t *testing.T, c kafkaio.Cluster, listeners int) *playSource {
	r := rand.New(rand.NewPCG(1, uint64(listeners)))
	return &playSource{t: t, cluster: c, rng: r, zipf: rand.NewZipf(r, 1.1, 50, uint64(listeners-1)), listeners: listeners, id: time.Now().UnixNano() % 1e6}
}

func (s *playSource) play(user int, now time.Time) kafkaio.Record {
	r := s.rng
	devices, contexts := [...]string{"mobile", "mobile", "desktop", "speaker", "tv"}, [...]string{"playlist:p1234", "album", "radio", "search"}
	track := 120_000 + r.IntN(180_000)
	s.next++
	key := fmt.Appendf(nil, "u%d", user)
	return kafkaio.Record{Key: key, Value: fmt.Appendf(nil,
		`{"event_id":"%d-%d","user_id":"%s","track_id":"t%d","started_at":"%s","ms_played":%d,"track_ms":%d,"device":"%s","utc_offset_minutes":%d,"country":"SE","context":"%s","skipped":%t}`,
		s.id, s.next, key, r.IntN(200_000), now.UTC().Format("2006-01-02T15:04:05.000Z"), track, track, devices[r.IntN(len(devices))],
		60*r.IntN(3), contexts[r.IntN(len(contexts))], r.IntN(4) == 0)}
}

// produce sends what next makes, until that says it is over.
func (s *playSource) produce(next func(send func(...kafkaio.Record) error, flush func() error) error) {
	s.t.Helper()
	p, err := kafkaio.NewProducer(s.cluster, kafkaio.WriteParams{MaxInFlight: 20_000})
	if err != nil {
		s.t.Fatal(err)
	}
	err = next(func(r ...kafkaio.Record) error { return p.Send(s.t.Context(), schemas.TopicPlays, r...) }, func() error { return p.Flush(s.t.Context()) })
	if err := errors.Join(err, p.Flush(s.t.Context()), p.Close()); err != nil {
		s.t.Error(err) // may be called beside the test's goroutine
	}
}

// backlog writes n plays as fast as they are taken, one of every listener first.
func (s *playSource) backlog(n int) {
	s.produce(func(send func(...kafkaio.Record) error, _ func() error) error {
		for i := range n {
			user := i
			if i >= s.listeners {
				user = int(s.zipf.Uint64())
			}
			if err := send(s.play(user, time.Now())); err != nil {
				return err
			}
		}
		return nil
	})
}

// each writes one play of every listener.
func (s *playSource) each() { s.backlog(s.listeners) }

// paced writes so many plays a second, in sets of ten milliseconds.
func (s *playSource) paced(rate int, lasts time.Duration) {
	s.produce(func(send func(...kafkaio.Record) error, flush func() error) error {
		began, sent := time.Now(), 0
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for now := range tick.C {
			for due := int(min(now.Sub(began), lasts).Seconds() * float64(rate)); sent < due; sent++ {
				if err := send(s.play(int(s.zipf.Uint64()), time.Now())); err != nil {
					return err
				}
			}
			if err := flush(); err != nil || now.Sub(began) >= lasts {
				return err
			}
		}
		return nil
	})
}

// featureWatch notes when each feature record is read, beside the time of the newest play in it.
type featureWatch struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	seen   []sighting
}

// sighting is one feature record: when it was read and when its newest play was produced, milliseconds.
type sighting struct {
	partition   int32
	readMs, ms  int64
	playsOffset int64
}

func (w *featureWatch) follow(ctx context.Context, c kafkaio.Cluster, s kafkaio.Span) {
	kafkaio.Fetch(ctx, c, []kafkaio.Span{s}, func(b kafkaio.Batch) (bool, error) { // ends with ctx
		now := time.Now().UnixMilli()
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, r := range b.Records {
			w.seen = append(w.seen, sighting{b.Partition, now, numberOf(r.Value, `"in_ts":`), numberOf(r.Value, `"offset":`)})
		}
		return true, nil
	})
}

func numberOf(value []byte, key string) (n int64) {
	_, rest, _ := bytes.Cut(value, []byte(key))
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

// delays are milliseconds, ascending.
type delays []int64

func (d delays) at(q float64) int64 {
	if len(d) == 0 {
		return -1
	}
	return d[int(q*float64(len(d)-1))]
}

func (w *featureWatch) end() []sighting {
	w.cancel()
	w.wg.Wait()
	return w.seen
}

// stop returns the delays of the plays since an instant.
func (w *featureWatch) stop(since time.Time) (out delays) {
	for _, s := range w.end() {
		if s.ms >= since.UnixMilli() {
			out = append(out, s.readMs-s.ms)
		}
	}
	slices.Sort(out)
	return out
}

// first returns how long after an instant the first feature of a play since then was read.
func (w *featureWatch) first(since time.Time) time.Duration {
	for range 1000 {
		w.mu.Lock()
		for _, s := range w.seen {
			if s.ms >= since.UnixMilli() {
				w.mu.Unlock()
				w.end()
				return time.Duration(s.readMs-since.UnixMilli()) * time.Millisecond
			}
		}
		w.mu.Unlock()
		<-time.After(10 * time.Millisecond)
	}
	return -1
}

// gap returns the longest time a partition was without a record newer than all before, from an instant on.
func (w *featureWatch) gap(from time.Time) (longest time.Duration) {
	newest, last := map[int32]int64{}, map[int32]int64{}
	done := map[int32]bool{}
	for _, s := range w.end() {
		p := s.partition
		switch {
		case s.readMs <= from.UnixMilli():
			newest[p], last[p] = max(newest[p], s.playsOffset), s.readMs
		case s.playsOffset > newest[p] && !done[p]:
			done[p] = true
			longest = max(longest, time.Duration(s.readMs-last[p])*time.Millisecond)
		}
	}
	return longest
}
