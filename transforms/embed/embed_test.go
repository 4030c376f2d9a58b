package embed

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/vec"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

// night returns a night that holds the matrix of lists over songs s0000, s0001 …, in two files of table songs.
func night(t *testing.T, lists [][]int32, songs int) (*worktest.Night, *csr.Playlists) {
	t.Helper()
	n := worktest.New(t, "2026-01-05")
	return n, hold(n, lists, songs)
}

// hold gives a night the matrix of lists and table songs.
func hold(n *worktest.Night, lists [][]int32, songs int) *csr.Playlists {
	n.T.Helper()
	m := csr.Build([]csr.Matrix{csr.FromLists(lists)}, songs)
	given(n, schemas.WorkMatrixColumns, m.Columns)
	given(n, schemas.WorkMatrixRowStart, m.Rows.Start)
	given(n, schemas.WorkMatrixRowItems, m.Rows.Items)
	given(n, schemas.WorkMatrixColStart, m.Cols.Start)
	given(n, schemas.WorkMatrixColItems, m.Cols.Items)
	rows := make([]schemas.SongRow, songs)
	for i := range rows {
		rows[i] = schemas.SongRow{SongID: fmt.Sprintf("s%05d", i), Plays: int64(i)}
	}
	n.Files[schemas.TableSongs] = nil
	for i, part := range [][]schemas.SongRow{rows[:songs/3], rows[songs/3:]} {
		key := lake.RunKey(n.Run, "work", "given", fmt.Sprintf("songs-%d.parquet", i))
		ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, key, parquetio.Meta{RunID: n.Run, Table: "songs"}, part)
		if err != nil {
			n.T.Fatal(err)
		}
		n.Files[schemas.TableSongs] = append(n.Files[schemas.TableSongs], ref)
	}
	return m
}

func given[T npy.Element](n *worktest.Night, name string, data []T) {
	n.T.Helper()
	ref, err := npy.Write(n.T.Context(), n.Lake, lake.RunKey(n.Run, "work", "given", name+".npy"), data)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = []lake.FileRef{ref}
}

func published(n *worktest.Night) (rows []schemas.SongVector) {
	n.T.Helper()
	for _, f := range n.Files[schemas.TableSongVectors] {
		part, err := parquetio.ReadAll[schemas.SongVector](n.T.Context(), n.Lake, f)
		if err != nil {
			n.T.Fatal(err)
		}
		rows = append(rows, part...)
	}
	return rows
}

func small() Params {
	p := Default()
	p.Dim, p.Oversample, p.Iterations = 6, 5, 2
	return p
}

// In one process or by phases over parts, on prism, the stage gives the bits of svd.Fit, over more playlists than one block;
// the table says the same.
func TestStageEqualsFit(t *testing.T) {
	for name, scratch := range map[string]string{"one process": t.TempDir(), "no common disk": ""} {
		t.Run(name, func(t *testing.T) { stageEqualsFit(t, scratch) })
	}
}

func stageEqualsFit(t *testing.T, scratch string) {
	const songs = 300
	r := rand.New(rand.NewPCG(31, 1))
	lists := make([][]int32, vec.BlockRows+700)
	for i := range lists {
		for range 2 + r.IntN(4) {
			lists[i] = append(lists[i], int32(min(songs-2, r.ExpFloat64()*40)))
		}
	}
	n, m := night(t, lists, songs)
	n.Scratch = scratch
	n.MustStage(Stage(small()))
	keys := make([]uint64, len(m.Columns))
	for c, s := range m.Columns {
		keys[c] = schemas.Hash64(1, "embed/start", fmt.Sprintf("s%05d", s))
	}
	want, err := svd.Fit(m, keys, small().Params)
	if err != nil {
		t.Fatal(err)
	}
	got, err := npy.OpenShape[float32](t.Context(), n.Lake, n.Files[schemas.WorkVectors][0], songs, 6)
	if err != nil {
		t.Fatal(err)
	}
	rows := published(n)
	for c, s := range m.Columns {
		v := want.Vectors[c*6 : (c+1)*6]
		if !slices.Equal(got.Row(int(s)), v) {
			t.Fatalf("song %d: %v, want %v", s, got.Row(int(s)), v)
		}
		source := schemas.VectorFit
		if c >= want.Fitted {
			source = schemas.VectorFolded
		}
		if row := rows[s]; !slices.Equal(row.Vector, v) || row.Source != source || row.Playlists != int64(m.Counts()[c]) || row.Plays != int64(s) {
			t.Errorf("row of song %d is %+v", s, row)
		}
	}
	none := rows[songs-1]
	if len(rows) != songs || none.Source != schemas.VectorNone || len(none.Vector) != 0 {
		t.Errorf("%d rows, song of no playlist is %+v", len(rows), none)
	}
	if c := n.Counts; c["embed/fit_songs"] != int64(want.Fitted) || c["embed/fit_songs"]+c["embed/folded_songs"]+c["embed/none_songs"] != songs ||
		c["embed/captured_ppm_pass_2"] != ppm(want.Captured[1]) || c["embed/change_ppm_pass_2"] != ppm(want.Change[1]) || c["embed/dead_songs"] != 0 {
		t.Errorf("counters %v, progress %+v", c, want.Progress)
	}
}

// Too little to fit: every song has a row, none a vector that is not of length 1; columns without one are counted.
func TestStageDegenerate(t *testing.T) {
	long := make([]int32, 10_000)
	for i := range long {
		long[i] = int32(i)
	}
	for name, c := range map[string]struct {
		lists   [][]int32
		songs   int
		vectors int
	}{
		"nothing":      {nil, 0, 0},
		"no playlists": {nil, 4, 0},
		"one playlist": {[][]int32{{0, 1, 2}}, 4, 0},
		"one song":     {slices.Repeat([][]int32{{0}}, 9), 1, 0},
		"identical":    {slices.Repeat([][]int32{{0, 1, 2}}, 9), 4, 3},
		"long":         {append(slices.Repeat([][]int32{{1, 2, 3}}, 8), long), 10_001, 10_000},
	} {
		for way, scratch := range map[string]string{"one process": t.TempDir(), "no common disk": ""} {
			t.Run(name+"/"+way, func(t *testing.T) { degenerate(t, scratch, c.lists, c.songs, c.vectors) })
		}
	}
}

func degenerate(t *testing.T, scratch string, lists [][]int32, songs, vectors int) {
	n, m := night(t, lists, songs)
	n.Scratch = scratch
	n.MustStage(Stage(Default()))
	rows := published(n)
	got := 0
	for _, row := range rows {
		if len(row.Vector) > 0 {
			got++
			if d := vec.SquaredNorm(row.Vector); !(math.Abs(d-1) < 1e-5) {
				t.Errorf("%s has squared length %v", row.SongID, d)
			}
		}
	}
	if len(rows) != songs || got != vectors {
		t.Errorf("%d rows with %d vectors, want %d with %d", len(rows), got, songs, vectors)
	}
	if dead := n.Counts["embed/dead_songs"]; dead != int64(len(m.Columns)-vectors) {
		t.Errorf("counted %d songs of a playlist without a vector, want %d", dead, len(m.Columns)-vectors)
	}
	for name, c := range n.Counts {
		if strings.HasSuffix(name, "_ppm") && (c < -1_000_000 || c > 1_000_000) {
			t.Errorf("%s is %d: not a number in millionths", name, c)
		}
	}
}
