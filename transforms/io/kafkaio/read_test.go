package kafkaio

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"segue/local/kafka"
	"segue/transforms/io/work"
)

// A bounded read yields every record once, in an unbroken chain, whatever the limits; so does one from explicit offsets.
func TestReadEverythingOnce(t *testing.T) {
	c := broker(t)
	name := topic(t, c, 3)
	produce(t, c, name, 0, 5000)
	spans := spansOf(t, c, name, Earliest(), Latest())
	for _, p := range []ReadParams{{}, {MaxBytes: 2000, MaxRecords: 100, Budget: time.Millisecond}} {
		batches, err := read(t, c, spans, p)
		if err != nil {
			t.Fatal(err)
		}
		values := checkChain(t, spans, batches)
		slices.Sort(values)
		if !slices.Equal(values, numbers(0, 5000)) {
			t.Errorf("%+v: read %d records, want 5000, each once", p, len(values))
		}
	}
	half := map[int32]int64{}
	for _, s := range spans {
		half[s.Partition] = s.Stop / 2
	}
	first, second := spansOf(t, c, name, Earliest(), Offsets(half)), spansOf(t, c, name, Offsets(half), Latest())
	var values []string
	for _, part := range [][]Span{first, second} {
		batches, err := read(t, c, part, ReadParams{})
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, checkChain(t, part, batches)...)
	}
	slices.Sort(values)
	if !slices.Equal(values, numbers(0, 5000)) {
		t.Errorf("in two halves: read %d records, want 5000, each once", len(values))
	}
}

// Keys, values, headers and times arrive as they were sent; a missing value stays missing.
func TestReadWhole(t *testing.T) {
	c := broker(t)
	name := topic(t, c, 1)
	want := []Record{
		{Offset: 0, Time: 1_790_000_000_000, Key: []byte("k"), Value: []byte("v"), Headers: []Header{{"a", []byte{0}}, {"a", []byte("2")}}},
		{Offset: 1, Time: 1_790_000_000_001, Key: []byte("k")},
	}
	p, err := NewProducer(c, WriteParams{Compression: Zstd})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	now := time.Now().UnixMilli()
	for i := range want {
		want[i].Time = now + int64(i)
	}
	if err := p.Send(t.Context(), name, want...); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans := spansOf(t, c, name, Earliest(), Latest())
	batches, err := read(t, c, spans, ReadParams{})
	if err != nil {
		t.Fatal(err)
	}
	var got []Record
	for _, b := range batches {
		got = append(got, b.Records...)
	}
	if !equalRecords(got, want) {
		t.Errorf("read %+v\nwant %+v", got, want)
	}
}

func equalRecords(a, b []Record) bool {
	return slices.EqualFunc(a, b, func(a, b Record) bool {
		return string(AppendBatch(nil, Batch{Records: []Record{a}})) == string(AppendBatch(nil, Batch{Records: []Record{b}}))
	})
}

// Positions by time, by group and by offset start where they say.
func TestPositions(t *testing.T) {
	c := broker(t)
	name := topic(t, c, 1)
	before := time.Now().Add(-24 * time.Hour)
	produce(t, c, name, 0, 100)
	group := name + "-group"
	if got := spansOf(t, c, name, Committed(group), Never()); got[0].Start != 0 || got[0].Stop != NoStop {
		t.Errorf("a group without offsets: %+v, want all from 0 on", got)
	}
	if err := Commit(t.Context(), c, group, name, map[int32]int64{0: 42}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int64{
		"earliest": 0, "latest": 100, "committed:" + group: 42, "0=7": 7,
		before.Add(50*time.Second + 500*time.Millisecond).UTC().Format(time.RFC3339Nano): 50,
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339):                             100,
	} {
		p, err := ParsePosition(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := spansOf(t, c, name, p, Never())[0].Start; got != want && !(want == 50 && (got == 49 || got == 51)) {
			t.Errorf("%s: starts at %d, want %d", text, got, want)
		}
	}
	for _, bad := range []string{"", "later", "committed:", "0=", "x=1", "0=-1"} {
		if _, err := ParsePosition(bad); err == nil {
			t.Errorf("position %q is accepted", bad)
		}
	}
}

// What cannot be read is refused before a pipeline starts, within seconds, by name.
func TestSpansRefuse(t *testing.T) {
	c, b := embedded(t, kafka.Options{Topics: map[string]int32{"plays": 1}})
	produce(t, c, "plays", 0, 100)
	if err := b.DeleteRecords("plays", 0, 60); err != nil {
		t.Fatal(err)
	}
	down, gone := embedded(t, kafka.Options{})
	gone.Close()
	locked, _ := embedded(t, kafka.Options{Mechanism: ScramSHA256, User: "segue", Password: "right", Topics: map[string]int32{"plays": 1}})
	t.Setenv("WRONG", "wrong")
	locked.Mechanism, locked.User, locked.PasswordEnv = ScramSHA256, "segue", "WRONG"
	unset := locked
	unset.PasswordEnv = "SEGUE_TEST_UNSET"
	for name, x := range map[string]struct {
		c     Cluster
		topic string
		from  Position
		want  string
	}{
		"down":    {down, "plays", Earliest(), down.Brokers[0]},
		"unknown": {c, "plas", Earliest(), "plas"},
		"deleted": {c, "plays", Offsets(map[int32]int64{0: 17}), "offset 17"},
		"beyond":  {c, "plays", Offsets(map[int32]int64{0: 101}), "offset 101"},
		"extra":   {c, "plays", Offsets(map[int32]int64{3: 0}), "partition 3"},
		"refused": {locked, "plays", Earliest(), "hung up on user \"segue\""},
		"unset":   {unset, "plays", Earliest(), "SEGUE_TEST_UNSET"},
		"nowhere": {Cluster{}, "plays", Earliest(), "no brokers"},
	} {
		began := time.Now()
		_, err := Spans(t.Context(), x.c, x.topic, x.from, Latest())
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, x.want)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: refused after %v", name, took)
		}
	}
}

