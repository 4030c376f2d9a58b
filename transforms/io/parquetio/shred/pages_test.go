package shred

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Bytes come out as they were added, whatever their pieces, and again after a reset, which takes no new memory.
func TestPagesKeepBytes(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	var p pages
	var want []byte
	for round := range 3 {
		p.reset()
		want = want[:0]
		for range 200 {
			b := make([]byte, r.IntN([]int{1, 100, 3 * firstPiece, mostPiece}[r.IntN(4)]))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			p.add(b)
			want = append(want, b...)
		}
		var got bytes.Buffer
		if n, err := p.WriteTo(&got); err != nil || int(n) != len(want) || p.size != len(want) || !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("seed %d, round %d: %d bytes written of %d, which are %d: %v", seed, round, n, p.size, len(want), err)
		}
	}
	pieces := len(p.pieces)
	p.reset()
	if p.add(want); len(p.pieces) != pieces {
		t.Errorf("seed %d: the same bytes take %d pieces, %d were there", seed, len(p.pieces), pieces)
	}
}
