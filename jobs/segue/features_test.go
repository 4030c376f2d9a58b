package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"segue/local/kafka"
	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// feature is a record of a listener at an offset of plays.
func feature(user string, offset int) kafkaio.Record {
	return kafkaio.Record{Key: []byte(user), Value: fmt.Appendf(nil, `{"user_id":%q,"offset":%d}`, user, offset)}
}

// An empty record erases a listener's features: there are none until the next play, whose record counts whatever was before.
func TestErasedFeatures(t *testing.T) {
	address, write := topics(t, schemas.TopicFeatures)
	show := func(want string) {
		t.Helper()
		if out, err := called(t, "--brokers", address, "features", "anna"); !strings.Contains(fmt.Sprint(out, err), want) {
			t.Errorf("no %q: %v\n%s", want, err, out)
		}
	}
	erased := kafkaio.Record{Key: []byte("anna")}
	write(schemas.TopicFeatures, erased)
	show("has no features")
	write(schemas.TopicFeatures, feature("anna", 7), feature("ben", 8), feature("anna", 5))
	show(`"offset": 7`)
	write(schemas.TopicFeatures, erased)
	show("has no features")
	write(schemas.TopicFeatures, feature("anna", 6))
	show(`"offset": 6`)
	write(schemas.TopicFeatures, kafkaio.Record{Key: []byte("anna"), Value: []byte("hello")})
	show("offset 6 of session-features/0: read a feature record")
}

// features --follow shows every change once, what comes after brokers were away and came back, too.
func TestFollowFeatures(t *testing.T) {
	dir := t.TempDir()
	b, err := kafka.Start(kafka.Options{Dir: dir, Topics: map[string]int32{schemas.TopicFeatures: 1}})
	if err != nil {
		t.Fatal(err)
	}
	send(t, b.Address, schemas.TopicFeatures, feature("anna", 1))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		root := newRoot()
		root.SetOut(in)
		root.SetErr(io.Discard)
		root.SetArgs([]string{"features", "anna", "--follow", "--brokers", b.Address})
		err := root.ExecuteContext(ctx)
		in.CloseWithError(fmt.Errorf("it ended: %v", err))
		done <- err
	}()
	lines := bufio.NewScanner(out)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Fatalf("line %q, want %q; error %v", lines.Text(), want, lines.Err())
		}
	}
	next(`"offset":1`)
	send(t, b.Address, schemas.TopicFeatures, kafkaio.Record{Key: []byte("anna")}, feature("anna", 2))
	next(`"offset":2`)
	b.Close()
	if b, err = kafka.Start(kafka.Options{Dir: dir, Port: portOf(t, b.Address)}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	send(t, b.Address, schemas.TopicFeatures, feature("anna", 1), feature("anna", 3))
	next(`"offset":3`)
	send(t, b.Address, schemas.TopicFeatures, kafkaio.Record{Key: []byte("anna")})
	next("null")
	stop()
	if err := <-done; err != nil {
		t.Errorf("interrupted: %v", err)
	}
}

// Reading on waits for brokers that are away until it is interrupted, and no record is passed over for it.
func TestReadOnWaits(t *testing.T) {
	dir := t.TempDir()
	b, err := kafka.Start(kafka.Options{Dir: dir, Topics: map[string]int32{schemas.TopicFeatures: 1}})
	if err != nil {
		t.Fatal(err)
	}
	r := featureReader{cluster: kafkaio.Cluster{Brokers: []string{b.Address}}, user: "anna"}
	if _, err := r.read(t.Context(), kafkaio.Earliest()); err != nil {
		t.Fatal(err)
	}
	send(t, b.Address, schemas.TopicFeatures, feature("anna", 1))
	b.Close()
	if _, err := r.read(t.Context(), kafkaio.Offsets(nil)); err == nil {
		t.Fatal("a broker that is away was read")
	}
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if changed, err := r.readOn(ctx); changed || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("it did not wait: %v", err)
	}
	if b, err = kafka.Start(kafka.Options{Dir: dir, Port: portOf(t, b.Address)}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if changed, err := r.readOn(t.Context()); !changed || err != nil || r.newest == nil {
		t.Errorf("changed %v, error %v", changed, err)
	}
}

func portOf(t *testing.T, address string) (port int) {
	t.Helper()
	if _, err := fmt.Sscanf(address, "127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	return port
}
