package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/itemknn"
	"segue/transforms/algo/localtime"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
)

func put[T any](n *worktest.Night, name string, rows []T) {
	n.T.Helper()
	key := lake.RunKey(n.Run, "test", name, fmt.Sprintf("%d-%d.parquet", len(n.Files[name]), len(rows)))
	ref, err := parquetio.WriteAll(n.T.Context(), n.Lake, key, parquetio.Meta{RunID: n.Run, Table: name, SchemaVersion: 1}, rows)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = append(n.Files[name], ref)
}

func putArray[T npy.Element](n *worktest.Night, name string, data []T) {
	n.T.Helper()
	putShaped(n, name, data, len(data))
}

func putShaped[T npy.Element](n *worktest.Night, name string, data []T, shape ...int) {
	n.T.Helper()
	ref, err := npy.Write(n.T.Context(), n.Lake, lake.RunKey(n.Run, "test", name+".npy"), data, shape...)
	if err != nil {
		n.T.Fatal(err)
	}
	n.Files[name] = []lake.FileRef{ref}
}

// newNight holds planted playlists in so many files, the first of every ten held out, and publishes the lists of the
// stored baseline.
func newNight(t *testing.T, files int) *worktest.Night {
	n := worktest.New(t, "2026-01-05")
	var rows []schemas.CleanPlaylist
	var train [][]int32
	for i, p := range planted(300) {
		row := schemas.CleanPlaylist{PlaylistID: p.PlaylistID, HeldOut: i%10 == 0}
		for _, s := range once(p.Songs) {
			var song int32
			fmt.Sscanf(s, "s%d", &song)
			row.Songs = append(row.Songs, song)
		}
		if rows = append(rows, row); !row.HeldOut {
			train = append(train, row.Songs)
		}
	}
	for f := range files {
		put(n, schemas.WorkPlaylists, rows[f*len(rows)/files:(f+1)*len(rows)/files])
	}
	var songs []schemas.SongRow
	for i := range 240 {
		songs = append(songs, schemas.SongRow{SongID: fmt.Sprintf("s%03d", i)})
	}
	put(n, schemas.TableSongs, songs)
	m := putMatrix(n, train, len(songs))
	putLists(n, m, songs)
	return n
}

// putMatrix writes the matrix with columns by n falling, then song index, and returns it by song index.
func putMatrix(n *worktest.Night, train [][]int32, songs int) itemknn.Matrix {
	m := itemknn.NewMatrix(train, songs)
	columns := make([]int32, songs)
	for i := range columns {
		columns[i] = int32(i)
	}
	slices.SortFunc(columns, func(a, b int32) int { return cmp.Or(cmp.Compare(m.N(b), m.N(a)), cmp.Compare(a, b)) })
	at := make([]int32, songs)
	for c, s := range columns {
		at[s] = int32(c)
	}
	rows := make([][]int32, len(train))
	for p, row := range train {
		for _, s := range row {
			rows[p] = append(rows[p], at[s])
		}
		slices.Sort(rows[p])
	}
	byColumn := itemknn.NewMatrix(rows, songs)
	putArray(n, schemas.WorkMatrixColumns, columns)
	putArray(n, schemas.WorkMatrixRowStart, byColumn.RowStart)
	putArray(n, schemas.WorkMatrixRowItems, byColumn.RowItems)
	putArray(n, schemas.WorkMatrixColStart, byColumn.ColStart)
	putArray(n, schemas.WorkMatrixColItems, byColumn.ColItems)
	return m
}

func putLists(n *worktest.Night, m itemknn.Matrix, songs []schemas.SongRow) {
	knn := itemknn.NewScorer(m, itemknn.Scope{Columns: len(songs), Vocab: len(songs), Depth: 100})
	var rows []schemas.SongNeighbour
	for i := range songs {
		for _, e := range knn.Stored(int32(i)) {
			rows = append(rows, schemas.SongNeighbour{SongID: songs[i].SongID, NeighbourID: songs[e.Column].SongID, Score: float32(e.Score)})
		}
		if i == len(songs)/2 {
			put(n, schemas.TableSongNeighbours, rows)
			rows = nil
		}
	}
	put(n, schemas.TableSongNeighbours, rows)
}

