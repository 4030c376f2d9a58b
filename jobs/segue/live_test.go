package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"segue/jobs/cli"
	"segue/local/kafka"
	"segue/pipelines/live"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// TestMain readies Beam, as main does.
func TestMain(m *testing.M) {
	beam.Init()
	os.Exit(m.Run())
}

// called runs the command tree in this process.
func called(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// Flags of live, features and dlq that make no sense are usage errors that name them, before any broker is asked.
func TestLiveUsage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(passwordVariable, "") // so that it is restored
	os.Unsetenv(passwordVariable)
	for want, args := range map[string][]string{
		"--brokers is missing":   {"live", "--lake", dir},
		"broker \"localhost\"":   {"live", "--lake", dir, "--brokers", "localhost"},
		"--from":                 {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--from", "yesterday"},
		"--until":                {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--until", "0=x"},
		"interval is -1s":        {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--interval", "-1s"},
		"two snapshots is 0s":    {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--save-every", "0s"},
		"wait for brokers is":    {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--wait", "-1s"},
		"no share":               {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--instance", "4/4"},
		"no list of partitions":  {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--partitions", "7-0"},
		"give one of them":       {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--partitions", "0", "--instance", "0/2"},
		"--http":                 {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--http", "x"},
		"unknown --progress":     {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--progress", "loud"},
		"lateness is 48h0m0s":    {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--lateness", "48h"},
		"unknown mechanism":      {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--set", "kafka.mechanism=MD5"},
		"KAFKA_PASSWORD":         {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--set", "kafka.mechanism=PLAIN", "--set", "kafka.user=u"},
		"want portable or flink": {"live", "start", "--lake", dir, "--brokers", "127.0.0.1:1"},
		"needs a user":           {"live", "--lake", dir, "--brokers", "127.0.0.1:1", "--set", "kafka.mechanism=PLAIN"},
		"USER":                   {"features", "--brokers", "127.0.0.1:1"},
		"--reason is missing":    {"dlq", "replay", "--brokers", "127.0.0.1:1"},
		"--format \"xml\"":       {"dlq", "list", "--brokers", "127.0.0.1:1", "--format", "xml"},
	} {
		if out, err := called(t, args...); !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("segue %q: %v, want a usage error with %q\n%s", args, err, want, out)
		}
	}
	if out, err := called(t, "live", "start", "--help"); err != nil || strings.Contains(out, "prism or direct") || strings.Contains(out, `default "prism"`) {
		t.Errorf("segue live start --help offers runners that it refuses: %v\n%s", err, out)
	}
	for _, args := range [][]string{{"live"}, {"features"}, {"dlq"}, {"dlq", "list"}, {"dlq", "replay"}} {
		if out, err := called(t, append(args, "--help")...); err != nil || !strings.Contains(out, "segue "+args[0]) {
			t.Errorf("segue %q --help: %v\n%s", args, err, out)
		}
	}
}

// A broker that is down, a topic that is not there and a password that is wrong end live, features and dlq within seconds, by name.
func TestLiveRefused(t *testing.T) {
	up, err := kafka.Start(kafka.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	down, err := kafka.Start(kafka.Options{})
	if err != nil {
		t.Fatal(err)
	}
	down.Close()
	locked, err := kafka.Start(kafka.Options{Mechanism: kafkaio.PLAIN, User: "segue", Password: "right", Topics: map[string]int32{schemas.TopicPlays: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Close()
	t.Setenv(passwordVariable, "wrong")
	login := []string{"--set", "kafka.mechanism=PLAIN", "--set", "kafka.user=segue"}
	for name, x := range map[string]struct {
		args []string
		want string
	}{
		"down":     {[]string{"live", "--lake", t.TempDir(), "--brokers", down.Address, "--wait", "1s"}, down.Address},
		"no topic": {[]string{"live", "--lake", t.TempDir(), "--brokers", up.Address}, schemas.TopicPlays},
		"password": {append([]string{"live", "--lake", t.TempDir(), "--brokers", locked.Address}, login...), "segue"},
		"features": {[]string{"features", "anna", "--brokers", up.Address}, schemas.TopicFeatures},
		"letters":  {[]string{"dlq", "list", "--brokers", down.Address}, down.Address},
	} {
		began := time.Now()
		if out, err := called(t, x.args...); err == nil || errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want an error with %q\n%s", name, err, x.want, out)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

// Shares and offsets of partitions that the topic does not have are wrong usage, though the brokers have to be asked.
func TestLivePartitionsMissing(t *testing.T) {
	b, err := kafka.Start(kafka.Options{Topics: map[string]int32{schemas.TopicPlays: 4}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, args := range [][]string{{"--instance", "9/10"}, {"--partitions", "3-4"}, {"--from", "9=3"}} {
		_, err := called(t, append([]string{"live", "--lake", t.TempDir(), "--brokers", b.Address, "--http", ""}, args...)...)
		if err == nil || exitCode(err) != cli.ExitUsage || !strings.Contains(err.Error(), "4") {
			t.Errorf("segue live %q: %v", args, err)
		}
	}
}

// Live reads a topic to its end; features shows a listener's record, dlq list the record that was refused, and dlq replay sends it
// once more, byte for byte.
func TestLiveFeaturesAndLetters(t *testing.T) {
	b, err := kafka.Start(kafka.Options{Topics: map[string]int32{schemas.TopicPlays: 2}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	c := kafkaio.Cluster{Brokers: []string{b.Address}}
	p, err := kafkaio.NewProducer(c, kafkaio.WriteParams{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	sound := fmt.Sprintf(`{"event_id":"e1","user_id":"anna","song_id":"s1","started_at":%d}`, time.Now().UnixMilli())
	records := []kafkaio.Record{{Key: []byte("anna"), Value: []byte(sound)}, {Key: []byte("ben"), Value: []byte("{broken")}}
	if err := errors.Join(p.Send(t.Context(), schemas.TopicPlays, records...), p.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	args := []string{"--brokers", b.Address}
	out, err := called(t, append(args, "live", "--lake", t.TempDir(), "--until", "latest", "--progress", "none", "--http", "")...)
	if err != nil || !strings.Contains(out, "stopped: 2 records read = 1 applied + 0 late + 0 duplicates + 1 dead letters") {
		t.Fatalf("live: %v\n%s", err, out)
	}
	if out, err := called(t, append(args, "features", "anna")...); err != nil || !strings.Contains(out, `"total_plays": 1`) {
		t.Errorf("features: %v\n%s", err, out)
	}
	if _, err := called(t, append(args, "features", "carl")...); err == nil || !strings.Contains(err.Error(), `listener "carl" has no features`) {
		t.Errorf("features of nobody: %v", err)
	}
	list := append(args, "dlq", "list", "--format", "csv")
	if out, err := called(t, list...); err != nil || !strings.Contains(out, schemas.ReasonUnreadable+",,ben,{broken") {
		t.Errorf("dlq list: %v\n%s", err, out)
	}
	if out, err := called(t, append(list, "--reason", schemas.ReasonTombstone)...); err != nil || strings.Contains(out, "ben") {
		t.Errorf("dlq list of another reason: %v\n%s", err, out)
	}
	if out, err := called(t, append(args, "dlq", "replay", "--reason", schemas.ReasonUnreadable)...); err != nil || out != "sent 1 record\n" {
		t.Errorf("dlq replay: %v\n%s", err, out)
	}
	spans, err := kafkaio.Spans(t.Context(), c, schemas.TopicPlays, kafkaio.Earliest(), kafkaio.Latest())
	if err != nil {
		t.Fatal(err)
	}
	again := 0
	err = kafkaio.Fetch(t.Context(), c, spans, func(b kafkaio.Batch) (bool, error) {
		for _, r := range b.Records {
			if string(r.Key) == "ben" && string(r.Value) == "{broken" {
				again++
			}
		}
		return true, nil
	})
	if err != nil || again != 2 {
		t.Errorf("the letter is %d times in the topic, want 2; error %v", again, err)
	}
}

// The pages say what the status holds: metrics in Prometheus' form, ready as long as every lane works.
func TestStatusPages(t *testing.T) {
	s := live.Status{In: 7, Applied: 4, Late: 1, Duplicates: 1, Dead: 1, Unknown: 3, Delay: 1500 * time.Millisecond, Behind: time.Minute, Release: "2026-03-01.1", ReleaseAt: time.Unix(1772400000, 0), Ready: true}
	pages := httptest.NewServer(statusPages(func() live.Status { return s }))
	defer pages.Close()
	page := func(path string) (int, string) {
		t.Helper()
		res, err := http.Get(pages.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(text)
	}
	for _, want := range []string{"# TYPE segue_live_records_total counter\nsegue_live_records_total 7\n", "segue_live_dead_letters_total 1\n", "segue_live_delay_seconds 1.5\n", "segue_live_unknown_fields_total 3\n", "segue_live_watermark_delay_seconds 60\n", "segue_live_release_since_seconds{run=\"2026-03-01.1\"} 1772400000\n"} {
		if code, text := page("/metrics"); code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("metrics: %d, no %q in\n%s", code, want, text)
		}
	}
	if code, _ := page("/readyz"); code != http.StatusOK {
		t.Errorf("ready: %d", code)
	}
	s.Ready = false
	if code, _ := page("/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("a lane that failed: %d", code)
	}
	if code, _ := page("/healthz"); code != http.StatusOK {
		t.Errorf("health: %d", code)
	}
	if _, err := serveStatus("x", nil); !errors.Is(err, cli.ErrUsage) {
		t.Errorf("--http without a port: %v", err)
	}
}
