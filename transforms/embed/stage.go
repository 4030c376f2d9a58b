// Package embed turns the playlist matrix into song vectors: by a truncated singular value decomposition (algo/svd) or by
// skip-grams (algo/sgns); turned to last night's space (algo/align), so that stored vectors stay comparable.
//
//	stage.go     Stage: the phases in order
//	method.go    Params, the methods of training and what they leave
//	previous.go  previousFn: last night's vectors of tonight's songs
//	fit.go       fitFn: the decomposition in one process
//	phases.go    the decomposition as phases of work over parts, for workers that share no disk
//	scales.go    scalesFn: sizes and factors of the fit
//	passes.go    startFn, gatherFn, multiplyFn: one part of one pass
//	grams.go     gramFn: Gram matrices of the parts → the small matrix of the next phase
//	project.go   projectFn: one part of the vectors
//	sgns.go      sgnsFn: skip-grams in one process
//	files.go     references to the matrix and to tall matrices in parts
//	keep.go      last night's vectors in place of trained ones
//	vectors.go   vectorsFn: all vectors by song index, turned and of length 1
//	turn.go      turn: the rotation to last night's space, or signs
//	health.go    health: what the night tells of its space
//	table.go     tableFn: one part of table song_vectors
//
// Counters: embed/fit_songs, embed/folded_songs and embed/none_songs add up to the songs; embed/dead_songs are in a playlist
// and have no vector. Of the decomposition: embed/columns is l; embed/warm is 1 when it started from last night's vectors, of which
// embed/passes tells whether they were near; pass N: embed/captured_ppm_pass_N, the share of |X|² in the subspace before it,
// rises to the best; embed/change_ppm_pass_N, the share of |X'XQ|² outside the subspace Q, falls, and 0 is an exact one;
// embed/share_ppm is the share of |X|² that the vectors hold. Of last night: embed/common_songs, embed/changed_ppm of the
// catalogue; embed/kept_songs, whose vectors stand in for trained ones; embed/aligned_songs, their cosine to last night embed/cosine_ppm_median and embed/cosine_ppm_p01, and
// embed/unaligned_cosine_ppm_median, what it were without the rotation. embed/norm_popularity_ppm correlates the logarithms of
// a vector's length before it became 1 and its playlists.
package embed

import (
	"context"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Stage returns the stage that embeds songs.
//
// In:     the matrix; table songs; table song_vectors of last night.
// Plan:   previous, when there was a night (one item); the method: svd in phase fit (one item, which uses all cores), or where
//
//	workers share no disk in phases scales, start, then rows and cols for every pass, orth, rows, project (an item a
//	part of B or Y), sgns in phase sgns (one item); vectors (one item); table (an item a file of table songs).
//
// Out:    vectors; out_vectors of methods that have them; table song_vectors, a file for every file of table songs, sorted by song_id.
// Order:  independent of the size of parts and of workers; same matrix, song ids, last night and seed, same vectors.
// Errors: none that depend on the data: fewer songs or playlists than dimensions leave the others zero; last night's
//
//	vectors of other dimensions, or of other songs, are as none.
//
// Cost:   svd: (2·passes + 1)·2·entries·l flops at the speed of memory, in one process 4·l·(playlists + songs) bytes.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name:     "embed",
		Reads:    []string{schemas.WorkMatrixColumns, schemas.WorkMatrixRowStart, schemas.WorkMatrixRowItems, schemas.WorkMatrixColStart, schemas.WorkMatrixColItems, schemas.TableSongs, schemas.Previous(schemas.TableSongVectors)},
		Writes:   []string{schemas.WorkVectors, schemas.WorkOutVectors, schemas.TableSongVectors},
		Params:   p,
		Volatile: true,
		Run:      func(ctx context.Context, sc *work.Context) error { return run(ctx, sc, p) },
	}
}

func run(ctx context.Context, sc *work.Context, p Params) error {
	m, songs, err := inputs(sc)
	if err != nil {
		return err
	}
	t := training{sc, m, songs, nil, p}
	if t.last, err = lastNight(t); err != nil {
		return err
	}
	raw, err := train(ctx, t)
	if err != nil {
		return err
	}
	all := vectorsItem{Songs: rows(songs), Raw: raw, Last: t.last}
	made, err := work.Run(sc, "vectors", []vectorsItem{all}, vectorsFn{m}, work.Collect[vectorFiles]{})
	if err != nil {
		return err
	}
	files := made[0][0]
	sc.Output(schemas.WorkVectors, files.Vectors)
	if files.Out.Key != "" {
		sc.Output(schemas.WorkOutVectors, files.Out)
	}
	files.Health.count(sc)
	return table(ctx, sc, songs, tableFn{Matrix: m, Fit: raw.Fit, Vectors: files.Vectors, Norms: files.Norms})
}

// table writes song_vectors, a file for every row group of songs.
func table(ctx context.Context, sc *work.Context, songs []lake.FileRef, d tableFn) error {
	items, err := tableItems(ctx, sc.Env().Lake, songs)
	if err != nil {
		return err
	}
	parts, err := work.Run(sc, "table", items, d, work.Collect[tablePart]{})
	if err != nil {
		return err
	}
	for _, r := range parts {
		for _, q := range r {
			sc.Output(schemas.TableSongVectors, q.File)
			sc.Count("embed/fit_songs", q.Fit)
			sc.Count("embed/folded_songs", q.Folded)
			sc.Count("embed/none_songs", q.None)
		}
	}
	return nil
}
