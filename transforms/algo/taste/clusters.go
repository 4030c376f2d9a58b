package taste

import (
	"cmp"
	"math"
	"slices"

	"segue/transforms/algo/simd"
)

// Limits of Clusters.
const (
	MaxClusters  = 3
	clusterSongs = 32   // songs looked at, of most weight
	minGain      = 0.25 // part of the unexplained that a cluster more must explain on average
	minStep      = 0.2  // and at least: halving one true cluster explains less
	minShare     = 0.1  // of the weight, in every cluster
	minSongs     = 3    // in every cluster
	clusterSteps = 8    // rounds of assignment at most
)

// Cluster is one side of a taste.
type Cluster struct {
	Weight float32   // part of the weight of the songs looked at; clusters add up to 1
	Vector []float32 // unit length
}

// Clusters cuts a listener's songs of positive weight into at most MaxClusters groups of like songs, weight falling; none when
// no song has a vector. The result is good until the next call.
//
// In:     songs in any order, fastest in that of Favourites; vectors [S × dim] row-major of unit length, zero rows where a song has none.
// Method: weighted spherical k-means (Dhillon and Modha 2001) in its kernel form: what matters is the inner products of the
// 32 songs of most weight, so a round of assignment costs no pass over the vectors. Starts: the heaviest song, then the song
// least like the starts before. With R(k) = Σ weight·cosine to the own centre and W = Σ weight, the largest k is taken that
// leaves at most (1−minGain)^(k−1) of the unexplained W − R(1) and (1−minStep) of what k−1 clusters leave, with minSongs songs
// and minShare of the weight in every cluster.
// Order:  float64 sums in song order: same input, same bytes.
// Cost:   32²/2 · dim a listener.
func (c *Cutter) Clusters(songs []Weight, vectors []float32, dim int) []Cluster {
	if c.load(songs, vectors, dim); len(c.songs) == 0 {
		return nil
	}
	var best assignment
	c.pull(&best, 1)
	before := c.total - sum(c.lengths(&best, 1))
	most := before
	for k := 2; k <= MaxClusters && before > 1e-9*c.total; k++ {
		assign, lengths := c.assign(k)
		left := c.total - sum(lengths)
		most *= 1 - minGain
		if left <= most && left <= (1-minStep)*before && c.sound(&assign, k) {
			best = assign
		}
		before = left
	}
	return c.clusters(&best)
}

// assignment is the cluster of each song.
type assignment [clusterSongs]uint8

// lengths are |Σ weight·x| of each cluster.
type lengths [MaxClusters]float64

// Cutter cuts one listener after the other and uses its memory again; the zero value is ready. Not safe for concurrent use.
type Cutter struct {
	songs   []Weight // by song
	vectors []float32
	dim     int
	gram    [clusterSongs][clusterSongs]float64
	weight  []float64
	total   float64
	pulls   [MaxClusters][clusterSongs]float64 // of pull
	ranking Ranking
	order   []uint64
	members []Weight // of one cluster
	mean    Mean
	found   []Cluster
	sums    []float32 // of found
}

// load takes the songs of the next listener.
func (c *Cutter) load(songs []Weight, vectors []float32, dim int) {
	c.vectors, c.dim, c.songs, c.total = vectors, dim, c.songs[:0], 0
	if dim == 0 {
		return
	}
	if !slices.IsSortedFunc(songs, heaviest) {
		songs = c.ranking.Favourites(songs)
	}
	c.order = c.order[:0]
	for i, s := range songs {
		if len(c.order) == clusterSongs || s.Weight <= 0 {
			break
		}
		if v := c.vector(s.Song); slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) {
			c.order = append(c.order, uint64(s.Song)<<32|uint64(i))
		}
	}
	slices.Sort(c.order)
	c.weight = c.weight[:0]
	for i, at := range c.order {
		s := songs[uint32(at)]
		c.songs, c.weight = append(c.songs, s), append(c.weight, float64(s.Weight))
		c.total += c.weight[i]
		row, v := &c.gram[i], c.vector(s.Song)
		for j := range i + 1 {
			g := float64(simd.Dot(v, c.vector(c.songs[j].Song)))
			row[j], c.gram[j][i] = g, g
		}
	}
}

