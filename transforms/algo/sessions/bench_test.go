package sessions

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"segue/transforms/algo/playjson"
)

// sealed makes bytes a snapshot as far as version and checksum go.
func sealed(b []byte) []byte {
	b = append([]byte{snapshotVersion}, b...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// stream writes n plays of about 240 bytes of Zipf-distributed listeners, some plays a second.
func stream(n, users, songs, rate int) []Record {
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.1, 50, uint64(users-1))
	devices, contexts := []string{"mobile", "desktop", "speaker"}, []string{"playlist:p1234", "album", "radio"}
	out := make([]Record, n)
	for i := range out {
		ms := start + int64(i)*1000/int64(rate)
		user := fmt.Sprintf("u%d", zipf.Uint64())
		track := 120_000 + r.IntN(180_000)
		out[i] = Record{Offset: int64(i), ProducedMs: ms, Key: []byte(user), Value: fmt.Appendf(nil,
			`{"event_id":"g-%d","user_id":"%s","track_id":"t%d","started_at":"%s","ms_played":%d,"track_ms":%d,"device":"%s","utc_offset_minutes":%d,"country":"SE","context":"%s","skipped":%t}`,
			i, user, r.IntN(songs), instant(ms), track, track, devices[r.IntN(3)], 60*r.IntN(3), contexts[r.IntN(3)], r.IntN(4) == 0)}
	}
	return out
}

// BenchmarkShard decodes, accumulates and encodes: 100,000 listeners, one record a listener and second of Kafka time.
func BenchmarkShard(b *testing.B) {
	for _, c := range []struct {
		name      string
		catalogue Catalogue
		interval  int64
	}{{"coalesced", nil, 1000}, {"coalesced/release", fixed{}, 1000}, {"each", nil, 0}} {
		b.Run(c.name, func(b *testing.B) {
			recs := stream(1_000_000, 100_000, 200_000, 5000)
			b.ReportAllocs()
			plays, out, cpu := 0, 0, cpuSeconds()
			for b.Loop() {
				s := newTestShard()
				s.params.Interval = 1e6 * 1000
				s.Use(c.catalogue)
				step := 500
				if c.interval == 0 {
					s.params.Interval, step = 0, 1
				}
				for i := 0; i < len(recs); i += step {
					batch := recs[i : i+step]
					if err := s.Apply(Batch{int64(i) - 1, int64(i+step) - 1, batch}, nil); err != nil {
						b.Fatal(err)
					}
					s.Due(batch[0].ProducedMs, func(Due) { out++ })
				}
				plays += len(recs)
			}
			b.ReportMetric(float64(plays)/(cpuSeconds()-cpu), "plays/CPU-s")
			b.ReportMetric(float64(out)/float64(plays), "records/play")
		})
	}
}

// fixed is a release in which every song has everything, 128 dimensions included.
type fixed struct{ shelf }

var fixedVector = func() []float32 {
	v := make([]float32, 128)
	for i := range v {
		v[i] = float32(i%7) - 3
	}
	return v
}()

func (fixed) Track(song string) Track {
	return Track{Artist: song, Mood: []string{"calm", "happy", "sad"}[len(song)%3], Genre: "g" + song[len(song)-1:], Tempo: "slow", Vector: fixedVector, Known: true}
}
func (fixed) Taste(string) []float32 { return fixedVector }

// BenchmarkRestore reads a snapshot of 100,000 listeners.
func BenchmarkRestore(b *testing.B) {
	s := newTestShard()
	recs := stream(1_000_000, 100_000, 200_000, 5000)
	if err := s.Apply(Batch{-1, int64(len(recs)) - 1, recs}, nil); err != nil {
		b.Fatal(err)
	}
	blob := s.Snapshot(nil)
	n := 0
	for b.Loop() {
		if _, err := Restore(testParams(), playjson.NewDecoder(playjson.Default()), blob); err != nil {
			b.Fatal(err)
		}
		n += s.Listeners()
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "listeners/s")
	b.ReportMetric(float64(len(blob))/float64(s.Listeners()), "bytes/listener")
}

// BenchmarkSnapshot writes one.
func BenchmarkSnapshot(b *testing.B) {
	s := newTestShard()
	recs := stream(1_000_000, 100_000, 200_000, 5000)
	if err := s.Apply(Batch{-1, int64(len(recs)) - 1, recs}, nil); err != nil {
		b.Fatal(err)
	}
	var blob []byte
	n := 0
	for b.Loop() {
		blob = s.Snapshot(blob[:0])
		n += s.Listeners()
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "listeners/s")
}

// cpuSeconds returns what the process has used.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func instant(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }
