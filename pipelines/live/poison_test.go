package live

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/kafkaio"
)

// Records as large as brokers take, in value, key or headers, and plays with huge ids are letters, each with its reason; those
// around them are applied, and the job goes on.
func TestPoison(t *testing.T) {
	c, _ := setup(t)
	now := time.Now().UnixMilli()
	play := func(user, song string, i int) kafkaio.Record {
		return kafkaio.Record{Key: []byte(user), Value: fmt.Appendf(nil, `{"event_id":"e%d","user_id":%q,"song_id":%q,"started_at":%d}`, i, user, song, now+int64(i))}
	}
	text := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	records := []kafkaio.Record{
		play("u", "s1", 0),
		{Key: text(110_000), Value: text(899_000)},
		{Key: text(1_000_000)},
		{Key: []byte("h"), Value: []byte("{"), Headers: []kafkaio.Header{{Key: "x", Value: text(1_000_000)}}},
		play(string(text(60_000)), "s1", 1),
	}
	for i := range 20 {
		records = append(records, play("u", fmt.Sprint("s", i, string(text(60_000))), 2+i))
	}
	records = append(records, play("u", "s2", 22))
	p, err := kafkaio.NewProducer(c.Cluster, kafkaio.WriteParams{MaxRecord: 1_020_000})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, r := range records {
		if err := errors.Join(p.Send(t.Context(), schemas.TopicPlays, r), p.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if s := run(t, c); s.In != 26 || s.Applied != 2 || s.Dead != 24 {
		t.Errorf("%+v", s)
	}
	check(t, c)
	reasons := map[string]int{}
	for _, b := range topic(t, c, schemas.TopicDeadLetters) {
		for _, r := range b.Records {
			l, err := kafkaio.ParseDead(r)
			if err != nil {
				t.Fatal(err)
			}
			what, _, _ := strings.Cut(l.Detail, " ")
			reasons[strings.TrimSpace(l.Reason+" "+what)]++
		}
	}
	want := map[string]int{schemas.ReasonTooLarge + " value": 1, schemas.ReasonTombstone + " key": 1, schemas.ReasonUnreadable + " headers": 1, schemas.ReasonLongID: 21}
	if fmt.Sprint(reasons) != fmt.Sprint(want) {
		t.Errorf("reasons %v, want %v", reasons, want)
	}
}
