package kafkaio

import (
	"errors"
	"strings"
	"testing"
	"time"

	"segue/local/kafka"
)

// A broker that starts late is waited for; one that is away for longer is an error that names it, and what more patience cannot mend
// is one at once.
func TestAwait(t *testing.T) {
	dir := t.TempDir()
	gone, err := kafka.Start(kafka.Options{Dir: dir, Topics: map[string]int32{"plays": 2}})
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	c := Cluster{Brokers: []string{gone.Address}}
	calls, spans := 0, []Span(nil)
	ask := func() (err error) {
		if calls++; calls == 2 {
			again := restart(t, dir, gone)
			t.Cleanup(again.Close)
		}
		spans, err = Spans(t.Context(), c, "plays", Earliest(), Latest())
		return err
	}
	if err := Await(t.Context(), c, 0, ask); err == nil || !strings.Contains(err.Error(), gone.Address) {
		t.Errorf("a broker that is away: %v", err)
	}
	calls = 0
	if err := Await(t.Context(), c, time.Minute, ask); err != nil || len(spans) != 2 || calls < 2 {
		t.Errorf("a broker that came late: %d spans after %d calls, error %v", len(spans), calls, err)
	}
	locked, _ := embedded(t, kafka.Options{Mechanism: PLAIN, User: "segue", Password: "right", Topics: map[string]int32{"plays": 1}})
	t.Setenv("WRONG", "wrong")
	locked.Mechanism, locked.User, locked.PasswordEnv = PLAIN, "segue", "WRONG"
	for name, x := range map[string]struct {
		c     Cluster
		topic string
	}{"an unknown topic": {c, "plas"}, "a wrong password": {locked, "plays"}} {
		calls = 0
		err := Await(t.Context(), x.c, time.Minute, func() error {
			calls++
			_, err := Spans(t.Context(), x.c, x.topic, Earliest(), Latest())
			return err
		})
		if err == nil || calls != 1 {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
	}
	mine := errors.New("mine")
	if err := Await(t.Context(), c, time.Minute, func() error { return mine }); !errors.Is(err, mine) {
		t.Errorf("another error: %v", err)
	}
}