func (c *Cutter) vector(song int32) []float32 {
	return c.vectors[int(song)*c.dim : (int(song)+1)*c.dim]
}

// pull sets c.pulls to Σ over the songs j of a cluster of weight·(x_i·x_j), for each cluster and song i.
func (c *Cutter) pull(assign *assignment, k int) {
	n := len(c.songs)
	for of := range k {
		clear(c.pulls[of][:n])
	}
	for j, w := range c.weight {
		sums := c.pulls[assign[j]][:n]
		for i, g := range c.gram[j][:n] { // as of i and j: the matrix is symmetric
			sums[i] += float64(w * g)
		}
	}
}

// lengths returns the lengths of clusters that were pulled.
func (c *Cutter) lengths(assign *assignment, k int) (out lengths) {
	for i, w := range c.weight {
		of := assign[i]
		out[of] += float64(w * c.pulls[of][i])
	}
	for of, square := range out[:k] {
		out[of] = math.Sqrt(max(square, 0))
	}
	return out
}

// sum returns R(k) of the clusters' lengths: the weighted cosines of songs to the centre of their cluster.
func sum(l lengths) (all float64) {
	for _, x := range l {
		all += x
	}
	return all
}

// assign returns the cluster of each song, and the clusters' lengths.
func (c *Cutter) assign(k int) (assignment, lengths) {
	var assign assignment
	starts := c.starts(k)
	for i := range c.songs {
		row := &c.gram[i]
		for of, s := range starts[:k] {
			if row[s] > row[starts[assign[i]]] {
				assign[i] = uint8(of)
			}
		}
	}
	for range clusterSteps {
		c.pull(&assign, k)
		lengths, next := c.lengths(&assign, k), assign
		for i := range c.songs {
			best := math.Inf(-1)
			for of, l := range lengths[:k] {
				if cosine := c.pulls[of][i] / l; l > 0 && cosine > best {
					best, next[i] = cosine, uint8(of)
				}
			}
		}
		if next == assign {
			return assign, lengths
		}
		assign = next
	}
	c.pull(&assign, k)
	return assign, c.lengths(&assign, k)
}

// starts returns k songs: the heaviest, then whichever is least like those before, by weight.
func (c *Cutter) starts(k int) (starts [MaxClusters]int) {
	for i, w := range c.weight {
		if w > c.weight[starts[0]] {
			starts[0] = i
		}
	}
	for at := 1; at < k; at++ {
		best, far := 0, -1.0
		for i, w := range c.weight {
			near := -1.0
			for _, s := range starts[:at] {
				near = max(near, c.gram[i][s])
			}
			if d := w * (1 - near); d > far {
				best, far = i, d
			}
		}
		starts[at] = best
	}
	return starts
}

// sound reports whether every cluster has enough songs and weight to be called one.
func (c *Cutter) sound(assign *assignment, k int) bool {
	var songs [MaxClusters]int
	var weight [MaxClusters]float64
	for i, w := range c.weight {
		songs[assign[i]]++
		weight[assign[i]] += w
	}
	return slices.Min(songs[:k]) >= minSongs && slices.Min(weight[:k]) >= minShare*c.total
}

func (c *Cutter) clusters(assign *assignment) []Cluster {
	c.found, c.sums = c.found[:0], slices.Grow(c.sums[:0], MaxClusters*c.dim)
	for of := range slices.Max(assign[:len(c.songs)]) + 1 {
		c.members = c.members[:0]
		weight := 0.0
		for i, s := range c.songs {
			if assign[i] == of {
				c.members = append(c.members, s)
				weight += c.weight[i]
			}
		}
		at := len(c.sums)
		if c.sums = c.mean.Append(c.sums, c.members, c.vectors, c.dim); len(c.sums) > at {
			c.found = append(c.found, Cluster{float32(weight / c.total), c.sums[at:]})
		}
	}
	slices.SortStableFunc(c.found, func(a, b Cluster) int { return cmp.Compare(b.Weight, a.Weight) })
	return c.found
}
