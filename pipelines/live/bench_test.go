package live

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"segue/local/kafka"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
)

// BenchmarkDrain reads a backlog of 240-byte plays of 100,000 listeners by Zipf's law in 4 partitions into a lake on disk. With
// SEGUE_TEST_BROKERS the broker's own work is not in the figure; its topic of plays must be empty or this benchmark's.
func BenchmarkDrain(b *testing.B) {
	const plays = 500_000
	c := Default()
	if given := os.Getenv("SEGUE_TEST_BROKERS"); given != "" {
		c.Cluster.Brokers = strings.Split(given, ",")
	} else {
		broker, err := kafka.Start(kafka.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer broker.Close()
		c.Cluster.Brokers = []string{broker.Address}
	}
	if err := kafkaio.CreateTopic(b.Context(), c.Cluster, schemas.TopicPlays, kafkaio.TopicParams{Partitions: 4}); err != nil {
		b.Fatal(err)
	}
	backlog(b, c.Cluster, plays)
	c.Until = kafkaio.Latest()
	var read int64
	var cpu time.Duration
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if c.Lake, err = lake.Open(b.Context(), b.TempDir()); err != nil {
			b.Fatal(err)
		}
		before := cpuTime(b)
		j, err := Open(b.Context(), c)
		if err == nil {
			err = j.Run(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		cpu += cpuTime(b) - before
		read += j.Status().In
	}
	b.ReportMetric(float64(read)/cpu.Seconds(), "plays/CPU-s")
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func backlog(b *testing.B, c kafkaio.Cluster, n int) {
	b.Helper()
	p, err := kafkaio.NewProducer(c, kafkaio.WriteParams{MaxInFlight: 20_000})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 50, 99_999)
	for i := range n {
		key := fmt.Appendf(nil, "u%d", zipf.Uint64())
		ms := 120_000 + r.IntN(180_000)
		value := fmt.Appendf(nil, `{"event_id":"g-%d","user_id":"%s","track_id":"t%d","started_at":"%s","ms_played":%d,"track_ms":%d,"device":"mobile","utc_offset_minutes":60,"country":"SE","context":"playlist:p1234","skipped":%t}`,
			i, key, r.IntN(200_000), time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), ms, ms, r.IntN(4) == 0)
		if err := p.Send(b.Context(), schemas.TopicPlays, kafkaio.Record{Key: key, Value: value}); err != nil {
			b.Fatal(err)
		}
	}
	if err := errors.Join(p.Flush(b.Context()), p.Close()); err != nil {
		b.Fatal(err)
	}
}
