package kafkaio

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// A dead letter says where a record came from and keeps it byte for byte, its own headers too.
func TestDeadLetters(t *testing.T) {
	r := Record{Offset: 7, Time: 1_790_000_000_000, Key: []byte{0xff, 0}, Value: []byte("{broken"), Headers: []Header{{HeaderReason, []byte("mine")}, {"x", nil}}}
	dead := Dead(Batch{Topic: "plays", Partition: 3}, r, "not_json", "at byte 1")
	got, err := ParseDead(dead)
	if err != nil {
		t.Fatal(err)
	}
	if got.Topic != "plays" || got.Partition != 3 || got.Reason != "not_json" || got.Detail != "at byte 1" || !equalRecords([]Record{got.Record}, []Record{r}) {
		t.Errorf("read back as %+v", got)
	}
	if _, err := ParseDead(r); err == nil {
		t.Error("a record that is no dead letter is read as one")
	}
}

// Whatever a record has, its letter is one that is sent; what does not fit is left out and named, the headers first.
func TestLettersFit(t *testing.T) {
	c := broker(t)
	name := topic(t, c, 1)
	p, err := NewProducer(c, WriteParams{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	many := make([]Header, 200_000)
	first := Header{HeaderFirst, []byte("plays/1/2")}
	for _, x := range []struct {
		key, value  int
		headers     []Header
		told        string
		left, right int // of key and value
		kept        int // headers
	}{
		{10, 20, many[:5], "", 10, 20, 5},
		{0, maxLetter, nil, "", 0, maxLetter, 0},
		{0, maxLetter + 1, nil, "value of 990001 bytes, cut to 990000", 0, maxLetter, 0},
		{110_000, 899_000, nil, "value of 899000 bytes, cut to 880000", 110_000, 880_000, 0},
		{899_000, 110_000, nil, "key of 899000 bytes, cut to 880000", 880_000, 110_000, 0},
		{maxRecord, 0, nil, "key of 1000000 bytes, cut to 990000", maxLetter, 0, 0},
		{600_000, 700_000, nil, "value of 700000 bytes, cut to 495000; key of 600000 bytes, cut to 495000", 495_000, 495_000, 0},
		{1, 2, []Header{{"x", make([]byte, maxRecord)}}, "headers of 1000005 bytes left out", 1, 2, 0},
		{1, 400_000, many, "headers of 800000 bytes left out", 1, 400_000, 0},
		{1, 400_000, append([]Header{first, first}, many...), "headers of 800044 bytes left out", 1, 400_000, 1},
		{1, maxRecord, []Header{first}, "value of 1000000 bytes, cut to 989977", 1, 989_977, 1},
		{1, maxLetter, []Header{{HeaderFirst, make([]byte, 300_000)}}, "headers of 300013 bytes left out; value of 990000 bytes, cut to 989999", 1, maxLetter - 1, 0},
	} {
		r := Record{Key: bytes.Repeat([]byte("k"), x.key), Value: bytes.Repeat([]byte("v"), x.value), Headers: x.headers}
		dead := Dead(Batch{Topic: strings.Repeat("t", 249)}, r, "record_too_large", "")
		if err := errors.Join(p.Send(t.Context(), name, dead), p.Flush(t.Context())); err != nil {
			t.Fatalf("key of %d, value of %d, %d headers: %v", x.key, x.value, len(x.headers), err)
		}
		l, err := ParseDead(dead)
		if err != nil || l.Detail != x.told || len(l.Record.Key) != x.left || len(l.Record.Value) != x.right || len(l.Record.Headers) != x.kept {
			t.Errorf("key of %d, value of %d, %d headers are %d, %d, %d; %q, error %v", x.key, x.value, len(x.headers), len(l.Record.Key), len(l.Record.Value), len(l.Record.Headers), l.Detail, err)
		}
	}
}

// A record that is sent again and refused again is the one it was, however often; a header that names no place is none.
func TestLettersSentAgain(t *testing.T) {
	r := Record{Offset: 7, Value: []byte("{"), Headers: []Header{{"x", nil}, {HeaderFirst, []byte("plays/x/7")}, {HeaderFirst, []byte(strings.Repeat("p", longestPlace) + "/1/7")}}}
	for offset := range int64(4) {
		l, err := ParseDead(Dead(Batch{Topic: "plays", Partition: int32(offset)}, r, "unreadable_record", ""))
		if err != nil || l.First != (Place{"plays", 0, 7}) || l.Partition != int32(offset) {
			t.Fatalf("letter %d: %+v, error %v", offset, l, err)
		}
		r = l.Again()
		if r.Offset = 100 + offset; r.Time != 0 || len(r.Headers) != 4 || string(r.Headers[3].Value) != "plays/0/7" {
			t.Fatalf("sent again as %+v", r)
		}
	}
}
