// Package neighbourio keeps the deep neighbour lists of all songs: working data neighbour_lists, a file a block of songs.
//
//	lists.go   Write: the lists of a block; Lists, Open: those of all songs, mapped
//
// A file is one .npy array of int32, so that a block is one object: where the list of each of its n songs begins and the last one ends [n+1], the
// songs of all lists [E], the bits of their float32 scores [E].
package neighbourio

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"segue/transforms/algo/blend"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
)

// openAtOnce is how many files are opened side by side: each of a remote lake is downloaded first.
const openAtOnce = 16

// Write creates the file of a block.
func Write(ctx context.Context, s lake.Store, key string, p blend.Part) (lake.FileRef, error) {
	w, err := npy.NewWriter[int32](ctx, s, key, len(p.Start)+len(p.Songs)+len(p.Scores))
	if err != nil {
		return lake.FileRef{}, err
	}
	for _, data := range [][]int32{p.Start, p.Songs, npy.Bits(p.Scores)} {
		if err := w.Write(data); err != nil {
			w.Abort()
			return lake.FileRef{}, err
		}
	}
	return w.Close()
}

// Lists are open lists. They must not be used after Close.
type Lists struct {
	blend.Lists
	files []*npy.Array[int32]
}

// Open maps the lists of so many songs, which lie in these files, by block. No files are no lists.
//
// Errors: fewer or more files than blocks; a file that does not fit its block, by name.
func Open(ctx context.Context, s lake.Store, files []lake.FileRef, songs int) (*Lists, error) {
	if len(files) == 0 {
		return &Lists{}, nil
	}
	if want := max(blend.Blocks(songs), 1); len(files) != want {
		return nil, fmt.Errorf("open neighbour lists %s and more: %d files, want %d for %d songs", files[0].Key, len(files), want, songs)
	}
	l := &Lists{make(blend.Lists, len(files)), make([]*npy.Array[int32], len(files))}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(openAtOnce)
	for b, ref := range files {
		g.Go(func() (err error) {
			if l.files[b], err = npy.Open[int32](ctx, s, ref); err != nil {
				return err
			}
			lo, hi := blend.Block(b, songs)
			if l.Lists[b], err = parse(l.files[b].Data, hi-lo); err != nil {
				return fmt.Errorf("open neighbour lists %s: %w", ref.Key, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// parse finds the lists of n songs in a file.
func parse(data []int32, n int) (p blend.Part, err error) {
	if len(data) <= n {
		return p, fmt.Errorf("%d numbers are no lists of %d songs", len(data), n)
	}
	p.Start, data = data[:n+1], data[n+1:]
	entries := int(p.Start[n])
	if p.Start[0] != 0 || entries < 0 || len(data) != 2*entries {
		return p, fmt.Errorf("lists of %d songs begin at %d and end at %d of %d entries", n, p.Start[0], entries, len(data)/2)
	}
	p.Songs, p.Scores = data[:entries], npy.Floats(data[entries:])
	return p, nil
}

// Close unmaps the lists.
func (l *Lists) Close() error {
	var errs []error
	for _, f := range l.files {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	l.Lists, l.files = nil, nil
	return errors.Join(errs...)
}
