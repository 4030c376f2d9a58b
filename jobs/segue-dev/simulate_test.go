package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"segue/local/kafka"
	"segue/schemas"
	"segue/transforms/algo/playjson"
	"segue/transforms/algo/sessions"
	"segue/transforms/io/kafkaio"
)

// counted reads a topic to its end into one shard a partition, and returns what they counted together.
func counted(t *testing.T, c kafkaio.Cluster) (all sessions.Counts) {
	t.Helper()
	spans, err := kafkaio.Spans(t.Context(), c, schemas.TopicPlays, kafkaio.Earliest(), kafkaio.Latest())
	if err != nil {
		t.Fatal(err)
	}
	shards := map[int32]*sessions.Shard{}
	for i := range int32(len(spans)) {
		shards[i] = sessions.NewShard(sessions.Default(), playjson.NewDecoder(playjson.Default()), -1)
	}
	err = kafkaio.Fetch(t.Context(), c, spans, func(b kafkaio.Batch) (bool, error) {
		in := sessions.Batch{Previous: b.Previous, Last: b.Last}
		for _, r := range b.Records {
			in.Records = append(in.Records, sessions.Record{Offset: r.Offset, ProducedMs: r.Time, Key: r.Key, Value: r.Value})
		}
		return true, shards[b.Partition].Apply(in, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shards {
		c := s.Counts()
		all.In, all.Applied, all.Late = all.In+c.In, all.Applied+c.Applied, all.Late+c.Late
		all.Duplicates, all.Dead = all.Duplicates+c.Duplicates, all.Dead+c.Dead
	}
	return all
}

// Shards count of the topic what simulate says a live job must count, and a file holds as many records.
func TestSimulate(t *testing.T) {
	b, err := kafka.Start(kafka.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.CreateTopic(schemas.TopicPlays, 3, nil); err != nil {
		t.Fatal(err)
	}
	world := []string{"--users", "20", "--days", "2", "--songs", "50", "--count", "900", "--broken", "0.05", "--late", "0.05"}
	run := func(args ...string) (out, said string) {
		t.Helper()
		cmd := newSimulate()
		var o, e bytes.Buffer
		cmd.SetOut(&o)
		cmd.SetErr(&e)
		cmd.SetArgs(append(args, world...))
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		return o.String(), e.String()
	}
	_, said := run("--brokers", " "+b.Address+", "+b.Address)
	got := counted(t, kafkaio.Cluster{Brokers: []string{b.Address}})
	want := fmt.Sprintf("%d applied, %d late, %d duplicates, %d dead letters\n", got.Applied, got.Late, got.Duplicates, got.Dead)
	if !strings.HasSuffix(said, want) || got.Late == 0 || got.Duplicates == 0 || got.Dead == 0 {
		t.Errorf("%sshards count %s", said, want)
	}
	if lines, _ := run("--out", "-"); int64(strings.Count(lines, "\n")) != got.In {
		t.Errorf("%d lines, %d records in the topic", strings.Count(lines, "\n"), got.In)
	}
}
