package metrics

import (
	"maps"
	"math"
	"slices"
)

// Novelty returns the mean of -log2(n_j / playlists) over the first k songs, in bits: how surprising a song is to somebody
// who hears playlists at random. n holds the playlists of each song; a song in none counts as in one. 0 for an empty list.
//
// Source: Vargas, Castells (2011), "Rank and relevance in novelty and diversity metrics", without rank discount.
func Novelty(ranked []int32, n []float64, playlists float64, k int) float64 {
	first := ranked[:min(k, len(ranked))]
	if len(first) == 0 {
		return 0
	}
	var bits float64
	for _, s := range first {
		bits -= math.Log2(max(n[s], 1) / playlists)
	}
	return bits / float64(len(first))
}

// PopularityLift returns the mean n of the first k songs over the mean n of the seeds, minus 1: 0 = as popular as what the
// listener chose, 1 = twice as popular. 0 where either is empty or the seeds are in no playlist.
//
// Source: Abdollahpouri et al. (2020), "The connection between popularity bias, calibration, and fairness", eq. 2.
func PopularityLift(ranked, seeds []int32, n []float64, k int) float64 {
	first := ranked[:min(k, len(ranked))]
	base := meanOf(seeds, n)
	if len(first) == 0 || base == 0 {
		return 0
	}
	return meanOf(first, n)/base - 1
}

func meanOf(songs []int32, n []float64) float64 {
	var sum float64
	for _, s := range songs {
		sum += n[s]
	}
	return sum / max(float64(len(songs)), 1)
}

// ArtistEntropy returns the Shannon entropy of the first artists of the first k songs, in bits: 0 = one artist, log2 k = all
// different. Songs of unknown artist (-1) are left out.
func ArtistEntropy(ranked, artist []int32, k int) float64 {
	counts, all := map[int32]float64{}, 0.0
	for _, s := range ranked[:min(k, len(ranked))] {
		if a := artist[s]; a >= 0 {
			counts[a]++
			all++
		}
	}
	var bits float64
	for _, c := range slices.Sorted(maps.Values(counts)) { // a fixed order of the sum
		bits -= c / all * math.Log2(c/all)
	}
	return bits
}

// Distance returns the mean of 1 - cosine over all pairs of the first k songs: the diversity within a list. vectors holds
// unit vectors, one of dim numbers a song; a song whose vector is zero is left out. 0 for fewer than two songs.
//
// It follows from the length of the sum: Σ_{i≠j} u_i·u_j = |Σ u_i|² - Σ |u_i|².
// Source: Ziegler et al. (2005), "Improving recommendation lists through topic diversification". Cost: O(k·dim).
func Distance(ranked []int32, vectors []float32, dim, k int) float64 {
	total := make([]float64, dim)
	var own, songs float64
	for _, s := range ranked[:min(k, len(ranked))] {
		v := vectors[int(s)*dim : (int(s)+1)*dim]
		var square float64
		for i, x := range v {
			square += float64(x) * float64(x)
			total[i] += float64(x)
		}
		if square > 0 {
			own += square
			songs++
		}
	}
	if songs < 2 {
		return 0
	}
	var all float64
	for _, x := range total {
		all += float64(x * x)
	}
	return 1 - (all-own)/(songs*(songs-1))
}

// Coverage returns the part of the songs that were shown at all. shown counts how often each song was.
func Coverage(shown []int64) float64 {
	n := 0
	for _, c := range shown {
		if c > 0 {
			n++
		}
	}
	return float64(n) / max(float64(len(shown)), 1)
}

// Gini returns the Gini coefficient of how often songs were shown, those never shown included, in [0,1): 0 = all alike,
// near 1 = few songs have everything. 0 when nothing was shown.
//
// With x ascending: Σ_i (2i - n - 1)·x_i / (n·Σ x).
func Gini(shown []int64) float64 {
	x := slices.Sorted(slices.Values(shown))
	n := len(x)
	var weighted, all float64
	for i, c := range x {
		weighted += float64(2*(i+1)-n-1) * float64(c)
		all += float64(c)
	}
	if all == 0 {
		return 0
	}
	return weighted / (float64(n) * all)
}
