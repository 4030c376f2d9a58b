package live

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/archive"
	"segue/transforms/io/kafkaio"
)

// Shares are read as they are written, every partition is of exactly one, and nonsense is refused.
func TestParseShare(t *testing.T) {
	for _, text := range []string{"", "3", "8/8", "-1/2", "1/0", "a/2", "1/2/3"} {
		if s, err := ParseShare(text); err == nil {
			t.Errorf("%q is share %v", text, s)
		}
	}
	for p := range int32(20) {
		owners := 0
		for i := range 8 {
			s := Share{Instance: i, Instances: 8}
			if again, err := ParseShare(strings.TrimPrefix(s.String(), "instance ")); err != nil || again != s {
				t.Errorf("%v is read as %v, error %v", s, again, err)
			}
			if s.owns(p) {
				owners++
			}
		}
		if owners != 1 || !(Share{}).owns(p) {
			t.Errorf("partition %d has %d owners", p, owners)
		}
	}
}

// Lists of partitions are read in any order, and nonsense is refused.
func TestParsePartitions(t *testing.T) {
	for _, text := range []string{"", "a", "-1", "3-", "7-0", "0-3,2", "1,1", "0/2", "1,,2"} {
		if s, err := ParsePartitions(text); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
	s, err := ParsePartitions("12, 0-3,7")
	if err != nil || s.String() != "partitions 0-3,7,12" || !s.within(13) || s.within(12) {
		t.Errorf("%v, error %v", s, err)
	}
	for p := range int32(14) {
		if want := p <= 3 || p == 7 || p == 12; s.owns(p) != want {
			t.Errorf("partition %d: owned %v, want %v", p, s.owns(p), want)
		}
	}
}

// Lists of partitions cut the topic as instances do: together they leave what one process does, a list that overlaps another's is refused
// while that runs, and so is one of a partition that is not there.
func TestListedPartitions(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 5))
	c, _ := setup(t)
	for i, cut := range [][]string{{"0-1", "2"}, {"1", "0,2"}} {
		produce(t, c, plays(r, 1500*i, 1500))
		for _, text := range cut {
			c.Share = listed(t, text)
			if s := run(t, c); s.Lag != 0 || s.In == 0 {
				t.Errorf("%v: %+v", c.Share, s)
			}
		}
		check(t, c)
	}
	c.Share = listed(t, "1-3")
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "partitions 1-3 cannot be read: topic plays has 3 partitions") {
		t.Errorf("a partition that is not there: %v", err)
	}
	c.Until, c.Share = kafkaio.Never(), listed(t, "0-1")
	old, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	for _, c.Share = range []Share{listed(t, "1-2"), {Instance: 1, Instances: 3}} {
		if _, err := Open(t.Context(), c); !errors.Is(err, archive.ErrHeld) || !strings.Contains(err.Error(), "partitions 0-1 holds partition 1") {
			t.Errorf("%v of what is held: %v", c.Share, err)
		}
	}
}

func listed(t *testing.T, text string) Share {
	t.Helper()
	s, err := ParsePartitions(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Two instances leave what one process does; three that follow them go on without a hole, though the cut is another; and as long
// as an instance of the former cut runs, those of the new one are refused its partitions, and all others run.
func TestInstances(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 5))
	c, _ := setup(t)
	first := 0
	for _, instances := range []int{2, 3, 1} {
		produce(t, c, plays(r, first, 1500))
		first += 1500
		for i := range instances {
			c.Share = Share{Instance: i, Instances: instances}
			if s := run(t, c); s.Lag != 0 || s.In == 0 {
				t.Errorf("instance %v: %+v", c.Share, s)
			}
		}
		check(t, c)
	}
	c.Share = Share{Instance: 3, Instances: 4}
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "instance 3/4 cannot be read: topic plays has 3 partitions") {
		t.Errorf("an instance without a partition: %v", err)
	}
	c.Until, c.Share = kafkaio.Never(), Share{Instance: 0, Instances: 2} // partitions 0 and 2
	old, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	c.Until, c.Share = kafkaio.Latest(), Share{Instance: 0, Instances: 3}
	if _, err := Open(t.Context(), c); !errors.Is(err, archive.ErrHeld) || !strings.Contains(err.Error(), "instance 0/2 holds partition 0") {
		t.Errorf("a partition that is held: %v", err)
	}
	c.Share = Share{Instance: 1, Instances: 3}
	run(t, c)
	c.Share = Share{Instance: 0, Instances: 2} // started again after a crash
	run(t, c)
	check(t, c)
}

// Partitions added under a running job end it with an error that says what it found and what it started with, and nothing of the new
// partitions is read; a start afterwards is refused until the topic has the old number again.
func TestPartitionsAddedUnderJob(t *testing.T) {
	c, b := setup(t)
	c.Until = kafkaio.Never()
	produce(t, c, plays(rand.New(rand.NewPCG(1, 6)), 0, 300))
	j, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	j.watches = 50 * time.Millisecond
	done := make(chan error, 1)
	go func() { done <- j.Run(t.Context()) }()
	await(t, func() bool { s := j.Status(); return s.In >= 300 && s.Lag == 0 })
	read := j.Status().In
	if err := b.GrowTopic(t.Context(), schemas.TopicPlays, partitions+2); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("topic %s has %d partitions, the job started with %d", schemas.TopicPlays, partitions+2, partitions)
	if err := <-done; !errors.Is(err, ErrGrew) || !strings.Contains(err.Error(), want) {
		t.Errorf("the job ends with %v, want %q", err, want)
	}
	if s := j.Status(); s.In != read {
		t.Errorf("%d records are read, want %d", s.In, read)
	}
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrGrew) {
		t.Errorf("a start afterwards: %v", err)
	}
}
