package sgns

import (
	"math"
	"math/rand/v2"
	"slices"

	"segue/transforms/algo/csr"
)

const clusterSongs = 100

// planted returns playlists of songs in clusters of a hundred: four in five songs from the home cluster, popular ones more
// often; and the true cluster of every column, which are ordered by playlists falling.
func planted(songs, lists int, seed uint64) (Input, []int) {
	r := rand.New(rand.NewPCG(seed, 7))
	clusters := max(songs/clusterSongs, 1)
	size := songs / clusters
	all := make([][]int32, lists)
	for p := range all {
		home, seen := r.IntN(clusters), map[int32]bool{}
		for range 5 + r.IntN(30) {
			c := home
			switch x := r.Float64(); {
			case x < .08:
				c = r.IntN(clusters)
			case x < .20:
				c = (home + 1 + clusters - 2*r.IntN(2)) % clusters
			}
			song := int32(c*size + int(math.Pow(r.Float64(), 2)*float64(size)))
			if !seen[song] {
				seen[song] = true
				all[p] = append(all[p], song)
			}
		}
	}
	m := csr.Build([]csr.Matrix{csr.FromLists(all)}, songs)
	in := Input{Playlists: m.Rows, Counts: m.Counts(), Keys: make([]uint64, len(m.Columns)), Seed: seed}
	truth := make([]int, len(m.Columns))
	for c, song := range m.Columns {
		in.Keys[c] = newKey(seed, song)
		truth[c] = int(song) / size
	}
	return in, truth
}

func newKey(seed uint64, song int32) uint64 {
	r := newRandom(seed, 100, int(song))
	return r.next()
}

// purity returns the share of the ten best songs by cos(in, out) that are of the cluster of the song asked for.
func purity(m *Model, truth []int, asked []int) float64 {
	d, hits, all := m.Dim, 0, 0
	norm := make([]float64, len(truth))
	for j := range norm {
		for _, x := range m.Out[j*d : (j+1)*d] {
			norm[j] += float64(x) * float64(x)
		}
		norm[j] = math.Sqrt(norm[j]) + 1e-12
	}
	type scored struct {
		score float64
		song  int
	}
	for _, i := range asked {
		var best []scored
		for j := range truth {
			var s float64
			for k := range d {
				s += float64(m.In[i*d+k]) * float64(m.Out[j*d+k])
			}
			if j != i {
				best = append(best, scored{s / norm[j], j})
			}
		}
		slices.SortFunc(best, func(a, b scored) int {
			if a.score > b.score {
				return -1
			}
			return 1
		})
		for _, b := range best[:min(10, len(best))] {
			all++
			if truth[b.song] == truth[i] {
				hits++
			}
		}
	}
	return float64(hits) / float64(max(all, 1))
}
