package neighbours

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/knn"
	"segue/transforms/algo/sgns"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

// Ways of searching vectors.
const (
	SearchAuto  = "auto"  // exact up to exactSongs songs, cells beyond
	SearchExact = "exact" // every song meets every song
	SearchCells = "cells" // songs meet those of the nearest cells, and look further until recall, which is measured, is enough
)

const (
	exactSongs     = 100_000
	recallQueries  = 500 // songs whose exact lists are compared with those of cells
	checkedQueries = 100 // of an exact search, whose recall is 1 unless the screen of pairs is wrong: a check of it, and no estimate
	recallDepth    = 100
)

// Search decides how vectors are searched.
type Search struct {
	Search    string  `json:"search"`     // auto, exact or cells; default auto
	Probes    int     `json:"probes"`     // cells of 96 songs that a cell of songs meets before each song looks further; more take longer, and leave less to look for; default 64
	MinRecall float64 `json:"min_recall"` // recall@100 on 500 songs that lists reach by looking further, [0,1]; more take longer; default 0.99
}

func (s Search) validate() error {
	var errs []error
	if !slices.Contains([]string{SearchAuto, SearchExact, SearchCells}, s.Search) {
		errs = append(errs, fmt.Errorf("search is %q, must be %s, %s or %s", s.Search, SearchAuto, SearchExact, SearchCells))
	}
	if s.Probes < 1 {
		errs = append(errs, fmt.Errorf("probes is %d, must be at least 1", s.Probes))
	}
	if !(s.MinRecall >= 0 && s.MinRecall <= 1) {
		errs = append(errs, fmt.Errorf("min_recall is %v, must be in 0..1", s.MinRecall))
	}
	return errors.Join(errs...)
}

// near returns the cells a cell meets; 0 = all.
func (s Search) near(songs int) int {
	if s.Search == SearchExact || (s.Search == SearchAuto && songs <= exactSongs) {
		return 0
	}
	return s.Probes
}

// weight returns the factor of a song's scores in the lists of others: its playlists to the power of the popularity exponent; 0 for songs
// of fewer than MinCount, whose vectors are means over too little and lie near to each other.
func (p Params) weight(playlists []int32) []float32 {
	out := knn.Popularity(playlists, p.PopularityExponent)
	for song, n := range playlists {
		if int(n) < p.MinCount {
			out[song] = 0
		}
	}
	return out
}

// blockItem is one block of songs, [Lo, Hi).
type blockItem struct {
	Name   string
	Lo, Hi int
}

func blockItems(songs int) []blockItem {
	items := make([]blockItem, blend.Blocks(songs))
	for b := range items {
		lo, hi := blend.Block(b, songs)
		items[b] = blockItem{fmt.Sprintf("songs-%05d", b), lo, hi}
	}
	return items
}

// found refers to the lists of one block by playlists shared: list i is of song Lo+i.
type found struct {
	Lists  listFiles
	Maxima blend.Maxima
}

// searched is the lists of all songs, and how much of the exact lists they hold on a sample.
type searched struct {
	Lists        []nearFiles
	Maxima       []blend.Maxima // by block
	Hits, Wanted int64          // entries of the exact lists of the samples: found, and all
	Probes       int64          // cells that a cell met, 0 = all
	Reach        [2]float64     // how far songs that may be found, and others, looked beyond them
}

// searchFn finds the songs with vectors close to those of every song. One process searches all, since each product of two vectors then serves
// both songs, and its cores share the work.
type searchFn struct {
	Matrix matrixFiles
	Params Params
	K      int // songs a list: as many as are published
}

// all writes the lists of all songs.
func (f searchFn) all(ctx context.Context, env *work.Env) (searched, error) {
	var a npy.Arrays
	defer a.Close()
	cols := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	vectors := npy.LoadTable[float32](ctx, &a, env.Lake, f.Matrix.Vectors)
	if a.Err() != nil {
		return searched{}, a.Err()
	}
	playlists := bySong(columns, cols, vectors.Shape[0])
	p := knn.Problem{Dim: vectors.Shape[1], Base: vectors.Data}
	if f.Matrix.Out.Key == "" {
		p.Weight = f.Params.weight(playlists)
	} else { // a song is asked for by its first vector and found by its second
		out := npy.LoadTable[float32](ctx, &a, env.Lake, f.Matrix.Out).Data
		if a.Err() != nil {
			return searched{}, a.Err()
		}
		p.Queries, p.Base = sgns.Roles(vectors.Data, out, playlists, f.Params.PopularityExponent)
		p.Dim, p.Same = p.Dim+1, true
	}
	out, err := f.search(ctx, env, p, f.Matrix.songs())
	debug.FreeOSMemory() // of the index and the lists: the phases that follow map as much again
	return out, err
}

