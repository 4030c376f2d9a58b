package kafkaio

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// randomBatch makes a batch with every special case somewhere in it: nil, empty, gaps, times that fall, headers.
func randomBatch(r *rand.Rand) Batch {
	text := func() []byte {
		switch n := r.IntN(12); n {
		case 0:
			return nil
		default:
			b := make([]byte, n-1)
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return b
		}
	}
	b := Batch{Topic: string(text()), Partition: int32(r.IntN(9)), Previous: r.Int64N(1<<40) - 1}
	offset := b.Previous
	for range r.IntN(20) {
		offset += 1 + r.Int64N(3)
		rec := Record{Offset: offset, Time: r.Int64() - r.Int64(), Key: text(), Value: text()}
		for range r.IntN(3) {
			rec.Headers = append(rec.Headers, Header{Key: string(text()), Value: text()})
		}
		b.Records = append(b.Records, rec)
	}
	b.Last = offset + r.Int64N(3)
	return b
}

// A batch survives its coder, nil and empty kept apart.
func TestBatchRoundTrip(t *testing.T) {
	for seed := range uint64(500) {
		want := randomBatch(rand.New(rand.NewPCG(seed, 1)))
		got, err := decodeBatch(encodeBatch(want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %v\n got %+v\nwant %+v", seed, err, got, want)
		}
	}
}

// Every cut of an encoded batch is refused, and no change of a byte makes the decoder panic or claim more than it was given.
func TestBatchDamaged(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		data := encodeBatch(randomBatch(r))
		for n := range data {
			if b, err := decodeBatch(data[:n]); err == nil {
				t.Fatalf("seed %d: the first %d of %d bytes decode as %+v", seed, n, len(data), b)
			}
			changed := append([]byte(nil), data...)
			changed[n] ^= byte(1 + r.IntN(255))
			if b, err := decodeBatch(changed); err == nil && len(b.Records) > len(data) {
				t.Fatalf("seed %d: %d records from %d bytes", seed, len(b.Records), len(data))
			}
		}
	}
}

func BenchmarkBatchCoder(b *testing.B) {
	batch := Batch{Topic: "plays", Partition: 3, Previous: 99, Last: 1099}
	for i := range 1000 {
		batch.Records = append(batch.Records, Record{Offset: int64(100 + i), Time: 1_790_000_000_000 + int64(i), Key: make([]byte, 12), Value: make([]byte, 240)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeBatch(encodeBatch(batch)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "records/s")
}
