package shred

import "io"

// Sizes of pieces: the first, and the largest.
const (
	firstPiece = 4 << 10
	mostPiece  = 256 << 10
)

// pages is bytes in pieces, each as large as all before it together, up to mostPiece: more are added without a copy of those that are there.
type pages struct {
	pieces [][]byte
	used   int // pieces that have bytes
	size   int
}

// reset empties the pages and keeps their memory.
func (p *pages) reset() {
	for i := range p.pieces[:p.used] {
		p.pieces[i] = p.pieces[i][:0]
	}
	p.used, p.size = 0, 0
}

// add appends bytes.
func (p *pages) add(b []byte) {
	for len(b) > 0 {
		if p.used == 0 || len(p.pieces[p.used-1]) == cap(p.pieces[p.used-1]) {
			if p.used == len(p.pieces) {
				p.pieces = append(p.pieces, make([]byte, 0, min(mostPiece, max(firstPiece, p.size))))
			}
			p.used++
		}
		last := &p.pieces[p.used-1]
		n := min(len(b), cap(*last)-len(*last))
		*last = append(*last, b[:n]...)
		b, p.size = b[n:], p.size+n
	}
}

// WriteTo writes all bytes.
func (p *pages) WriteTo(w io.Writer) (int64, error) {
	written := int64(0)
	for _, piece := range p.pieces[:p.used] {
		n, err := w.Write(piece)
		if written += int64(n); err != nil {
			return written, err
		}
	}
	return written, nil
}
