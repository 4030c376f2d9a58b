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

// Clusters cuts a listener's songs of positive weight into at most MaxClusters groups of like songs, weight falling; nil when
// no song has a vector.
//
// In:     songs in any order, fastest as of Favourites; vectors [S × dim] row-major of unit length, zero rows where a song has none.
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
	best := make([]int, len(c.songs))
	before := c.total - sum(c.lengths(best, 1, c.pull(best, 1)))
	most := before
	for k := 2; k <= MaxClusters && before > 1e-9*c.total; k++ {
		assign, lengths := c.assign(k)
		left := c.total - sum(lengths)
		most *= 1 - minGain
		if left <= most && left <= (1-minStep)*before && c.sound(assign, k) {
			best = assign
		}
		before = left
	}
	return c.clusters(best)
}

// Cutter cuts one listener after the other and uses its memory again; the zero value is ready. Not safe for concurrent use.
type Cutter struct {
	songs   []Weight
	vectors []float32
	dim     int
	gram    []float64 // [n × n]
	weight  []float64
	total   float64
	pulls   []float64 // of pull
	members []Weight  // of one cluster
	mean    Mean
}

// load takes the songs of the next listener.
func (c *Cutter) load(songs []Weight, vectors []float32, dim int) {
	c.vectors, c.dim, c.songs, c.total = vectors, dim, c.songs[:0], 0
	if dim == 0 {
		return
	}
	if !slices.IsSortedFunc(songs, heaviest) {
		songs = Favourites(songs, len(songs))
	}
	for _, s := range songs {
		if len(c.songs) == clusterSongs || s.Weight <= 0 {
			break
		}
		if v := c.vector(s.Song); slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) {
			c.songs = append(c.songs, s)
		}
	}
	slices.SortFunc(c.songs, func(a, b Weight) int { return cmp.Compare(a.Song, b.Song) })
	n := len(c.songs)
	c.gram, c.weight = slices.Grow(c.gram[:0], n*n)[:n*n], slices.Grow(c.weight[:0], n)[:n]
	for i, s := range c.songs {
		c.weight[i] = float64(s.Weight)
		c.total += c.weight[i]
		for j := range i + 1 {
			g := float64(simd.Dot(c.vector(s.Song), c.vector(c.songs[j].Song)))
			c.gram[i*n+j], c.gram[j*n+i] = g, g
		}
	}
}

func (c *Cutter) vector(song int32) []float32 {
	return c.vectors[int(song)*c.dim : (int(song)+1)*c.dim]
}

// pull returns Σ over the songs j of a cluster of weight·(x_i·x_j), for each cluster and song i, [k × n]; good until the next call.
func (c *Cutter) pull(assign []int, k int) []float64 {
	n := len(c.songs)
	out := slices.Grow(c.pulls[:0], n*k)[:n*k]
	clear(out)
	c.pulls = out
	for j, of := range assign {
		w, sums := c.weight[j], out[of*n:(of+1)*n]
		for i, g := range c.gram[j*n : (j+1)*n] { // as of i and j: the matrix is symmetric
			sums[i] += float64(w * g)
		}
	}
	return out
}

// lengths returns |Σ weight·x| of each cluster.
func (c *Cutter) lengths(assign []int, k int, pull []float64) []float64 {
	out := make([]float64, k)
	for i, of := range assign {
		out[of] += float64(c.weight[i] * pull[of*len(assign)+i])
	}
	for of, square := range out {
		out[of] = math.Sqrt(max(square, 0))
	}
	return out
}

// sum returns R(k) of the clusters' lengths: the weighted cosines of songs to the centre of their cluster.
func sum(lengths []float64) (all float64) {
	for _, l := range lengths {
		all += l
	}
	return all
}

// assign returns the cluster of each song, and the clusters' lengths.
func (c *Cutter) assign(k int) ([]int, []float64) {
	n := len(c.songs)
	starts := c.starts(k)
	assign := make([]int, n)
	for i := range assign {
		for of, s := range starts {
			if c.gram[i*n+s] > c.gram[i*n+starts[assign[i]]] {
				assign[i] = of
			}
		}
	}
	next := make([]int, n)
	for range clusterSteps {
		pull := c.pull(assign, k)
		lengths := c.lengths(assign, k, pull)
		copy(next, assign)
		for i := range next {
			best := math.Inf(-1)
			for of, l := range lengths {
				if cosine := pull[of*n+i] / l; l > 0 && cosine > best {
					best, next[i] = cosine, of
				}
			}
		}
		if slices.Equal(next, assign) {
			return assign, lengths
		}
		assign, next = next, assign
	}
	return assign, c.lengths(assign, k, c.pull(assign, k))
}

// starts returns k songs: the heaviest, then whichever is least like those before, by weight.
func (c *Cutter) starts(k int) []int {
	n := len(c.songs)
	starts := []int{0}
	for i, w := range c.weight {
		if w > c.weight[starts[0]] {
			starts[0] = i
		}
	}
	for len(starts) < k {
		best, far := 0, -1.0
		for i := range n {
			near := -1.0
			for _, s := range starts {
				near = max(near, c.gram[i*n+s])
			}
			if d := c.weight[i] * (1 - near); d > far {
				best, far = i, d
			}
		}
		starts = append(starts, best)
	}
	return starts
}

// sound reports whether every cluster has enough songs and weight to be called one.
func (c *Cutter) sound(assign []int, k int) bool {
	songs, weight := make([]int, k), make([]float64, k)
	for i, of := range assign {
		songs[of]++
		weight[of] += c.weight[i]
	}
	return slices.Min(songs) >= minSongs && slices.Min(weight) >= minShare*c.total
}

func (c *Cutter) clusters(assign []int) []Cluster {
	k := slices.Max(assign) + 1
	out := make([]Cluster, 0, k)
	for of := range k {
		c.members = c.members[:0]
		weight := 0.0
		for i, s := range c.songs {
			if assign[i] == of {
				c.members = append(c.members, s)
				weight += c.weight[i]
			}
		}
		if v := c.mean.Vector(c.members, c.vectors, c.dim); v != nil {
			out = append(out, Cluster{float32(weight / c.total), v})
		}
	}
	slices.SortStableFunc(out, func(a, b Cluster) int { return cmp.Compare(b.Weight, a.Weight) })
	return out
}
