package kafkaio

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"
)

// frozenBatches are batches as each version of the coder wrote them: an engine's checkpoint holds such bytes for as long as it
// is kept. A new version adds a line.
var frozenBatches = map[byte]string{
	1: "0105706c6179730e500a020280c0e285e36805616e6e61117b22736f6e675f6964223a227331227d010176023106cf0f000100",
}

// Batches of every version are read back, and the newest version is still written as it was.
func TestFrozenBatches(t *testing.T) {
	want := Batch{Topic: "plays", Partition: 7, Previous: 40, Last: 45, Records: []Record{
		{Offset: 41, Time: 1_800_000_000_000, Key: []byte("anna"), Value: []byte(`{"song_id":"s1"}`), Headers: []Header{{Key: "v", Value: []byte("1")}}},
		{Offset: 44, Time: 1_799_999_999_000, Value: []byte{}},
	}}
	for version, text := range frozenBatches {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeBatch(b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("version %d: %+v, error %v", version, got, err)
		}
		if now := encodeBatch(want); version == codecVersion && !bytes.Equal(now, b) {
			t.Errorf("version %d is written as %x now", version, now)
		}
	}
	if frozenBatches[codecVersion] == "" {
		t.Errorf("no frozen batch of version %d", codecVersion)
	}
}
