package neighbours

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/recipe"
	"segue/transforms/io/lake"
	"segue/transforms/io/neighbourio"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func id(i int) string { return fmt.Sprintf("s%05d", i) }

// night returns a night with the matrix of lists, vectors as recipe trains them and table songs.
func night(t *testing.T, lists [][]int32, songs []schemas.SongRow, artist []int32) (*worktest.Night, *recipe.Model) {
	t.Helper()
	n := worktest.New(t, "2026-01-05")
	want := recipe.Train(lists, len(songs), artist, recipe.Default())
	m := csr.Build([]csr.Matrix{csr.FromLists(lists)}, len(songs))
	given(n, schemas.WorkMatrixColumns, m.Columns, len(m.Columns))
	given(n, schemas.WorkMatrixRowStart, m.Rows.Start, len(m.Rows.Start))
	given(n, schemas.WorkMatrixRowItems, m.Rows.Items, len(m.Rows.Items))
	given(n, schemas.WorkMatrixColStart, m.Cols.Start, len(m.Cols.Start))
	given(n, schemas.WorkMatrixColItems, m.Cols.Items, len(m.Cols.Items))
	given(n, schemas.WorkVectors, want.Vectors, len(songs), want.Dim)
	key := lake.RunKey(n.Run, "work", "given", "songs.parquet")
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, key, parquetio.Meta{RunID: n.Run, Table: "songs"}, songs)
	if err != nil {
		t.Fatal(err)
	}
	n.Files[schemas.TableSongs] = []lake.FileRef{ref}
	return n, want
}

func given[T npy.Element](n *worktest.Night, name string, data []T, shape ...int) {
	n.T.Helper()
	ref, err := npy.Write(n.T.Context(), n.Lake, lake.RunKey(n.Run, "work", "given", name+".npy"), data, shape...)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = []lake.FileRef{ref}
}

func deep(n *worktest.Night, songs int) blend.Lists {
	n.T.Helper()
	l, err := neighbourio.Open(n.T.Context(), n.Lake, n.Files[schemas.WorkNeighbourLists], songs)
	if err != nil {
		n.T.Fatal(err)
	}
	return l.Lists
}

func published(n *worktest.Night) (rows []schemas.SongNeighbour) {
	n.T.Helper()
	for _, f := range n.Files[schemas.TableSongNeighbours] {
		part, err := parquetio.ReadAll[schemas.SongNeighbour](n.T.Context(), n.Lake, f)
		if err != nil {
			n.T.Fatal(err)
		}
		rows = append(rows, part...)
	}
	return rows
}

// world returns playlists of communities and songs of artists; song s belongs to community s mod communities.
func world(seed uint64, songs, lists, communities int) ([][]int32, []schemas.SongRow, []int32) {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([][]int32, lists)
	for i := range all {
		c := r.IntN(communities)
		for range 8 + r.IntN(12) {
			s := r.IntN(songs - 1)
			if r.IntN(10) > 0 {
				s = min(s/communities*communities+c, songs-2)
			}
			all[i] = append(all[i], int32(s))
		}
	}
	rows, artist := make([]schemas.SongRow, songs), make([]int32, songs)
	for i := range rows {
		rows[i].SongID = id(i)
		artist[i] = int32(i%37) - 1
		if artist[i] >= 0 {
			rows[i].ArtistIDs = []string{fmt.Sprint("a", artist[i]), "guest"}
		}
	}
	return all, rows, artist
}

// The phases on prism give the lists of recipe.Train bit for bit, over more songs than one block and in slices of as little
// memory as can be, and the table is their start.
// Communities as planted: nine of ten songs of a playlist are of one, so of the first ten neighbours 90 % are asked.
func TestStageEqualsRecipe(t *testing.T) {
	const seed, communities = 41, 10
	lists, songs, artist := world(seed, blend.BlockSongs+300, 6*blend.BlockSongs, communities)
	n, want := night(t, lists, songs, artist)
	n.Memory = 1
	n.MustStage(Stage(Default()))
	near, rows := deep(n, len(songs)), published(n)
	at, same, first := 0, 0, 0
	for i := range songs {
		wantIDs, wantScores := want.Deep(int32(i))
		if ids, scores := near.Of(int32(i)); !slices.Equal(ids, wantIDs) || !slices.Equal(scores, wantScores) {
			t.Fatalf("seed %d: song %d has deep list %v, want %v", seed, i, ids, wantIDs)
		}
		for r, e := range want.Entries(int32(i)) {
			if r == 200 {
				break
			}
			row := schemas.SongNeighbour{SongID: id(i), Rank: int32(r + 1), NeighbourID: id(int(e.ID)), Score: e.Score, CoocScore: e.Cooc, EmbScore: e.Emb, SameArtist: e.SameArtist}
			if rows[at] != row {
				t.Fatalf("seed %d: row %d is %+v, want %+v", seed, at, rows[at], row)
			}
			at++
			if r < 10 {
				first++
				if int(e.ID)%communities == i%communities {
					same++
				}
			}
		}
	}
	if at != len(rows) || n.Counts["neighbours/rows"] != int64(at) || n.Counts["neighbours/songs_without"] != 1 || n.Counts["neighbours/songs_with_list"] != int64(len(songs)-1) {
		t.Errorf("%d rows, want %d; counters %v", len(rows), at, n.Counts)
	}
	if rate := float64(same) / float64(first); rate < .9 {
		t.Errorf("seed %d: %.3f of the first ten neighbours are of the community", seed, rate)
	}
}

