package matrix

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func put[T any](n *worktest.Night, name string, rows []T) {
	n.T.Helper()
	key := lake.RunKey(n.Run, "work", "given", fmt.Sprintf("%s-%d.parquet", name, len(n.Files[name])))
	ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, key, parquetio.Meta{RunID: n.Run, Table: name}, rows)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = append(n.Files[name], ref)
}

func songs(n *worktest.Night, ids ...string) {
	rows := make([]schemas.SongRow, len(ids))
	for i, id := range ids {
		rows[i].SongID = id
	}
	put(n, schemas.TableSongs, rows)
}

func array[T npy.Element](n *worktest.Night, name string) []T {
	n.T.Helper()
	a, err := npy.Open[T](n.T.Context(), n.Lake, n.Files[name][0])
	if err != nil {
		n.T.Fatal(err)
	}
	return a.Data
}

// Held-out playlists stay out, a song of no training playlist has no column, and files follow one another.
func TestMatrixOfPlaylists(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	songs(n, "a", "b", "c", "d")
	put(n, schemas.WorkPlaylists, []schemas.CleanPlaylist{{PlaylistID: "p1", Songs: []int32{2, 0}}, {PlaylistID: "p2", HeldOut: true, Songs: []int32{1, 3}}})
	put(n, schemas.WorkPlaylists, []schemas.CleanPlaylist{{PlaylistID: "p3"}, {PlaylistID: "p4", Songs: []int32{3, 2}}})
	n.MustStage(Stage(Default()))
	if got := array[int32](n, schemas.WorkMatrixColumns); !slices.Equal(got, []int32{2, 0, 3}) {
		t.Errorf("columns %v", got)
	}
	if got := array[int64](n, schemas.WorkMatrixRowStart); !slices.Equal(got, []int64{0, 2, 4}) {
		t.Errorf("row starts %v", got)
	}
	if got := array[int32](n, schemas.WorkMatrixRowItems); !slices.Equal(got, []int32{0, 1, 0, 2}) {
		t.Errorf("row items %v", got)
	}
	if got := array[int64](n, schemas.WorkMatrixColStart); !slices.Equal(got, []int64{0, 2, 3, 4}) {
		t.Errorf("column starts %v", got)
	}
	if got := array[int32](n, schemas.WorkMatrixColItems); !slices.Equal(got, []int32{0, 1, 0, 1}) {
		t.Errorf("column items %v", got)
	}
	for name, want := range map[string]int64{"playlists": 2, "held_out": 1, "empty": 1, "entries": 4, "songs": 3} {
		if got := n.Counts["matrix/"+name]; got != want {
			t.Errorf("counted %d %s, want %d", got, name, want)
		}
	}
}

// Sessions of three different songs serve as playlists when there are none, unless switched off.
func TestMatrixOfSessions(t *testing.T) {
	for name, c := range map[string]struct {
		on      bool
		columns []int32
		short   int64
	}{"on": {true, []int32{0, 2, 3}, 1}, "off": {false, nil, 0}} {
		t.Run(name, func(t *testing.T) {
			n := worktest.New(t, "2026-01-05")
			songs(n, "a", "b")
			songs(n, "c", "d")
			put(n, schemas.WorkPlaylists, []schemas.CleanPlaylist{})
			at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
			put(n, schemas.TableSessions, []schemas.Session{
				{UserID: "u", StartedAt: at, EndedAt: at, Songs: []string{"d", "a", "d", "c"}},
				{UserID: "v", StartedAt: at, EndedAt: at, Songs: []string{"a", "b", "a"}},
			})
			n.MustStage(Stage(Params{SessionsAsPlaylists: c.on}))
			if got := array[int32](n, schemas.WorkMatrixColumns); !slices.Equal(got, c.columns) {
				t.Errorf("columns %v, want %v", got, c.columns)
			}
			if got := n.Counts["matrix/short_sessions"]; got != c.short {
				t.Errorf("%d short sessions, want %d", got, c.short)
			}
		})
	}
}

// Nothing at all makes an empty matrix; a song index outside table songs is an error.
func TestMatrixOfNothing(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	n.MustStage(Stage(Default()))
	if got := array[int64](n, schemas.WorkMatrixRowStart); !slices.Equal(got, []int64{0}) {
		t.Errorf("row starts %v", got)
	}
	n = worktest.New(t, "2026-01-06")
	songs(n, "a")
	put(n, schemas.WorkPlaylists, []schemas.CleanPlaylist{{PlaylistID: "p", Songs: []int32{1}}})
	if err := n.Stage(Stage(Default())); err == nil {
		t.Error("song 1 of one song passed")
	}
}
