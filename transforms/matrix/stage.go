// Package matrix turns training playlists into the sparse playlist × song matrix, by rows and by columns.
//
//	stage.go      Params, Stage: plan
//	lists.go      listsFn: one file of playlists or sessions → its lists of songs
//	ids.go        the ids of table songs, to find songs of sessions
//	assemble.go   assembleFn: all lists → the matrix
//
// With no playlists, listening sessions of at least MinSessionSongs different songs serve as playlists.
//
// Counters: matrix/playlists, matrix/songs, matrix/entries of the matrix; left out are matrix/held_out playlists,
// matrix/empty ones, and matrix/short_sessions. Playlists read = playlists + held_out + empty + short_sessions.
package matrix

import (
	"context"
	"fmt"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// MinSessionSongs is how many different songs make a session a playlist.
const MinSessionSongs = 3

// Params decides what serves as a playlist.
type Params struct {
	SessionsAsPlaylists bool `json:"sessions_as_playlists"` // with no playlists, train on listening sessions; default true
}

// Default returns the parameters that need no thought.
func Default() Params { return Params{SessionsAsPlaylists: true} }

// Validate reports nothing: every value makes sense.
func (Params) Validate() error { return nil }

// Stage returns the stage that builds the matrix.
//
// In:     clean_playlists, or sessions when there are none; table songs.
// Plan:   phase lists, an item a file; phase assemble, one item.
// Out:    matrix_columns, matrix_row_start, matrix_row_items, matrix_col_start, matrix_col_items, one file each.
// Order:  rows follow the files and the playlists in them; columns by playlists falling, then song.
// Errors: a playlist that names a song beyond table songs.
// Cost:   linear in entries; phase assemble needs 8 bytes an entry and some 32 bytes a song.
func Stage(p Params) work.Stage {
	return work.Stage{
		Name:   "matrix",
		Reads:  []string{schemas.WorkPlaylists, schemas.TableSessions, schemas.TableSongs},
		Writes: []string{schemas.WorkMatrixColumns, schemas.WorkMatrixRowStart, schemas.WorkMatrixRowItems, schemas.WorkMatrixColStart, schemas.WorkMatrixColItems},
		Params: p, Volatile: true,
		Run: func(_ context.Context, sc *work.Context) error { return run(sc, p) },
	}
}

func run(sc *work.Context, p Params) error {
	songs, err := files(sc, schemas.TableSongs)
	if err != nil {
		return err
	}
	items, sessions, err := plan(sc, p)
	if err != nil {
		return err
	}
	results, err := work.Run(sc, "lists", items, listsFn{Sessions: sessions, SongFiles: songs}, work.Collect[part]{})
	if err != nil {
		return err
	}
	all := assembleItem{Songs: rows(songs)}
	for _, r := range results {
		for _, q := range r {
			all.Parts = append(all.Parts, q)
			sc.Count("matrix/held_out", q.HeldOut)
			sc.Count("matrix/empty", q.Empty)
			sc.Count("matrix/short_sessions", q.Short)
		}
	}
	built, err := work.Run(sc, "assemble", []assembleItem{all}, assembleFn{}, work.Collect[built]{})
	if err != nil {
		return err
	}
	publish(sc, built[0][0])
	return nil
}

// plan returns one item a file, and whether the files hold sessions.
func plan(sc *work.Context, p Params) (items []fileItem, sessions bool, err error) {
	refs, err := files(sc, schemas.WorkPlaylists)
	if err != nil {
		return nil, false, err
	}
	if rows(refs) == 0 && p.SessionsAsPlaylists {
		sessions = true
		if refs, err = files(sc, schemas.TableSessions); err != nil {
			return nil, false, err
		}
	}
	for i, f := range refs {
		items = append(items, fileItem{Name: fmt.Sprintf("lists-%05d", i), File: f})
	}
	return items, sessions, nil
}

func publish(sc *work.Context, b built) {
	sc.Output(schemas.WorkMatrixColumns, b.Columns)
	sc.Output(schemas.WorkMatrixRowStart, b.RowStart)
	sc.Output(schemas.WorkMatrixRowItems, b.RowItems)
	sc.Output(schemas.WorkMatrixColStart, b.ColStart)
	sc.Output(schemas.WorkMatrixColItems, b.ColItems)
	sc.Count("matrix/playlists", b.RowStart.Rows-1)
	sc.Count("matrix/songs", b.Columns.Rows)
	sc.Count("matrix/entries", b.RowItems.Rows)
}

// files returns the files of an input; none when no stage wrote it.
func files(sc *work.Context, name string) ([]lake.FileRef, error) {
	if !sc.Has(name) {
		return nil, nil
	}
	return sc.Input(name)
}

func rows(refs []lake.FileRef) int64 {
	var n int64
	for _, f := range refs {
		n += f.Rows
	}
	return n
}
