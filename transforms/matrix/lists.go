package matrix

import (
	"context"
	"fmt"
	"slices"

	"segue/schemas"
	"segue/transforms/algo/csr"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
)

func init() {
	work.Register[listsFn, work.Collect[part], fileItem, part, []part]()
}

// fileItem is one file of playlists or sessions.
type fileItem struct {
	Name string
	File lake.FileRef
}

// part refers to the lists of one file: songs of list r are items[start[r]:start[r+1]].
type part struct {
	Start, Items          lake.FileRef
	HeldOut, Empty, Short int64 // lists left out
}

// listsFn reads the lists of one file and keeps those to train on.
type listsFn struct {
	Sessions  bool           // files hold sessions, not playlists
	SongFiles []lake.FileRef // table songs
}

// Do writes the lists of a file as two arrays.
func (f listsFn) Do(ctx context.Context, env *work.Env, item fileItem) ([]work.Keyed[part], error) {
	read := f.playlists
	if f.Sessions {
		read = f.sessions
	}
	m, p, err := read(ctx, env, item.File)
	if err != nil {
		return nil, err
	}
	if p.Start, err = npy.Write(ctx, env.Scratch, env.File("lists", item.Name+"-start", ".npy"), m.Start); err != nil {
		return nil, err
	}
	if p.Items, err = npy.Write(ctx, env.Scratch, env.File("lists", item.Name+"-items", ".npy"), m.Items); err != nil {
		return nil, err
	}
	return []work.Keyed[part]{{Value: p}}, nil
}

func (f listsFn) playlists(ctx context.Context, env *work.Env, file lake.FileRef) (csr.Matrix, part, error) {
	m, p := csr.Matrix{Start: make([]int64, 1)}, part{}
	songs := rows(f.SongFiles)
	for row, err := range parquetio.Read[schemas.CleanPlaylist](ctx, env.Lake, file) {
		if err != nil {
			return m, p, err
		}
		switch {
		case row.HeldOut:
			p.HeldOut++
		case len(row.Songs) == 0:
			p.Empty++
		case slices.Min(row.Songs) < 0 || int64(slices.Max(row.Songs)) >= songs:
			return m, p, fmt.Errorf("read playlist %s of %s: song index outside table songs of %d rows", row.PlaylistID, file.Key, songs)
		default:
			m.Items = append(m.Items, row.Songs...)
			m.Start = append(m.Start, int64(len(m.Items)))
		}
	}
	return m, p, nil
}

// sessionSongs is what a session has of a playlist.
type sessionSongs struct {
	Songs []string `parquet:"songs,list" parquet-element:"element,dict"`
}

func (f listsFn) sessions(ctx context.Context, env *work.Env, file lake.FileRef) (csr.Matrix, part, error) {
	m, p := csr.Matrix{Start: make([]int64, 1)}, part{}
	ids, err := f.songIDs(ctx, env)
	if err != nil {
		return m, p, err
	}
	for row, err := range parquetio.Read[sessionSongs](ctx, env.Lake, file) {
		if err != nil {
			return m, p, err
		}
		from := len(m.Items)
		for _, id := range row.Songs {
			s, ok := ids.find(id)
			if !ok {
				return m, p, fmt.Errorf("read session of %s: song %q is not in table songs", file.Key, id)
			}
			m.Items = append(m.Items, int32(s))
		}
		slices.Sort(m.Items[from:])
		m.Items = m.Items[:from+len(slices.Compact(m.Items[from:]))]
		if len(m.Items)-from < MinSessionSongs {
			m.Items = m.Items[:from]
			p.Short++
			continue
		}
		m.Start = append(m.Start, int64(len(m.Items)))
	}
	return m, p, nil
}