// Versions of one recording are not neighbours unless kept; a chain of versions and an absent main song are groups too.
func TestVersions(t *testing.T) {
	lists := slices.Repeat([][]int32{{0, 1, 2, 3, 4, 5}}, 8)
	songs := make([]schemas.SongRow, 6)
	for i := range songs {
		songs[i].SongID = id(i)
	}
	songs[1].VersionOf, songs[2].VersionOf = id(2), id(0)
	songs[3].VersionOf, songs[4].VersionOf = "gone", "gone"
	for name, c := range map[string]struct {
		keep bool
		want int
	}{"apart": {false, 3*3 + 2*4 + 5}, "kept": {true, 6 * 5}} {
		t.Run(name, func(t *testing.T) {
			n, _ := night(t, lists, songs, nil)
			p := Default()
			p.KeepVersions = c.keep
			n.MustStage(Stage(p))
			if rows := published(n); len(rows) != c.want {
				t.Errorf("%d rows, want %d: %+v", len(rows), c.want, rows)
			}
		})
	}
}

// Nothing, one song, one playlist and a very long playlist end with empty or short lists.
func TestStageDegenerate(t *testing.T) {
	long := make([]int32, 10000)
	for i := range long {
		long[i] = int32(i)
	}
	for name, c := range map[string]struct {
		lists [][]int32
		songs int
		rows  int
	}{
		"nothing": {nil, 0, 0}, "no playlists": {nil, 3, 0}, "one song": {[][]int32{{0}}, 1, 0}, "one playlist": {[][]int32{{0, 1, 2}}, 3, 0},
		"long": {[][]int32{long, {1, 2}, {1, 2, 3}}, 10000, 6},
	} {
		t.Run(name, func(t *testing.T) {
			songs := make([]schemas.SongRow, c.songs)
			for i := range songs {
				songs[i].SongID = id(i)
			}
			n, _ := night(t, c.lists, songs, nil)
			n.MustStage(Stage(Default()))
			if rows := published(n); len(rows) != c.rows {
				t.Errorf("%d rows, want %d", len(rows), c.rows)
			}
			listed := 0
			for _, p := range deep(n, c.songs) {
				listed += len(p.Start) - 1
			}
			if listed != c.songs {
				t.Errorf("lists of %d songs, want %d", listed, c.songs)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	bad := Default()
	bad.K, bad.Deep = 300, 200
	if bad.Validate() == nil {
		t.Error("deep below k passed")
	}
}

// Songs whose cells find too little look further until the sample's recall is enough; the figures are those of the lists.
func TestCellsWidenUntilRecall(t *testing.T) {
	lists, songs, artist := world(43, 1500, 3000, 10)
	counts := func(s Search) map[string]int64 {
		n, _ := night(t, lists, songs, artist)
		p := Default()
		p.Search = s
		n.MustStage(Stage(p))
		return n.Counts
	}
	narrow := counts(Search{SearchCells, 1, 0})
	if narrow["neighbours/probes"] != 1 || narrow["neighbours/recall_ppm"] >= 900_000 {
		t.Errorf("one cell, no floor: %v", narrow)
	}
	wide := counts(Search{SearchCells, 1, .95})
	if wide["neighbours/probes"] != 1 || wide["neighbours/reach_thousandths"] <= 0 || wide["neighbours/recall_ppm"] < 950_000 {
		t.Errorf("one cell, floor .95: %v", wide)
	}
	if exact := counts(Search{SearchAuto, 1, .95}); exact["neighbours/probes"] != 0 || exact["neighbours/recall_ppm"] != 1_000_000 {
		t.Errorf("exact: %v", exact)
	}
}

// Settings that make no sense are named.
func TestSearchSettings(t *testing.T) {
	p := Default()
	p.Search = Search{"fast", 0, 2}
	err := p.Validate()
	for _, name := range []string{"search", "probes", "min_recall"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
