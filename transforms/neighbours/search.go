package neighbours

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"segue/transforms/algo/blend"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/knn"
	"segue/transforms/algo/sgns"
	"segue/transforms/io/npy"
	"segue/transforms/io/work"
)

func init() {
	work.Register[searchFn, work.Collect[searched], searchItem, searched, []searched]()
}

// Ways of searching vectors.
const (
	SearchAuto  = "auto"  // exact up to exactSongs songs, cells beyond
	SearchExact = "exact" // every song meets every song
	SearchCells = "cells" // songs meet those of the nearest cells; recall is measured, and probes doubled until it is enough
)

const (
	exactSongs    = 250_000
	recallQueries = 500 // songs whose exact lists are compared with those of cells
	recallDepth   = 100
)

// Search decides how vectors are searched.
type Search struct {
	Search    string  `json:"search"`     // auto, exact or cells; default auto
	Probes    int     `json:"probes"`     // cells of 96 songs that a cell of songs meets at first; more find more and take longer; default 128
	MinRecall float64 `json:"min_recall"` // recall@100 on 500 songs below which probes are doubled, [0,1]; default 0.99
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

// searchItem is all songs: one process searches all, since each product of two vectors then serves both songs, and its
// cores share the work.
type searchItem struct{ Songs int }

// searched is the lists of all songs, and how much of the exact lists they hold on a sample.
type searched struct {
	Lists             []nearFiles
	Maxima            []blend.Maxima // by block
	Hits, Wanted      int64          // entries of the exact lists of the sample: found, and all
	Probes, Doublings int64          // cells met at the end, 0 = all; how often they were doubled
}

// searchFn finds the songs with vectors close to those of every song.
type searchFn struct {
	Matrix matrixFiles
	Params Params
}

// Do writes the lists of all songs.
func (f searchFn) Do(ctx context.Context, env *work.Env, item searchItem) ([]work.Keyed[searched], error) {
	var a npy.Arrays
	defer a.Close()
	cols := loadMatrix(ctx, &a, env.Lake, f.Matrix.ColStart, f.Matrix.ColItems)
	columns := npy.Load[int32](ctx, &a, env.Lake, f.Matrix.Columns)
	vectors := npy.LoadTable[float32](ctx, &a, env.Lake, f.Matrix.Vectors)
	if a.Err() != nil {
		return nil, a.Err()
	}
	playlists := bySong(columns, cols, vectors.Shape[0])
	p := knn.Problem{Dim: vectors.Shape[1], Base: vectors.Data}
	if f.Matrix.Out.Key == "" {
		p.Weight = knn.Popularity(playlists, f.Params.PopularityExponent)
	} else { // a song is asked for by its first vector and found by its second
		out := npy.LoadTable[float32](ctx, &a, env.Lake, f.Matrix.Out).Data
		if a.Err() != nil {
			return nil, a.Err()
		}
		p.Queries, p.Base = sgns.Roles(vectors.Data, out, playlists, f.Params.PopularityExponent)
		p.Dim, p.Same = p.Dim+1, true
	}
	out, err := f.search(ctx, env, p, item.Songs)
	return []work.Keyed[searched]{{Value: out}}, err
}

// search writes the lists of all songs, when their recall is enough, in slices whose lists fit in memory.
func (f searchFn) search(ctx context.Context, env *work.Env, p knn.Problem, songs int) (out searched, err error) {
	x, err := f.index(p, env.Seed)
	if err != nil {
		return out, err
	}
	if x, err = f.widen(ctx, x, env.Seed, &out); err != nil {
		return out, err
	}
	w := nearWriter{env, f.stored(), slices.Repeat([]float32{float32(math.NaN())}, songs)}
	each := f.slice(env.Memory, x.Positions(), p.Dim)
	for lo := 0; lo < x.Positions(); lo += each {
		lists, err := x.Search(ctx, lo, min(lo+each, x.Positions()))
		if err != nil {
			return out, err
		}
		files, err := w.write(ctx, fmt.Sprintf("from-%09d", lo), lists)
		if err != nil {
			return out, err
		}
		out.Lists = append(out.Lists, files)
	}
	out.Maxima = maximaOf(w.largest)
	return out, nil
}

// slice returns how many songs are searched at a time: lists take half of what the vectors, mapped, copied and in bytes, leave of
// the memory, at least an eighth of it. Songs of two slices meet twice, so that slices are few and alike.
func (f searchFn) slice(memory int64, songs, dim int) int {
	room := max((memory-9*int64(songs)*int64(dim))/2, memory/8, 1)
	slices := (int64(songs)*knn.ListBytes(f.Params.Deep) + room - 1) / room
	each := (songs + int(max(slices, 1)) - 1) / int(max(slices, 1))
	return max((each+knn.BlockRows-1)/knn.BlockRows, 1) * knn.BlockRows
}

func (f searchFn) index(p knn.Problem, seed uint64) (*knn.Index, error) {
	layout, err := knn.Arrange(p, seed)
	if err != nil {
		return nil, err
	}
	return knn.NewIndex(p, layout, knn.Params{K: f.Params.Deep, Near: f.Params.near(len(layout.Base))})
}

// widen doubles the probes until the sample's recall is enough, and notes what it came to.
func (f searchFn) widen(ctx context.Context, x *knn.Index, seed uint64, out *searched) (*knn.Index, error) {
	sample := knn.Sample(x.Positions(), recallQueries, seed)
	wide, doublings, err := x.Widen(ctx, sample, recallDepth, f.Params.MinRecall)
	if err != nil {
		return nil, err
	}
	hits, wanted, err := wide.Recall(ctx, sample, recallDepth)
	out.Hits, out.Wanted, out.Probes, out.Doublings = int64(hits), int64(wanted), int64(wide.Near()), int64(doublings)
	return wide, err
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
