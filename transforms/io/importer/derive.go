package importer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// idSet holds ids as 128-bit hashes: 16 bytes each, and no two of a billion ids collide but once in 10²⁰ imports.
type idSet struct{ ids map[[2]uint64]struct{} }

func newIDSet() *idSet { return &idSet{map[[2]uint64]struct{}{}} }

// add reports whether the id is new.
func (s *idSet) add(id string) bool {
	key := [2]uint64{schemas.Hash64(1, id), schemas.Hash64(2, id)}
	if _, old := s.ids[key]; old {
		return false
	}
	s.ids[key] = struct{}{}
	return true
}

// unite makes the derived songs a full snapshot: they join the songs of the lake's newest snapshot up to date, whose own
// description stays. With no new song there is nothing to write.
func (r *run) unite(ctx context.Context, s lake.Store, date time.Time) error {
	b := r.books[kindSongs]
	old, err := newestSnapshot(ctx, s, schemas.LandingSongs, date)
	if err != nil {
		return err
	}
	if len(old) == 0 {
		b.In, b.Out = rowsOf(r.songs.parts), rowsOf(r.songs.parts)
		return nil
	}
	if err := r.keepNew(ctx, s, old); err != nil {
		return err
	}
	b.Ignored = b.In - b.Out
	if b.Out == 0 {
		for _, in := range old {
			b.Existing = append(b.Existing, in.Key)
		}
		return nil
	}
	return r.carry(ctx, s, old)
}

// keepNew reduces the staged songs to those the former snapshot lacks.
func (r *run) keepNew(ctx context.Context, s lake.Store, old []lake.Info) error {
	b, known := r.books[kindSongs], newIDSet()
	for _, in := range old {
		fmt.Fprintf(b.content, "%s %s\n", in.Key, in.ETag)
		for song, err := range parquetio.Read[schemas.Song](ctx, s, refOf(in)) {
			if err != nil {
				return fmt.Errorf("read songs snapshot: %w", err)
			}
			known.add(song.SongID)
		}
	}
	fresh := newSink(r.stage, kindSongs, bySong, weighSong)
	for _, p := range r.songs.parts {
		for song, err := range parquetio.Read[schemas.Song](ctx, r.stage.scratch, p.ref) {
			if err != nil {
				return fmt.Errorf("read staged songs: %w", err)
			}
			b.In++
			if !known.add(song.SongID) {
				continue
			}
			b.Out++
			if err := fresh.add(ctx, song); err != nil {
				return err
			}
		}
	}
	r.songs = fresh
	return nil
}

func refOf(in lake.Info) lake.FileRef { return lake.FileRef{Key: in.Key, ETag: in.ETag, Size: in.Size} }

// carry repeats the songs of the former snapshot.
func (r *run) carry(ctx context.Context, s lake.Store, old []lake.Info) error {
	for _, in := range old {
		for song, err := range parquetio.Read[schemas.Song](ctx, s, refOf(in)) {
			if err != nil {
				return fmt.Errorf("read songs snapshot: %w", err)
			}
			r.books[kindSongs].Carried++
			if err := r.songs.add(ctx, song); err != nil {
				return err
			}
		}
	}
	return r.songs.flush(ctx)
}

func rowsOf(parts []part) (n int64) {
	for _, p := range parts {
		n += p.ref.Rows
	}
	return n
}

// newestSnapshot lists the files of the newest date=D folder with D ≤ date.
func newestSnapshot(ctx context.Context, s lake.Store, folder string, date time.Time) ([]lake.Info, error) {
	infos, err := s.List(ctx, folder+"/date=")
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	best := ""
	var files []lake.Info
	for _, in := range infos {
		day, _, _ := strings.Cut(strings.TrimPrefix(in.Key, folder+"/date="), "/")
		if day > date.Format(time.DateOnly) {
			continue
		}
		if day != best {
			best, files = day, nil
		}
		files = append(files, in)
	}
	return files, nil
}