func read(n *worktest.Night) []schemas.Evaluation {
	n.T.Helper()
	rows, err := parquetio.ReadAll[schemas.Evaluation](n.T.Context(), n.Lake, n.Files[schemas.TableEvaluation][0])
	if err != nil {
		n.T.Fatal(err)
	}
	return rows
}

// The published lists are the stored baseline's, so both have one value and ratio 1; the files of playlists do not matter.
func TestEvaluation(t *testing.T) {
	var want []schemas.Evaluation
	for _, files := range []int{1, 3} {
		t.Run(fmt.Sprint(files), func(t *testing.T) {
			n := newNight(t, files)
			n.MustStage(Stage(Default(), localtime.UsualHours()))
			rows := read(n)
			// no vectors, no playlist of 50 songs, no song that is too rare
			want1 := len(strata)*(len(methods)*len(hitMetrics)+2) + len(methods)*(len(listMetrics)-1+2+3) + 3
			if len(rows) != want1 {
				t.Fatalf("%d rows, want %d", len(rows), want1)
			}
			for _, r := range rows {
				if r.Metric == MetricNDCG+Ratio && r.Method == MethodPublished+"/"+MethodStored && math.Abs(r.Value-1) > 0.01 {
					t.Errorf("ratio of equal lists: %v", r.Value)
				}
				if whole := r.Metric == MetricCoverage || r.Metric == MetricGini; r.Cases > 30 || (r.Low == nil) != whole {
					t.Errorf("row %+v", r)
				} else if !whole && (*r.Low > r.Value || *r.High < r.Value) {
					t.Errorf("row %+v: the value is outside %g..%g", r, *r.Low, *r.High)
				}
			}
			if want == nil {
				want = rows
			} else if !reflect.DeepEqual(rows, want) {
				t.Error("another number of files gives other values")
			}
		})
	}
}

// Last night's lists are measured on tonight's cases: equal ones are as good, empty ones find nothing; fewer seeds find less.
func TestLastNight(t *testing.T) {
	n := newNight(t, 1)
	n.Landing[schemas.Previous(schemas.TableSongNeighbours)] = n.Files[schemas.TableSongNeighbours]
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	ndcg := map[string]float64{}
	for _, r := range read(n) {
		if r.Metric == MetricNDCG {
			ndcg[r.Stratum+" "+r.Method] = r.Value
		}
		if r.Metric == MetricNDCG+Ratio && r.Method == MethodPublished+"/"+MethodLastNight && (r.Value != 1 || *r.Low != 1) {
			t.Errorf("ratio to the same lists: %+v", r)
		}
	}
	for _, s := range strata {
		if a, b := ndcg[s.name+" "+MethodPublished], ndcg[s.name+" "+MethodLastNight]; a != b || a == 0 {
			t.Errorf("%s: published %g, the same lists of last night %g", s.name, a, b)
		}
	}
	if ndcg["seeds=1 "+MethodItemKNN] >= ndcg[schemas.All+" "+MethodItemKNN] {
		t.Error("one seed finds as much as all")
	}
	if ndcg["seeds=1 "+MethodPopularity] != ndcg[schemas.All+" "+MethodPopularity] {
		t.Error("popularity depends on the seeds")
	}
}

// A limit keeps that many cases; all held-out playlists are counted.
func TestEvaluationLimit(t *testing.T) {
	n := newNight(t, 2)
	n.MustStage(Stage(Params{Cases: 7, Stored: 100}, localtime.UsualHours()))
	if rows := read(n); rows[0].Cases != 7 || n.Counts["evaluate/held_out"] != 30 {
		t.Errorf("cases %d, counters %v", rows[0].Cases, n.Counts)
	}
}

// Without inputs the table is there and empty.
func TestNoInputs(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	if rows := read(n); len(rows) != 0 {
		t.Errorf("%d rows of nothing", len(rows))
	}
}

// Without held-out playlists the table is there and empty.
func TestNothingHeldOut(t *testing.T) {
	n := newNight(t, 1)
	n.Files[schemas.WorkPlaylists] = n.Files[schemas.WorkPlaylists][1:]
	put(n, schemas.WorkPlaylists, []schemas.CleanPlaylist{{PlaylistID: "p", Songs: []int32{1, 2, 3}}})
	n.MustStage(Stage(Default(), localtime.UsualHours()))
	if rows := read(n); len(rows) != 0 {
		t.Errorf("%d rows without held-out playlists", len(rows))
	}
}
