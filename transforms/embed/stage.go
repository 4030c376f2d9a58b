// Package embed turns the playlist matrix into song vectors by a truncated singular value decomposition (algo/svd).
//
//	stage.go     Stage: the phases in order
//	method.go    Params, the methods of training and what they leave
//	phases.go    the iteration as phases of work
//	files.go     references to the matrix, its scales and tall matrices in parts
//	scales.go    scalesFn: sizes and factors of the fit
//	passes.go    startFn, gatherFn, multiplyFn: one part of one pass
//	grams.go     gramFn: Gram matrices of the parts → the small matrix of the next phase
//	project.go   projectFn: one part of the vectors; extremesFn: their signs
//	vectors.go   vectorsFn: all vectors by song index
//	table.go     tableFn: one part of table song_vectors
//
// Tall matrices B [songs×l] and Y [playlists×l] are .npy files of whole blocks in scratch; Gram matrices are summed in
// blocks and pairwise, so that parts of any size give the same bits as svd.Fit.
//
// Counters: embed/fit_songs, embed/folded_songs and embed/none_songs add up to the songs; embed/columns is l;
// embed/captured_ppm_pass_N is the share of |X|² in the subspace before pass N, in millionths: it stops rising when the
// iteration has converged.
package embed

import (
	"context"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Stage returns the stage that embeds songs.
//
// In:     the matrix; table songs.
// Plan:   scales (one item); start, then Iterations times rows and cols, with orthonormal columns after each (an item a
//
//	part of B or Y); project (an item a part); vectors (one item); table (an item a file of table songs).
//
// Out:    vectors; table song_vectors, a file for every file of table songs, sorted by song_id.
// Order:  independent of the size of parts and of workers; same matrix, song ids and seed, same vectors.
// Errors: none that depend on the data: fewer songs or playlists than dimensions leave the others zero.
// Cost:   (Iterations + 1)·4·entries·l flops; a worker maps B or Y whole.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name:     "embed",
		Reads:    []string{schemas.WorkMatrixColumns, schemas.WorkMatrixRowStart, schemas.WorkMatrixRowItems, schemas.WorkMatrixColStart, schemas.WorkMatrixColItems, schemas.TableSongs, schemas.Previous(schemas.TableSongVectors)},
		Writes:   []string{schemas.WorkVectors, schemas.WorkOutVectors, schemas.TableSongVectors},
		Params:   p,
		Volatile: true,
		Run:      func(_ context.Context, sc *work.Context) error { return run(sc, p) },
	}
}

func run(sc *work.Context, p Params) error {
	m, songs, err := inputs(sc)
	if err != nil {
		return err
	}
	t := training{sc, m, songs, nil, p}
	if t.last, err = lastNight(t); err != nil {
		return err
	}
	raw, err := trainers[p.Method](t)
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
	return table(sc, songs, tableFn{Matrix: m, Fit: raw.Fit, Vectors: files.Vectors, Norms: files.Norms})
}

// table writes song_vectors, a file for every file of songs.
func table(sc *work.Context, songs []lake.FileRef, d tableFn) error {
	parts, err := work.Run(sc, "table", tableItems(songs), d, work.Collect[tablePart]{})
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
