// Package metrics holds the measures of a ranked list against hidden songs and of a list by itself, and paired intervals
// over cases.
//
//	metrics.go    nDCG, recall, R-precision, R-precision with artist credit, reciprocal rank, clicks
//	hide.go       which songs of a playlist are given and which are to be found
//	list.go       novelty, popularity lift, artist entropy, distance within a list; coverage and Gini of all lists
//	interval.go   means, paired differences and ratios with 95 % bounds by the normal distribution
//	bootstrap.go  the same by resampling cases, for means, ratios and pooled shares
//
// Ranks count from 1; h_r = 1 if the song at rank r is hidden. Every measure is a pure function of one case.
package metrics

import "math"

// NoClick is the value of Clicks when no hidden song is among the first 500.
const NoClick = 51

// clickDepth is how far a listener is imagined to page, clickPage how many songs a page shows.
const (
	clickDepth = 500
	clickPage  = 10
)

// Hits returns h: whether each ranked song is hidden. hidden holds each song once, in any order.
func Hits(ranked, hidden []int32) []bool {
	in := make(map[int32]bool, len(hidden))
	var maybe [16]uint64 // a bit for the end of every hidden song: most ranked ones have another, and are not looked for
	for _, s := range hidden {
		in[s] = true
		maybe[s>>6&15] |= 1 << (s & 63)
	}
	hits := make([]bool, len(ranked))
	for r, s := range ranked {
		hits[r] = maybe[s>>6&15]>>(s&63)&1 != 0 && in[s]
	}
	return hits
}

// NDCG returns Σ_{r≤k} h_r / log2(r+1) over the same sum of a perfect list, in [0,1]; hidden ≥ 1 is the number of hidden songs.
func NDCG(hits []bool, hidden, k int) float64 {
	var gain, ideal float64
	for r := range min(k, max(len(hits), hidden)) {
		d := 1 / math.Log2(float64(r+2))
		if r < len(hits) && hits[r] {
			gain += d
		}
		if r < hidden {
			ideal += d
		}
	}
	return gain / ideal
}

// Recall returns the hits in the first k over the number of hidden songs.
func Recall(hits []bool, hidden, k int) float64 {
	return float64(count(hits, k)) / float64(hidden)
}

// RPrecision returns the hits in the first |G| over |G|, G the hidden songs.
func RPrecision(hits []bool, hidden int) float64 { return Recall(hits, hidden, hidden) }

// ArtistRPrecision is RPrecision with a quarter for a miss whose artist is one of a hidden song and was not credited
// before in this case; a hit does not use up its artist's credit. artist holds the first artist of each song, -1 = unknown.
func ArtistRPrecision(ranked, hidden, artist []int32) float64 {
	in := make(map[int32]bool, len(hidden))
	credit := make(map[int32]bool, len(hidden))
	for _, s := range hidden {
		in[s] = true
		if artist[s] >= 0 {
			credit[artist[s]] = true
		}
	}
	var sum float64
	for _, s := range ranked[:min(len(ranked), len(hidden))] {
		switch a := artist[s]; {
		case in[s]:
			sum++
		case a >= 0 && credit[a]:
			sum += 0.25
			credit[a] = false
		}
	}
	return sum / float64(len(hidden))
}

// Clicks returns ⌊(rank of the first hit - 1) / 10⌋, or NoClick without a hit in the first 500.
func Clicks(hits []bool) float64 {
	for r := range min(len(hits), clickDepth) {
		if hits[r] {
			return float64(r / clickPage)
		}
	}
	return NoClick
}

// ReciprocalRank returns 1 over the rank of the first hit, 0 without one.
func ReciprocalRank(hits []bool) float64 {
	for r, h := range hits {
		if h {
			return 1 / float64(r+1)
		}
	}
	return 0
}

func count(hits []bool, k int) (n int) {
	for _, h := range hits[:min(k, len(hits))] {
		if h {
			n++
		}
	}
	return n
}
