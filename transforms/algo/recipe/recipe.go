// Package recipe trains vectors and neighbour lists from playlists in memory: the stages matrix, embed and neighbours as
// one function, for experiments and evaluations that train many times.
//
//	recipe.go   Params, Train, Model
//	vectors.go  vectors by either method, and lists by them
//
// It composes the same functions as the stages, so the same playlists in the same order give the same numbers, except for
// the pseudo-random start, which a stage takes from song ids and Train from song numbers.
package recipe

import (
	"errors"
	"fmt"
	"slices"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/cooc"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/sgns"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// Params holds the parameters of the three steps.
type Params struct {
	Embed      svd.Params
	SGNS       *sgns.Params // skip-grams of Embed.Dim numbers instead of a decomposition; nil = none
	Cooc       cooc.Params
	Popularity float64 // g: a neighbour in n playlists scores n^g·cosine; default 0.2
	Blend      blend.Params
	Seed       uint64
}

// Default returns the parameters of a night.
func Default() Params {
	return Params{Embed: svd.Default(), Cooc: cooc.Default(), Popularity: .2, Blend: blend.Default(), Seed: 1}
}

// Validate reports every parameter out of range.
func (p Params) Validate() error {
	err := errors.Join(p.Embed.Validate(), p.Cooc.Validate(), p.Blend.Validate())
	if p.SGNS != nil {
		q := *p.SGNS
		q.Dim = p.Embed.Dim
		err = errors.Join(err, q.Validate())
	}
	return err
}

// Model is what Train yields, by song.
type Model struct {
	Dim     int
	Vectors []float32 // [songs×Dim] of length 1; zero where a song has no vector
	Out     []float32 // the same as songs to be found, of skip-grams: see sgns.Roles; nil = Vectors
	N       []int32   // playlists of each song
	Scale   blend.Scale
	Songs   int
	Fitted  int // songs that were fitted; others with a vector are projected
	k       int
	start   []int64
	ids     []int32
	scores  []float32
	entries []blend.Neighbour
}

// Neighbours returns the published list of a song, best first: songs and their blended scores.
func (m *Model) Neighbours(song int32) ([]int32, []float32) {
	ids, scores := m.Deep(song)
	n := min(m.k, len(ids))
	return ids[:n], scores[:n]
}

// Deep returns the list of a song as deep as it is kept; it shares memory with the model.
func (m *Model) Deep(song int32) ([]int32, []float32) {
	lo, hi := m.start[song], m.start[song+1]
	return m.ids[lo:hi], m.scores[lo:hi]
}

// Entries returns the list of a song as deep as it is kept, with the parts of the scores.
func (m *Model) Entries(song int32) []blend.Neighbour {
	return m.entries[m.start[song]:m.start[song+1]]
}

// Train returns vectors and neighbours of songs in [0, songs) from playlists; a song counts once a playlist.
// artist numbers the main artist of each song, -1 for unknown; nil for none known.
// Errors: none that depend on playlists; invalid parameters panic.
// Cost: see svd.Fit or sgns.Train, cooc.Rows, knn.Search; all cores.
func Train(playlists [][]int32, songs int, artist []int32, p Params) *Model {
	if err := p.Validate(); err != nil {
		panic(fmt.Sprintf("recipe.Train: %v", err))
	}
	p.Cooc.Depth = p.Blend.Deep
	m := csr.Build([]csr.Matrix{csr.FromLists(playlists)}, songs)
	out := &Model{Dim: p.Embed.Dim, Songs: songs, k: p.Blend.Published(len(m.Columns)), N: make([]int32, songs)}
	for c, s := range m.Columns {
		out.N[s] = int32(len(m.Cols.Row(c)))
	}
	out.embed(m, p)
	out.neighbours(m, artist, p)
	return out
}

// pair holds the two lists of a song.
type pair struct{ cooc, emb []topk.Entry }

func (m *Model) neighbours(lists *csr.Playlists, artist []int32, p Params) {
	pairs := make([]pair, m.Songs)
	blocks := make([]blend.Maxima, blend.Blocks(m.Songs))
	column := csr.ColumnOf(lists.Columns, m.Songs)
	model := cooc.NewModel(lists.Rows, lists.Counts(), p.Cooc, p.Seed)
	near := m.near(p)
	vec.Each(len(blocks), func(b int) {
		rows := cooc.NewRows(model, lists.Cols, lists.Columns, p.Cooc)
		lo, hi := blend.Block(b, m.Songs)
		for i := lo; i < hi; i++ {
			pairs[i].emb = near[i]
			if m.N[i] > 0 {
				pairs[i].cooc = append([]topk.Entry(nil), rows.List(int(column[i]))...)
			}
			blocks[b].Add(pairs[i].cooc, pairs[i].emb)
		}
	})
	m.Scale = blend.NewScale(blocks)
	tags := make(blend.Songs, m.Songs)
	for i := range tags {
		tags[i] = blend.Tag{Artist: -1, Group: int32(i)}
		if artist != nil {
			tags[i].Artist = artist[i]
		}
	}
	joined := make([][]blend.Neighbour, m.Songs)
	vec.Each(len(blocks), func(b int) {
		joiner := blend.Joiner{Scale: m.Scale, Songs: tags, Params: p.Blend}
		lo, hi := blend.Block(b, m.Songs)
		for i := lo; i < hi; i++ {
			joined[i] = slices.Clone(joiner.List(int32(i), pairs[i].cooc, pairs[i].emb))
		}
	})
	m.keep(joined)
}

func (m *Model) keep(joined [][]blend.Neighbour) {
	m.start = make([]int64, 1, m.Songs+1)
	for _, list := range joined {
		m.entries = append(m.entries, list...)
		for _, n := range list {
			m.ids = append(m.ids, n.ID)
			m.scores = append(m.scores, n.Score)
		}
		m.start = append(m.start, int64(len(m.ids)))
	}
}
