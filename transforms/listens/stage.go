// Package listens condenses plays to what each listener did with each song on each day: working data listens.
//
//	stage.go  Params, Stage: plan and counters
//	book.go   bookFn: the plays of one file → its listens
//
// Item: one file of clean_plays. Reference: one file of transforms/io/listenio in work/listens/books.
// Preferences, charts, profiles and lists read days and songs, not instants: they read listens, not plays.
//
// Counters: listens/events (of any kind), listens/unknown_time (plays without local time), listens/rows (listeners × days).
package listens

import (
	"context"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Stage returns the stage that makes listens.
//
// In:     clean_plays, table songs. Without plays there are no listens.
// Out:    listens, one file a file of clean_plays, in their order.
// Order:  a file depends on its plays alone, and every sum in it is an integer.
// Cost:   linear in plays, most of it decoding (make bench-aggregates); memory: one file's listens and the ids of all songs.
func Stage() work.Stage {
	return work.Stage{
		Name:   "listens",
		Reads:  []string{schemas.WorkPlays, schemas.TableSongs},
		Writes: []string{schemas.WorkListens},
		Run:    run,
	}
}

func run(_ context.Context, sc *work.Context) error {
	defer idCache.Drop()
	if !sc.Has(schemas.WorkPlays) || !sc.Has(schemas.TableSongs) {
		return nil
	}
	plays, err := sc.Input(schemas.WorkPlays)
	if err != nil {
		return err
	}
	songs, err := sc.Input(schemas.TableSongs)
	if err != nil {
		return err
	}
	items := make([]file, len(plays))
	for i, ref := range plays {
		items[i] = file{Number: i, Plays: ref}
	}
	books, err := work.Run(sc, "books", items, bookFn{Songs: songs}, work.Collect[book]{})
	if err != nil {
		return err
	}
	for _, b := range books {
		sc.Output(schemas.WorkListens, b[0].Listens)
		sc.Count("listens/events", b[0].Events)
		sc.Count("listens/unknown_time", b[0].UnknownTime)
		sc.Count("listens/rows", b[0].Days)
	}
	return nil
}

// file is one work item.
type file struct {
	Number int
	Plays  lake.FileRef
}

// book is the listens of one file.
type book struct {
	Listens     lake.FileRef
	Days        int64 // of listeners
	Events      int64
	UnknownTime int64
}
