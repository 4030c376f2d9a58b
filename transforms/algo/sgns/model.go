package sgns

import (
	"context"
	"fmt"

	"segue/transforms/algo/csr"
)

// Model is what Train yields, by song.
type Model struct {
	Dim int
	In  []float32 // [songs×Dim] a song as the one we start from; zero for a song in no trained playlist
	Out []float32 // [songs×Dim] a song as the one to be found; its length carries meaning too
}

// Input is what Train learns from. Only songs below Songs are trained; others in the playlists are skipped.
type Input struct {
	Playlists csr.Matrix
	Counts    []int32  // playlists of each song
	Keys      []uint64 // a random number a song, from its id and the seed: start of its vector, and its block
	Seed      uint64   // of shuffles, windows and negatives
	Racing    bool     // the racing mode: faster, and not repeatable
}

// Train embeds songs: len(in.Keys) of them, ordered by playlists falling.
//
// Out:    vectors of every song; the deterministic mode gives the same bytes on any number of cores.
// Errors: parameters out of range; the context ended.
// Cost:   about entries·Epochs·2·Window·(Negatives+1)·Dim·6/2 flops on all cores; memory 8·songs·128 bytes twice, and up to
//
//	200 MB of pairs in the deterministic mode.
func Train(ctx context.Context, in Input, p Params) (*Model, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("train sgns: %w", err)
	}
	if len(in.Counts) != len(in.Keys) {
		return nil, fmt.Errorf("train sgns: %d counts for %d songs", len(in.Counts), len(in.Keys))
	}
	t := newTraining(in, p)
	if len(in.Keys) >= 2 {
		run := t.blocks
		if in.Racing {
			run = t.race
		}
		if err := run(ctx); err != nil {
			return nil, fmt.Errorf("train sgns: %w", err)
		}
	}
	return t.model(), nil
}

// training is the state of a run: the matrices by row of the layout, padded to width.
type training struct {
	Input
	p       Params
	layout  *layout
	width   int
	in, out []float32
	keep    []float32 // by song: probability that an entry is kept; nil = 1
	noise   []noise   // by block, of places in the block
}

func newTraining(in Input, p Params) *training {
	blocks := 1
	if !in.Racing {
		blocks = blocksFor(len(in.Keys))
	}
	t := &training{Input: in, p: p, layout: newLayout(in.Keys, blocks), width: padded(p.Dim)}
	rows := len(t.layout.song)
	t.in, t.out = make([]float32, rows*t.width), make([]float32, rows*t.width)
	for song, row := range t.layout.row {
		r := newRandom(in.Keys[song], 0)
		for k := range p.Dim {
			t.in[int(row)*t.width+k] = (float32(r.next()>>40)/(1<<24) - .5) / float32(p.Dim)
		}
	}
	t.thin()
	for b := range blocks {
		var counts []int32
		for _, song := range t.layout.song[b*t.layout.size : (b+1)*t.layout.size] {
			if song >= 0 {
				counts = append(counts, max(in.Counts[song], 1))
			}
		}
		t.noise = append(t.noise, newNoise(counts, p.Exponent))
	}
	return t
}

// model returns the vectors by song. A song in no playlist keeps no vector.
func (t *training) model() *Model {
	d := t.p.Dim
	m := &Model{Dim: d, In: make([]float32, len(t.Keys)*d), Out: make([]float32, len(t.Keys)*d)}
	for song, row := range t.layout.row {
		if t.Counts[song] > 0 {
			copy(m.In[song*d:(song+1)*d], t.in[int(row)*t.width:])
			copy(m.Out[song*d:(song+1)*d], t.out[int(row)*t.width:])
		}
	}
	return m
}
