package clean

import (
	"fmt"
	"strings"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/work"
)

// night is the stage at work. Its methods do nothing after the first error.
type night struct {
	sc       *work.Context
	split    books          // after the first phases
	buckets  books          // after the second
	rejected []lake.FileRef // sorted files of rejected rows
	err      error
}

func newNight(sc *work.Context) *night {
	n := &night{sc: sc, split: newBooks(), buckets: newBooks()}
	for _, kind := range []string{playlists, songs, users, plays} {
		n.split.add(kind, tally{})
		n.buckets.add(kind, tally{})
	}
	return n
}

func (n *night) importRejected(items []part) {
	if n.err != nil {
		return
	}
	results, err := work.Run(n.sc, "rejected-import", items, importedFn{}, work.Collect[lake.FileRef]{})
	for _, r := range flat(results) {
		n.split.imported += r.Rows
		n.rejected = append(n.rejected, r)
	}
	n.err = err
}

// gate fails a night of bad input before the costly half, with table rejected written for who looks into it.
func (n *night) gate(maxShare float64) {
	if n.err != nil || n.split.check(maxShare, "") == nil {
		return
	}
	file, err := mergeRejected(n.sc, "rejected-gate", n.rejected)
	if err == nil {
		err = n.split.check(maxShare, "segue inspect head "+strings.TrimSuffix(n.sc.Env().Lake.URL(), "/")+"/"+file.Key)
	}
	n.err = err
}

// finish runs the second phase of one kind.
func (n *night) finish(kind string, items []bucketItem, d work.Doer[bucketItem, bucketOut]) []bucketOut {
	out := phase(n, kind, items, d)
	for _, b := range out {
		n.note(kind, b.Tally, b.Rejected)
	}
	return out
}

// phase runs one phase and returns its values by key.
func phase[I, V any](n *night, name string, items []I, d work.Doer[I, V]) []V {
	if n.err != nil {
		return nil
	}
	results, err := work.Run(n.sc, name, items, d, work.Collect[V]{})
	n.err = err
	return flat(results)
}

// note enters what a second phase took in, and the file of what it rejected.
func (n *night) note(kind string, t tally, rejected *lake.FileRef) {
	n.buckets.add(kind, t)
	n.rejected = append(n.rejected, files(rejected)...)
}

func (n *night) index(songParts []bucketOut) lake.FileRef {
	if n.err != nil {
		return lake.FileRef{}
	}
	item := filesItem{}
	for _, b := range songParts {
		item.Files = append(item.Files, b.Other)
	}
	results, err := work.Run(n.sc, "index", []filesItem{item}, indexFn{}, work.Collect[lake.FileRef]{})
	if n.err = err; err != nil {
		return lake.FileRef{}
	}
	return flat(results)[0]
}

func (n *night) tables(index lake.FileRef, songParts, counted []bucketOut) {
	if n.err != nil {
		return
	}
	item := tableItem{Index: index}
	for _, b := range songParts {
		item.Metadata = append(item.Metadata, b.File)
	}
	for _, b := range counted {
		item.Counts = append(item.Counts, files(b.Counts)...)
	}
	results, err := work.Run(n.sc, "table", []tableItem{item}, tableFn{}, work.Collect[lake.FileRef]{})
	if n.err = err; err != nil {
		return
	}
	n.sc.Output(schemas.TableSongs, flat(results)...)
	file, err := mergeRejected(n.sc, "rejected", n.rejected)
	if n.err = err; err != nil {
		return
	}
	n.sc.Output(schemas.TableRejected, file)
}

func (n *night) handOver(listParts, userParts []bucketOut) {
	for _, b := range listParts {
		n.sc.Output(schemas.WorkPlaylists, b.File)
	}
	for _, b := range userParts {
		n.sc.Output(schemas.WorkListeners, b.Other)
	}
}

// close adds up both halves of the books: what a split passed on is what the buckets took in.
func (n *night) close() error {
	if n.err != nil {
		return n.err
	}
	whole := newBooks()
	whole.imported = n.split.imported
	for kind, first := range n.split.kinds {
		second := *n.buckets.kinds[kind]
		if first.Out != second.In {
			return fmt.Errorf("balance %s: %d records were split, but %d arrived in buckets", kind, first.Out, second.In)
		}
		passed := *first
		passed.Out, second.In = 0, 0
		whole.add(kind, passed)
		whole.add(kind, second)
	}
	if err := whole.balance(); err != nil {
		return err
	}
	whole.count(n.sc)
	return nil
}
