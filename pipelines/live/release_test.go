package live

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/kafkaio"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// publish makes a release of songs s0 to s29 current, whose vectors all point one way.
func publish(t *testing.T, c Config, day string, vector []float32) {
	t.Helper()
	run := lake.RunID(day, 1)
	songs, vectors := []songFacts{}, []songVector{}
	for i := range 30 {
		id := fmt.Sprintf("s%d", i)
		songs = append(songs, songFacts{SongID: id, ArtistIDs: []string{"a"}, Genres: []string{"pop"}, Moods: []string{"calm"}})
		vectors = append(vectors, songVector{SongID: id, Vector: vector})
	}
	m := lake.Manifest{Run: run, Date: day, Attempt: 1}
	m.Tables = append(m.Tables, tableOf(t, c, run, schemas.TableSongs, songs), tableOf(t, c, run, schemas.TableSongVectors, vectors))
	if err := lake.Publish(t.Context(), c.Lake, m); err != nil {
		t.Fatal(err)
	}
}

func tableOf[T any](t *testing.T, c Config, run, name string, rows []T) lake.Table {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), c.Lake, lake.RunKey(run, "tables", name, "part.parquet"), parquetio.Meta{Table: name, SchemaVersion: 1}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return lake.Table{Name: name, Version: 1, Rows: int64(len(rows)), Files: []lake.FileRef{ref}}
}

// newestFeatures returns the highest version of each listener's record as its fields.
func newestFeatures(t *testing.T, c Config) map[string]map[string]any {
	t.Helper()
	out, version := map[string]map[string]any{}, map[string]Version{}
	for _, b := range topic(t, c, schemas.TopicFeatures) {
		for _, r := range b.Records {
			v, err := VersionOf(r.Value)
			if err != nil {
				t.Fatal(err)
			}
			if user := string(r.Key); out[user] == nil || v.Compare(version[user]) > 0 {
				var f map[string]any
				if err := json.Unmarshal(r.Value, &f); err != nil {
					t.Fatal(err)
				}
				out[user], version[user] = f, v
			}
		}
	}
	return out
}

// A release published while the job runs is in the records of every listener whose session is open at the job's next look, ten seconds
// apart, without an event of theirs: run id, generation and vector are those of the new one, every other field is as it was.
func TestNewRelease(t *testing.T) {
	c, _ := setup(t)
	c.Until = kafkaio.Never()
	publish(t, c, "2026-03-01", []float32{1, 0})
	start := time.Now().Add(-5 * time.Minute).UnixMilli()
	var in []kafkaio.Record
	for i := range 200 {
		user := fmt.Sprintf("u%d", i%20)
		in = append(in, kafkaio.Record{Key: []byte(user), Time: time.Now().UnixMilli(), Value: fmt.Appendf(nil,
			`{"event_id":"e%d","user_id":%q,"song_id":"s%d","started_at":%d,"ms_played":1000,"track_ms":1000}`, i, user, i%30, start+int64(i)*1000)})
	}
	produce(t, c, in)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	j, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	j.watches = 500 * time.Millisecond // of ten seconds
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	using := func(run string) func() bool {
		return func() bool {
			f := newestFeatures(t, c)
			for _, one := range f {
				if one["release"] != run || one["total_plays"] != 10. {
					return false
				}
			}
			return len(f) == 20
		}
	}
	await(t, using("2026-03-01.1"))
	before := newestFeatures(t, c)
	publish(t, c, "2026-03-02", []float32{0, -2})
	published := time.Now()
	await(t, using("2026-03-02.1"))
	await(t, func() bool {
		s := j.Status()
		return s.Release == "2026-03-02.1" && !s.ReleaseAt.Before(published.Truncate(0))
	})
	t.Logf("in use %v after it was published, of which up to %v is the wait for the next look", time.Since(published).Round(time.Millisecond), j.watches)
	after := newestFeatures(t, c)
	for user := range after {
		if got, want := after[user]["vector"], vectorText(0, -1); got != want {
			t.Errorf("vector of %s is %v, want %s", user, got, want)
		}
		for _, field := range []string{"vector", "release", "generation"} {
			if reflect.DeepEqual(before[user][field], after[user][field]) {
				t.Errorf("%s of %s is still %v", field, user, after[user][field])
			}
			delete(before[user], field)
			delete(after[user], field)
		}
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("other fields have changed:\n%v\n%v", before["u0"], after["u0"])
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func vectorText(v ...float32) string {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(b)
}