// search writes the lists of all songs: of those that may be found, each product of two vectors serves two lists; then of the others.
func (f searchFn) search(ctx context.Context, env *work.Env, p knn.Problem, songs int) (out searched, err error) {
	layout, err := knn.Arrange(p, env.Seed)
	if err != nil {
		return out, err
	}
	x, err := knn.NewIndex(p, layout, knn.Params{K: f.K, Near: f.Params.near(len(layout.Base) + len(layout.Rest))})
	if err != nil {
		return out, err
	}
	lake.DropPages() // the index holds the vectors
	w := nearWriter{env, f.stored(), slices.Repeat([]float32{float32(math.NaN())}, songs)}
	found, err := f.part(ctx, w, x, "found", &out)
	if err != nil {
		return out, err
	}
	debug.FreeOSMemory() // of the lists: the rows of the others take as much
	rest := x.Rest(p, layout)
	lake.DropPages()
	rare, err := f.part(ctx, w, rest, "rare", &out)
	if err != nil {
		return out, err
	}
	out.Probes, out.Reach = int64(found.Near()), [2]float64{found.Reach(), rare.Reach()}
	out.Maxima = maximaOf(w.largest)
	return out, nil
}

// part writes the lists of the queries of an index, in slices whose lists fit in memory, and returns it as wide as it needs to be.
func (f searchFn) part(ctx context.Context, w nearWriter, x *knn.Index, name string, out *searched) (*knn.Index, error) {
	if x.Positions() == 0 {
		return x, nil
	}
	queries := recallQueries
	if x.Near() == 0 {
		queries = checkedQueries
	}
	sample := knn.Sample(x.Positions(), queries, w.env.Seed)
	exact, err := x.Exact(ctx, sample)
	if err != nil {
		return nil, err
	}
	x = x.Widen(sample, exact, recallDepth, f.Params.MinRecall)
	hits, wanted := x.Recall(sample, exact, recallDepth)
	out.Hits, out.Wanted = out.Hits+int64(hits), out.Wanted+int64(wanted)
	each := f.slice(w.env.Memory, x)
	for lo := 0; lo < x.Positions(); lo += each {
		lists, err := x.Search(ctx, lo, min(lo+each, x.Positions()))
		if err != nil {
			return nil, err
		}
		files, err := w.write(ctx, fmt.Sprintf("%s-%09d", name, lo), lists)
		if err != nil {
			return nil, err
		}
		out.Lists = append(out.Lists, files)
	}
	return x, nil
}

// slice returns how many songs are searched at a time: lists take half of what the vectors, mapped, copied and in bytes, leave of
// the memory, at least an eighth of it. Songs of two slices meet twice, so that slices are few and alike. Songs that are in no list meet nobody
// twice: their lists take a sixteenth.
func (f searchFn) slice(memory int64, x *knn.Index) int {
	room := max(memory/16, 1)
	if x.Itself() {
		room = max((memory-x.Bytes())/2, memory/8, 1)
	}
	songs := int64(x.Positions())
	slices := max((songs*knn.ListBytes(f.K)+room-1)/room, 1)
	each := int((songs + slices - 1) / slices)
	return max((each+knn.BlockRows-1)/knn.BlockRows, 1) * knn.BlockRows
}

// stored returns what a score of the search is stored as; it rises with it.
func (f searchFn) stored() func(float32) float32 {
	if f.Matrix.Out.Key == "" {
		return func(score float32) float32 { return score }
	}
	return sgns.Score
}

// bySong returns the playlists of each song.
func bySong(columns []int32, cols csr.Matrix, songs int) []int32 {
	n := make([]int32, songs)
	for c, s := range columns {
		n[s] = int32(cols.Start[c+1] - cols.Start[c])
	}
	return n
}