// With the right password, each mechanism reads and writes.
func TestAuthentication(t *testing.T) {
	t.Setenv("RIGHT", "right")
	for _, mechanism := range []string{PLAIN, ScramSHA256, ScramSHA512} {
		c, _ := embedded(t, kafka.Options{Mechanism: mechanism, User: "segue", Password: "right", Topics: map[string]int32{"plays": 1}})
		c.Mechanism, c.User, c.PasswordEnv = mechanism, "segue", "RIGHT"
		produce(t, c, "plays", 0, 10)
		spans := spansOf(t, c, "plays", Earliest(), Latest())
		batches, err := read(t, c, spans, ReadParams{})
		if got := checkChain(t, spans, batches); err != nil || len(got) != 10 {
			t.Errorf("%s: read %d records of 10, error %v", mechanism, len(got), err)
		}
	}
}

// Records that retention deleted under the reader fail the job, or are passed over as an empty batch, as the policy says.
func TestLostRecords(t *testing.T) {
	c, b := embedded(t, kafka.Options{Topics: map[string]int32{"plays": 1}})
	produce(t, c, "plays", 0, 100)
	spans := spansOf(t, c, "plays", Earliest(), Latest())
	if err := b.DeleteRecords("plays", 0, 60); err != nil {
		t.Fatal(err)
	}
	for policy, want := range map[string]int{LostEarliest: 40, LostLatest: 0} {
		batches, err := read(t, c, spans, ReadParams{OnLost: policy})
		if got := checkChain(t, spans, batches); err != nil || len(got) != want {
			t.Errorf("%s: read %d records, want %d; error %v", policy, len(got), want, err)
		}
	}
	if _, err := read(t, c, spans, ReadParams{}); err == nil || !strings.Contains(err.Error(), "offsets 0 to 59 of plays/0 were deleted") {
		t.Errorf("policy fail: error %v", err)
	}
	beyond := []Span{{Topic: "plays", Start: 500, Stop: 600}}
	if _, err := read(t, c, beyond, ReadParams{OnLost: LostEarliest}); err == nil || !strings.Contains(err.Error(), "beyond its end 100") {
		t.Errorf("beyond the end: error %v", err)
	}
}

// An endless read yields records that come while it runs, and ends when it is cancelled.
func TestReadOn(t *testing.T) {
	c := broker(t)
	name := topic(t, c, 2)
	produce(t, c, name, 0, 100)
	spans := spansOf(t, c, name, Earliest(), Never())
	pipeline, s := beam.NewPipelineWithRoot()
	beam.ParDo(s, &keepFn{Name: name}, Read(s, c, spans, ReadParams{Idle: 20 * time.Millisecond, Wait: 5 * time.Millisecond, Name: name}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		work.Prism(ctx, pipeline) // ends with the cancellation
	}()
	await := func(n int) {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); ; {
			have := 0
			for _, b := range keptBatches(name) {
				have += len(b.Records)
			}
			if have == n {
				return
			}
			if have > n || time.Now().After(deadline) {
				t.Fatalf("%d records, want %d", have, n)
			}
			if err := wait(t.Context(), 5*time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
	}
	await(100)
	produce(t, c, name, 100, 50)
	await(150)
	var left int64
	for _, l := range Lags() {
		if l.Topic == name {
			left += l.Records()
		}
	}
	if left != 0 {
		t.Errorf("lag %d after all was read", left)
	}
	cancel()
	<-done
}

// A read that is ended by its name ends the pipeline by itself, without an error, and yields an unbroken chain up to where it ended.
func TestEndReads(t *testing.T) {
	c := broker(t)
	name := topic(t, c, 2)
	produce(t, c, name, 0, 100)
	pipeline, s := beam.NewPipelineWithRoot()
	beam.ParDo(s, &keepFn{Name: name}, Read(s, c, spansOf(t, c, name, Earliest(), Never()), ReadParams{Idle: 20 * time.Millisecond, Wait: 5 * time.Millisecond, Name: name}))
	done := make(chan error, 1)
	go func() {
		_, err := work.Prism(t.Context(), pipeline)
		done <- err
	}()
	for deadline := time.Now().Add(2 * time.Minute); len(keptBatches(name)) == 0; {
		if err := wait(t.Context(), 5*time.Millisecond); err != nil || time.Now().After(deadline) {
			t.Fatal("nothing was read", err)
		}
	}
	EndReads(name)
	if err := <-done; err != nil {
		t.Error(err)
	}
	last := map[int32]int64{}
	for _, b := range keptBatches(name) {
		before, ok := last[b.Partition]
		if !ok {
			before = -1
		}
		if b.Previous != before {
			t.Errorf("batch of partition %d goes on from offset %d, want %d", b.Partition, b.Previous, before)
		}
		last[b.Partition] = b.Last
	}
}

// Pauses that are none on engines are for reads of this process alone.
func TestShortPauses(t *testing.T) {
	for p, ok := range map[ReadParams]bool{
		{}: true, {Idle: time.Second}: true, {Idle: 20 * time.Millisecond}: false, {Idle: 20 * time.Millisecond, Name: "here"}: true,
	} {
		if err := p.Validate(); (err == nil) != ok {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
