package moods

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"segue/local/world"
	"segue/schemas"
	"segue/transforms/algo/blend"
	"segue/transforms/algo/mood"
	"segue/transforms/clean"
	"segue/transforms/embed"
	"segue/transforms/io/lake"
	"segue/transforms/io/neighbourio"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work/worktest"
	"segue/transforms/matrix"
	"segue/transforms/neighbours"
)

func put[T any](t *testing.T, n *worktest.Night, name string, rows []T) []lake.FileRef {
	t.Helper()
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, "test/"+name, parquetio.Meta{Table: name}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return []lake.FileRef{ref}
}

func putLists(t *testing.T, n *worktest.Night, lists blend.Part) {
	t.Helper()
	ref, err := neighbourio.Write(t.Context(), n.Lake, "test/lists.npy", lists)
	if err != nil {
		t.Fatal(err)
	}
	n.Files[schemas.WorkNeighbourLists] = []lake.FileRef{ref}
}

func table(t *testing.T, n *worktest.Night) []schemas.SongMood {
	t.Helper()
	rows, err := parquetio.ReadAll[schemas.SongMood](t.Context(), n.Lake, n.Files[schemas.TableSongMoods][0])
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Tags come before titles, titles before neighbours; held-out playlists say nothing; nobody's neighbour stays unknown.
func TestSources(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	n.Files[schemas.TableSongs] = put(t, n, "songs", []schemas.SongRow{{SongID: "a", Moods: []string{"wild", "", "calm", "wild"}}, {SongID: "b"}, {SongID: "c"}, {SongID: "d"}})
	var lists []schemas.CleanPlaylist
	for i, name := range []string{"Gym", "gym 2", "RUNNING", "rock", "sad", "sad too", "sad again", "sad as ever"} {
		lists = append(lists, schemas.CleanPlaylist{PlaylistID: fmt.Sprint(i), Name: name, Songs: []int32{0, 1}, HeldOut: name[:3] == "sad"})
	}
	n.Files[schemas.WorkPlaylists] = append(put(t, n, "lists0", lists[:2]), put(t, n, "lists1", lists[2:])...)
	putLists(t, n, blend.Part{Start: []int32{0, 0, 0, 2, 2}, Songs: []int32{1, 0}, Scores: []float32{1, .2}})
	n.MustStage(Stage(Params{MinConfidence: .3, Sweeps: 2}))
	row := func(song, name, source string, confidence float32) schemas.SongMood {
		return schemas.SongMood{SongID: song, Mood: name, MoodSource: source, Confidence: confidence}
	}
	want := []schemas.SongMood{row("a", "calm", mood.Tag, 1), row("a", "wild", mood.Tag, 1), row("b", "energetic", mood.PlayTitle, 1), row("c", "energetic", mood.Neighbours, 0)}
	got := table(t, n)
	for i := range got {
		if got[i].MoodSource == mood.Neighbours {
			got[i].Confidence = 0 // algo/mood tests it
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	for counter, want := range map[string]int64{"moods/tag": 1, "moods/title": 1, "moods/neighbours": 1, "moods/unknown": 1, "moods/titled_playlists": 3} {
		if n.Counts[counter] != want {
			t.Errorf("%s is %d, want %d", counter, n.Counts[counter], want)
		}
	}
}

// Without anything the table is there and empty; lists that do not fit the songs fail.
func TestInputs(t *testing.T) {
	n := worktest.New(t, "2026-01-05")
	n.MustStage(Stage(Default()))
	if rows := table(t, n); len(rows) != 0 {
		t.Errorf("rows of nothing: %+v", rows)
	}
	n.Files[schemas.TableSongs] = put(t, n, "songs", []schemas.SongRow{{SongID: "a", Moods: []string{"calm"}}})
	putLists(t, n, blend.Part{Start: []int32{0, 0, 0}})
	if err := n.Stage(Stage(Default())); err == nil {
		t.Error("lists of two songs fit one")
	}
}

// Moods the generated world does not tell are found by neighbours more often than the commonest mood would be right, by
// more than three standard errors, and about as often as their confidence says.
func TestHiddenMoodsOfWorld(t *testing.T) {
	dir, p := t.TempDir(), world.Default()
	p.Songs, p.Playlists, p.Users = 3000, 2500, 0
	if err := world.Generate(t.Context(), dir, p); err != nil {
		t.Fatal(err)
	}
	var truth world.Truth
	data, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err == nil {
		err = json.Unmarshal(data, &truth)
	}
	if err != nil {
		t.Fatal(err)
	}
	n := worktest.New(t, "2026-03-29")
	for name, folder := range map[string]string{"songs": schemas.LandingSongs, "playlists": schemas.LandingPlaylists} {
		data, err := os.ReadFile(filepath.Join(dir, name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		in, err := n.Lake.Create(t.Context(), "landing-"+name, bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		n.Landing[folder] = []lake.FileRef{{Key: "landing-" + name, Size: in.Size, ETag: in.ETag}}
	}
	e := embed.Default()
	e.Dim = 32
	n.MustStage(clean.Stage(clean.Default(), 50))
	n.MustStage(matrix.Stage(matrix.Default()))
	n.MustStage(embed.Stage(e))
	n.MustStage(neighbours.Stage(neighbours.Default()))
	n.MustStage(Stage(Default()))
	count, common, all := map[string]float64{}, 0.0, 0.0
	for _, m := range truth.Moods {
		count[m]++
		all++
		common = max(common, count[m])
	}
	right, confidence, found := 0.0, 0.0, 0.0
	for _, r := range table(t, n) {
		if r.MoodSource == mood.Tag {
			continue
		}
		found++
		confidence += float64(r.Confidence)
		if truth.Moods[r.SongID] == r.Mood {
			right++
		}
	}
	accuracy, spread := right/found, math.Sqrt(.25/found)
	t.Logf("%.0f hidden moods found of %.0f songs: %.3f right, mean confidence %.3f; the commonest mood has %.3f", found, all, accuracy, confidence/found, common/all)
	if found < 100 || accuracy < common/all+3*spread || math.Abs(accuracy-confidence/found) > .05+3*spread {
		t.Errorf("%.0f found, %.3f right, mean confidence %.3f", found, accuracy, confidence/found)
	}
}

// Every parameter that makes no sense is named.
func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	err := Params{MinConfidence: math.NaN(), Sweeps: -1}.Validate()
	if e, ok := err.(interface{ Unwrap() []error }); !ok || len(e.Unwrap()) != 2 {
		t.Errorf("errors %v, want 2", err)
	}
}
