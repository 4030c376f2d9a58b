// Package csrtest makes large playlist matrices for benchmarks, shaped like the Million Playlist Dataset, in seconds.
//
// Lengths are lognormal with median 51 and mean 66, cut to [5, 376]. The song of popularity rank r is drawn with a
// probability that falls as (r+300)^-1.35 over a catalogue of 2.2 million: a million playlists have 65 million entries and
// 6.9 thousand million pairs, 1.9 million songs, 0.7 million of them in five or more, the most popular in 24 thousand.
// Fewer playlists are a sample of the same world. Songs and playlists belong to communities: seven draws of eight stay in
// the playlist's one or two, so that neighbours have something to find.
package csrtest

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"segue/transforms/algo/csr"
)

// Songs is the size of the catalogue that Playlists draws from.
const Songs = 2_200_000

// Sizes returns the numbers of playlists to measure: 10 and 100 thousand, or, when large, a million.
func Sizes(large bool) []int {
	if large {
		return []int{1_000_000}
	}
	return []int{10_000, 100_000}
}

const (
	communities = 250
	exponent    = 1.35
	shift       = 300
	scatter     = 1_111_109 // spreads ranks over song numbers; prime, no divisor of Songs
	chunkLists  = 2048
)

// Community returns what a song of Playlists belongs to.
func Community(song int32) int {
	rank := int(int64(song) * inverse % Songs)
	return communityOf(rank)
}

// inverse undoes scatter modulo Songs.
var inverse = func() int64 {
	a, b, x, y := int64(scatter), int64(Songs), int64(1), int64(0)
	for b != 0 {
		q := a / b
		a, b, x, y = b, a-q*b, y, x-q*y
	}
	return (x%Songs + Songs) % Songs
}()

// Playlists returns n playlists over Songs songs, cut into consecutive parts; each row holds its songs once, ascending.
// The same n and seed give the same playlists, and the first of more playlists are those of fewer. Cost: some 150 ns an entry, on all cores.
func Playlists(n int, seed uint64) []csr.Matrix {
	parts := make([]csr.Matrix, (n+chunkLists-1)/chunkLists)
	var wg sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for c := w; c < len(parts); c += runtime.GOMAXPROCS(0) {
				parts[c] = chunk(seed, uint64(c), min(chunkLists, n-c*chunkLists))
			}
		})
	}
	wg.Wait()
	return parts
}

func chunk(seed, number uint64, n int) csr.Matrix {
	m := csr.Matrix{Start: make([]int64, 1, n+1), Items: make([]int32, 0, 70*n)}
	r := rand.New(rand.NewPCG(seed, number))
	for range n {
		m.Items = playlist(r, m.Items)
		m.Start = append(m.Start, int64(len(m.Items)))
	}
	return m
}

// playlist appends the distinct songs of one playlist.
func playlist(r *rand.Rand, items []int32) []int32 {
	const sigma = .72 // of log length
	length := int(min(max(51*math.Exp(sigma*r.NormFloat64()), 5), 376))
	home := [2]int{r.IntN(communities), r.IntN(communities)}
	from := len(items)
	for tries := 0; len(items)-from < length && tries < 8; tries++ {
		for len(items)-from < length {
			rank := draw(r.Float64())
			if pick := r.IntN(8); pick > 0 {
				rank = member(rank, home[pick/6])
			}
			items = append(items, int32(int64(rank)*scatter%Songs))
		}
		slices.Sort(items[from:])
		items = items[:from+len(slices.Compact(items[from:]))]
	}
	return items
}

// The distribution function before the first and after the last song, but for a factor.
var head, tail = math.Pow(shift, 1-exponent), math.Pow(shift+Songs, 1-exponent)

// draw returns the popularity rank at quantile u: the inverse of the distribution function of (r+shift)^-exponent.
func draw(u float64) int {
	return min(int(math.Pow(head-u*(head-tail), 1/(1-exponent))-shift), Songs-1)
}

// communityOf deals the ranks of each run of communities to all of them, in an order of its own.
func communityOf(rank int) int {
	return (rank%communities + offset(rank/communities)) % communities
}

// member returns the rank near the given one that belongs to a community.
func member(rank, community int) int {
	run := rank / communities
	return run*communities + (community-offset(run)+communities)%communities
}

func offset(run int) int { return int(uint64(run+1) * 0x9e3779b97f4a7c15 >> 33 % communities) }
