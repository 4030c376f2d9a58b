package sgns

// piece holds the pairs of some playlists by bucket: context's block · S + centre's block.
// A pair is the centre's place in its block << 32 | the context's row.
type piece struct {
	buckets [][]uint64
}

// fill walks the playlists and keeps their pairs, in place of those it had.
func (p *piece) fill(t *training, playlists []int32, r random) {
	s, size := t.layout.blocks, int32(t.layout.size)
	if p.buckets == nil {
		p.buckets = make([][]uint64, s*s)
	}
	for b := range p.buckets {
		p.buckets[b] = p.buckets[b][:0]
	}
	w := walker{t: t, r: r}
	var block []int32
	for _, playlist := range playlists {
		n := w.load(playlist)
		block = block[:0]
		for _, row := range w.rows {
			block = append(block, row/size*int32(s))
		}
		for i := range n {
			lo, hi := w.window(i)
			b := block[i] / int32(s)
			pair := uint64(w.rows[i]-b*size) << 32
			for q := lo; q <= hi; q++ {
				if q != i {
					at := &p.buckets[block[q]+b]
					*at = append(*at, pair|uint64(uint32(w.rows[q])))
				}
			}
		}
	}
}

// chunk is up to chunkPairs pairs of one centre: contexts[at : at+n].
type chunk struct {
	at, centre int32
	n          int32
}

// chunkPairs is the most pairs of a centre that share their negatives: a multiple of 16 outputs at 5 negatives.
const chunkPairs = 16

// sorted is the pairs of a bucket by centre.
type sorted struct {
	start    []int32 // by place of the centre, [size+1]
	contexts []int32 // rows
	chunks   []chunk
}

// load sorts the pairs of a bucket by centre, keeping their order, and cuts them into chunks of nearly equal size.
// Source: counting sort.
func (s *sorted) load(pieces []piece, bucket, size int) {
	s.start = resize(s.start, size+1)
	clear(s.start)
	for _, p := range pieces {
		for _, pair := range p.buckets[bucket] {
			s.start[pair>>32+1]++
		}
	}
	for c := range size {
		s.start[c+1] += s.start[c]
	}
	s.contexts = resize(s.contexts, int(s.start[size]))
	s.cut(size)
	for _, p := range pieces {
		for _, pair := range p.buckets[bucket] {
			c := pair >> 32
			s.contexts[s.start[c]] = int32(uint32(pair))
			s.start[c]++
		}
	}
}

func (s *sorted) cut(size int) {
	s.chunks = s.chunks[:0]
	for c := range size {
		at, n := s.start[c], s.start[c+1]-s.start[c]
		for parts := (n + chunkPairs - 1) / chunkPairs; parts > 0; parts-- {
			k := (n + parts - 1) / parts
			s.chunks = append(s.chunks, chunk{at: at, centre: int32(c), n: k})
			at, n = at+k, n-k
		}
	}
}

func resize(x []int32, n int) []int32 {
	if cap(x) < n {
		return make([]int32, n, n+n/4)
	}
	return x[:n]
}
