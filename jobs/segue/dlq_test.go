package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"segue/local/kafka"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// topics starts a broker with topics of one partition, and what writes to them.
func topics(t *testing.T, names ...string) (address string, write func(topic string, records ...kafkaio.Record)) {
	t.Helper()
	o := kafka.Options{Topics: map[string]int32{}}
	for _, name := range names {
		o.Topics[name] = 1
	}
	b, err := kafka.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b.Address, func(topic string, records ...kafkaio.Record) {
		t.Helper()
		send(t, b.Address, topic, records...)
	}
}

func send(t *testing.T, address, topic string, records ...kafkaio.Record) {
	t.Helper()
	p, err := kafkaio.NewProducer(kafkaio.Cluster{Brokers: []string{address}}, kafkaio.WriteParams{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := errors.Join(p.Send(t.Context(), topic, records...), p.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// A record that is replayed and refused again, however often, is one letter: each replay sends it once.
func TestReplayDoesNotMultiply(t *testing.T) {
	address, write := topics(t, schemas.TopicPlays)
	write(schemas.TopicPlays, kafkaio.Record{Key: []byte("ben"), Value: []byte("{broken")}, kafkaio.Record{Key: []byte("ben"), Value: []byte("{broken")})
	args, dir := []string{"--brokers", address}, t.TempDir()
	for round := range 3 {
		if out, err := called(t, append(args, "live", "--lake", dir, "--until", "latest", "--progress", "none", "--http", "")...); err != nil {
			t.Fatalf("live: %v\n%s", err, out)
		}
		if out, err := called(t, append(args, "dlq", "list", "--format", "csv")...); err != nil || strings.Count(out, schemas.ReasonUnreadable) != 2 {
			t.Errorf("round %d: dlq list: %v\n%s", round, err, out)
		}
		if out, err := called(t, append(args, "dlq", "replay", "--reason", schemas.ReasonUnreadable)...); err != nil || out != "sent 2 records\n" {
			t.Errorf("round %d: dlq replay: %v\n%s", round, err, out)
		}
	}
}

// Records that are no letters hide none: they are passed over and counted. Keys and values are shown short and without what a
// terminal obeys.
func TestForeignLetters(t *testing.T) {
	address, write := topics(t, schemas.TopicPlays, schemas.TopicDeadLetters)
	odd := kafkaio.Record{Offset: 4, Key: []byte("\x1b[2J" + strings.Repeat("é", 110_000)), Value: []byte(strings.Repeat("\x07", 1000))}
	write(schemas.TopicDeadLetters, kafkaio.Record{Value: []byte("hello")}, kafkaio.Dead(kafkaio.Batch{Topic: schemas.TopicPlays}, odd, schemas.ReasonTooLarge, ""), kafkaio.Record{Key: []byte("x")})
	args := []string{"--brokers", address, "dlq"}
	for _, format := range []string{"csv", "text", "json", "markdown"} {
		out, err := called(t, append(args, "list", "--format", format)...)
		if err != nil || len(out) > 1000 || strings.ContainsAny(out, "\x1b\x07") || !strings.Contains(out, "warning: 2 records of topic plays-dead-letters") || !strings.Contains(out, "ééé…") {
			t.Errorf("dlq list --format %s: %v\n%.2000s", format, err, out)
		}
	}
	out, err := called(t, append(args, "replay", "--reason", schemas.ReasonTooLarge)...)
	if err != nil || !strings.HasSuffix(out, "sent 1 record\n") || !strings.Contains(out, "warning: 2 records") {
		t.Errorf("dlq replay: %v\n%s", err, out)
	}
}

// Spaces in a list of brokers are no part of their names.
func TestBrokersWithSpaces(t *testing.T) {
	address, _ := topics(t, schemas.TopicPlays, schemas.TopicDeadLetters)
	out, err := called(t, "dlq", "list", "--format", "csv", "--brokers", " "+address+" , "+address)
	rows, cerr := csv.NewReader(bytes.NewBufferString(out)).ReadAll()
	if err != nil || cerr != nil || len(rows) != 1 {
		t.Errorf("%v, %v\n%s", err, cerr, out)
	}
}
