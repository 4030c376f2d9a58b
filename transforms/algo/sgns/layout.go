package sgns

// layout gives each song its row in the trained matrices: rows of a block lie together, popular songs first.
//
// Songs come by playlists falling. Each run of S songs is spread over the S blocks in an order of its own, so that blocks
// hold as many songs and as much popularity as one another; place in a block = number of the run.
type layout struct {
	blocks int     // S
	size   int     // rows a block: songs / S, rounded up
	row    []int32 // by song
	song   []int32 // by row, -1 for rows that no song has
}

// blockSongs is how many songs a block needs at least, so that negatives are drawn from many.
const blockSongs = 256

// maxBlocks bounds the blocks, and with them the cores that the deterministic mode can use.
const maxBlocks = 16

// blocksFor returns how many blocks n songs make: a power of two.
func blocksFor(n int) int {
	s := 1
	for s < maxBlocks && n/(2*s) >= blockSongs {
		s *= 2
	}
	return s
}

// newLayout spreads songs over blocks; keys are a random number a song.
func newLayout(keys []uint64, blocks int) *layout {
	n := len(keys)
	l := &layout{blocks: blocks, size: (n + blocks - 1) / blocks, row: make([]int32, n)}
	l.song = make([]int32, l.size*blocks)
	for i := range l.song {
		l.song[i] = -1
	}
	order := make([]int, blocks)
	for lo := 0; lo < n; lo += blocks {
		for b := range order {
			order[b] = b
		}
		r := newRandom(keys[lo], blocks)
		shuffle(&r, order)
		for i := lo; i < min(lo+blocks, n); i++ {
			at := order[i-lo]*l.size + lo/blocks
			l.row[i], l.song[at] = int32(at), int32(i)
		}
	}
	return l
}
