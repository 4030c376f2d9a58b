// Package listens condenses plays to what each listener did with each song on each day: working data listens.
//
//	stage.go  Stage: phases and counters
//	book.go   bookFn: the plays of one file → its listens
//	merge.go  mergeFn: the files of one user bucket → one
//
// Phases: books (item = a file of clean_plays: a user bucket of a landing folder; kept: a night counts what is new), merge (item = a
// user bucket). References: files of transforms/io/listenio.
// Preferences, charts, profiles and lists read days and songs, not instants: they read listens, not plays.
//
// Counters: listens/events (of any kind), listens/unknown_time (plays without local time), listens/rows (listeners × days).
package listens

import (
	"context"
	"slices"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// Stage returns the stage that makes listens.
//
// In:     clean_plays, clean_listeners, table songs. Without plays there are no listens.
// Out:    listens, one file a user bucket, in their order.
// Order:  the listens of a file of plays depend on it alone, and every sum is an integer: kept ones and new ones merge to what
// all plays give.
// Cost:   linear in plays, most of it decoding (make bench-aggregates); memory: one bucket's listens and the ids of all songs.
func Stage() work.Stage {
	return work.Stage{
		Name:   "listens",
		Reads:  []string{schemas.WorkPlays, schemas.WorkListeners, schemas.TableSongs},
		Writes: []string{schemas.WorkListens},
		Run:    run,
	}
}

func run(_ context.Context, sc *work.Context) error {
	defer idCache.Drop()
	if !sc.Has(schemas.WorkPlays) || !sc.Has(schemas.TableSongs) {
		return nil
	}
	plays, err := sc.Buckets(schemas.WorkPlays, schemas.WorkListeners)
	if err != nil {
		return err
	}
	songs, err := sc.Input(schemas.TableSongs)
	if err != nil {
		return err
	}
	books, err := count(sc, slices.Concat(plays...))
	if err != nil {
		return err
	}
	buckets := make([]bucket, len(plays))
	for i := range buckets {
		buckets[i].Number = i
		for _, ref := range plays[i] {
			b := books[ref.SHA256]
			buckets[i].Books = append(buckets[i].Books, b.Listens)
			sc.Count("listens/events", b.Events)
			sc.Count("listens/unknown_time", b.UnknownTime)
		}
	}
	merged, err := work.Run(sc, "merge", buckets, mergeFn{Songs: songs}, work.Collect[mergedBook]{})
	if err != nil {
		return err
	}
	for _, m := range merged {
		sc.Output(schemas.WorkListens, m[0].Listens)
		sc.Count("listens/rows", m[0].Days)
	}
	return nil
}

// count returns the listens of each file of plays by the hash of its content.
func count(sc *work.Context, plays []lake.FileRef) (map[string]book, error) {
	items := make([]file, len(plays))
	for i, ref := range plays {
		items[i] = file{ref}
	}
	made, err := work.Run(sc, "books", items, bookFn{}, work.Collect[book]{})
	books := map[string]book{}
	for _, b := range made {
		books[b[0].Of] = b[0]
	}
	return books, err
}

// file is one file of plays.
type file struct {
	Plays lake.FileRef
}

// book is the listens of one file.
type book struct {
	Of          string // SHA256 of the plays
	Listens     lake.FileRef
	Events      int64
	UnknownTime int64
}
