package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[casesFn, work.Collect[casesPart], playlistFile, casesPart, []casesPart]()
}

// playlistFile is one file of playlists.
type playlistFile struct {
	Number int
	File   lake.FileRef
}

// casesPart is the cases of one file: songs of all cases one after another, where each starts, and the hash of each
// playlist.
type casesPart struct {
	Start, Songs, Hash lake.FileRef
	Cases, HeldOut     int64
}

// casesFn finds the cases among the held-out playlists of one file.
type casesFn struct {
	Shared Shared
}

// Do writes the cases and returns their references; a file without cases emits its counts alone.
func (f casesFn) Do(ctx context.Context, env *work.Env, item playlistFile) ([]work.Keyed[casesPart], error) {
	v, err := openVocabulary(ctx, env.Lake, f.Shared)
	if err != nil {
		return nil, err
	}
	found := caseSet{start: []int64{0}, vocab: int32(v.size)}
	var part casesPart
	for p, err := range parquetio.Read[schemas.CleanPlaylist](ctx, env.Lake, item.File) {
		if err != nil {
			return nil, err
		}
		if !p.HeldOut {
			continue
		}
		part.HeldOut++
		if schemas.ForFit(p.PlaylistID, f.Shared.HeldOut) {
			continue
		}
		known, cold := v.columnsOf(p.Songs)
		if c, ok := NewCase(known); ok {
			c.Cold = cold
			found.add(c, int64(schemas.Hash64(0, "evaluate/case", p.PlaylistID)))
		}
	}
	name := fmt.Sprintf("%06d", item.Number)
	if part.Cases = int64(len(found.hash)); part.Cases > 0 {
		if part.Start, part.Songs, part.Hash, err = found.write(ctx, env, name); err != nil {
			return nil, err
		}
	}
	return []work.Keyed[casesPart]{{Key: name, Value: part}}, nil
}

// caseSet is cases as arrays.
type caseSet struct {
	start []int64 // [cases+1]
	songs []int32 // seeds, hidden, then those outside the vocabulary
	hash  []int64
	vocab int32 // columns of the vocabulary
}

func (s *caseSet) add(c Case, hash int64) {
	s.songs = append(append(append(s.songs, c.Seeds...), c.Hidden...), c.Cold...)
	s.start = append(s.start, int64(len(s.songs)))
	s.hash = append(s.hash, hash)
}

func (s *caseSet) at(i int) Case {
	songs := s.songs[s.start[i]:s.start[i+1]]
	cold := slices.IndexFunc(songs, func(c int32) bool { return c >= s.vocab })
	if cold < 0 {
		cold = len(songs)
	}
	c, ok := NewCase(songs[:cold])
	c.Cold = songs[cold:]
	if !ok {
		panic("evaluate: a stored case is none") // the same songs made one before
	}
	return c
}

// all returns the cases [from, to).
func (s *caseSet) all(from, to int) []Case {
	out := make([]Case, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, s.at(i))
	}
	return out
}

func (s *caseSet) write(ctx context.Context, env *work.Env, name string) (start, songs, hash lake.FileRef, err error) {
	if start, err = npy.Write(ctx, env.Lake, env.File("case_start", name, ".npy"), s.start); err != nil {
		return
	}
	if songs, err = npy.Write(ctx, env.Lake, env.File("case_songs", name, ".npy"), s.songs); err != nil {
		return
	}
	hash, err = npy.Write(ctx, env.Lake, env.File("case_hash", name, ".npy"), s.hash)
	return
}

// read appends the cases of a part.
func (s *caseSet) read(ctx context.Context, store lake.Store, p casesPart) error {
	start, err := npy.Open[int64](ctx, store, p.Start)
	if err != nil {
		return err
	}
	defer start.Close()
	songs, err := npy.Open[int32](ctx, store, p.Songs)
	if err != nil {
		return err
	}
	defer songs.Close()
	hash, err := npy.Open[int64](ctx, store, p.Hash)
	if err != nil {
		return err
	}
	defer hash.Close()
	base := int64(len(s.songs))
	for _, x := range start.Data[1:] {
		s.start = append(s.start, base+x)
	}
	s.songs = append(s.songs, songs.Data...)
	s.hash = append(s.hash, hash.Data...)
	return nil
}

// findCases runs the phase, orders all cases by hash, keeps the first limit (0 = all), and hands them to later phases.
func findCases(ctx context.Context, sc *work.Context, shared *Shared, limit int) (int, error) {
	refs := shared.Files[schemas.WorkPlaylists]
	items := make([]playlistFile, len(refs))
	for i, ref := range refs {
		items[i] = playlistFile{i, ref}
	}
	parts, err := work.Run(sc, "cases", items, casesFn{Shared: *shared}, work.Collect[casesPart]{})
	if err != nil {
		return 0, err
	}
	env, all := sc.Env(), caseSet{start: []int64{0}}
	for _, p := range slices.Concat(parts...) {
		sc.Count("evaluate/held_out", p.HeldOut)
		if p.Cases == 0 {
			continue
		}
		if err := all.read(ctx, env.Lake, p); err != nil {
			return 0, err
		}
	}
	kept := all.smallest(limit)
	sc.Count("evaluate/cases", int64(len(kept.hash)))
	if len(kept.hash) == 0 {
		return 0, nil
	}
	shared.Cases.Start, shared.Cases.Songs, shared.Cases.Hash, err = kept.write(ctx, env, "all")
	return len(kept.hash), err
}

// smallest returns the limit cases of smallest hash by hash; equal hashes by their songs.
func (s *caseSet) smallest(limit int) caseSet {
	order := make([]int, len(s.hash))
	for i := range order {
		order[i] = i
	}
	songs := func(i int) []int32 { return s.songs[s.start[i]:s.start[i+1]] }
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(uint64(s.hash[a]), uint64(s.hash[b])), slices.Compare(songs(a), songs(b)))
	})
	if limit > 0 {
		order = order[:min(limit, len(order))]
	}
	out := caseSet{start: []int64{0}, vocab: s.vocab}
	for _, i := range order {
		out.songs = append(out.songs, songs(i)...)
		out.start = append(out.start, int64(len(out.songs)))
		out.hash = append(out.hash, s.hash[i])
	}
	return out
}
