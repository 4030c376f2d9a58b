// Package mood finds the moods of songs: as tagged, from the titles of playlists they are in, from their neighbours.
//
//	title.go  Title: the lexicon
//	mood.go   Label, FromTitles, Spread
//
// Every mood has a confidence: 1 for a tag, else about the chance that it is right, which the tests hold against labels
// that were hidden.
package mood

import (
	"slices"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/vec"
)

// Sources of a mood, most trusted first.
const (
	Tag        = "tag"
	PlayTitle  = "title"
	Neighbours = "neighbours"
)

// Label is a mood of a song with where it comes from.
type Label struct {
	Mood       int32
	Source     string
	Confidence float64 // (0,1]
}

// prior is how many titles, or neighbours of full weight, a song's own evidence is weighed against.
const prior = 2

// shares returns the posterior shares (votes + prior·base)/(Σ votes + prior) of all moods.
func shares(votes, base []float64) []float64 {
	total := float64(prior)
	for _, v := range votes {
		total += v
	}
	out := make([]float64, len(votes))
	for m, v := range votes {
		out[m] = (v + prior*base[m]) / total
	}
	return out
}

// best returns the largest share, of equal ones the first.
func best(shares []float64) (mood int32, share float64) {
	mood = int32(slices.Index(shares, slices.Max(shares)))
	return mood, shares[mood]
}

// FromTitles returns the mood of a song that was in playlists of these moods, counts by mood, when its share among them,
// shrunk to base by two titles, is at least least. ok is false with fewer than two titles: one list is one opinion.
func FromTitles(counts, base []float64, least float64) (l Label, ok bool) {
	titles := 0.0
	for _, n := range counts {
		titles += n
	}
	m, share := best(shares(counts, base))
	return Label{m, PlayTitle, share}, titles >= 2 && share >= least
}

// Graph holds the neighbours of songs, with scores > 0.
type Graph blend.Lists

// Spread gives songs without a label that of their neighbours, and returns how many got one: sweeps over all songs, in
// each of which the songs labelled before vote.
//
// A neighbour votes with its score, over the best score of the list, times its confidence, its vote divided among its
// moods. Shares are shrunk to base by two votes; a share of at least least makes a label, with the share as confidence.
// Labels made in a sweep vote from the next one on, so the order of songs changes nothing. A k-nearest-neighbour form of
// label propagation (Zhu & Ghahramani 2002) that stops early and never changes a given label.
//
// Cost: sweeps × entries of the graph, on all cores.
func Spread(g Graph, labels [][]Label, base []float64, sweeps int, least float64) int {
	found := 0
	parts := make([]made, vec.Blocks(len(labels)))
	for range sweeps {
		vec.Each(len(parts), func(p int) {
			lo, hi := vec.Block(p, len(labels))
			parts[p] = g.sweep(lo, hi, labels, base, least)
		})
		before := found
		for _, m := range parts {
			for j, i := range m.songs {
				labels[i] = []Label{m.labels[j]}
			}
			found += len(m.songs)
		}
		if found == before {
			break
		}
	}
	return found
}

// made is the labels that a sweep gives to some songs.
type made struct {
	songs  []int32
	labels []Label
}

// sweep lets the neighbours of the songs [lo, hi) without a label vote.
func (g Graph) sweep(lo, hi int, labels [][]Label, base []float64, least float64) (m made) {
	votes := make([]float64, len(base))
	for i := lo; i < hi; i++ {
		if len(labels[i]) > 0 {
			continue
		}
		if l, ok := g.vote(i, labels, base, votes); ok && l.Confidence >= least {
			m.songs, m.labels = append(m.songs, int32(i)), append(m.labels, l)
		}
	}
	return m
}

// vote returns what the neighbours of a song say; ok is false when none has a label.
func (g Graph) vote(song int, labels [][]Label, base, votes []float64) (l Label, ok bool) {
	clear(votes)
	songs, scores := blend.Lists(g).Of(int32(song))
	top := float32(0)
	for _, s := range scores {
		top = max(top, s)
	}
	for e, near := range songs {
		of := labels[near]
		for _, x := range of {
			votes[x.Mood] += float64(scores[e]/top) * x.Confidence / float64(len(of))
			ok = ok || scores[e] > 0
		}
	}
	if !ok {
		return l, false
	}
	m, share := best(shares(votes, base))
	return Label{m, Neighbours, share}, true
}

// Base returns the share of each of n moods among the labels, with one label more of each: none is 0.
func Base(labels [][]Label, n int) []float64 {
	out, total := make([]float64, n), float64(n)
	for m := range out {
		out[m] = 1
	}
	for _, of := range labels {
		for _, l := range of {
			out[l.Mood] += 1 / float64(len(of))
			total += 1 / float64(len(of))
		}
	}
	for m := range out {
		out[m] /= total
	}
	return out
}
