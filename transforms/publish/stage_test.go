package publish_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"segue/schemas"
	"segue/transforms/algo/simd"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
	"segue/transforms/io/work"
	"segue/transforms/io/work/worktest"
	"segue/transforms/publish"
)

// write puts rows of a table into one more file of the night.
func write[T any](t *testing.T, n *worktest.Night, table, item string, rows ...T) lake.FileRef {
	t.Helper()
	def, ok := schemas.FindTable(table)
	if !ok {
		t.Fatalf("no table %s", table)
	}
	key := lake.RunKey(n.Run, "tables", table, "part-"+item+".parquet")
	ref, err := parquetio.WriteAll(t.Context(), n.Lake, key, parquetio.MetaFor(def, n.Run), rows)
	if err != nil {
		t.Fatal(err)
	}
	n.Files[table] = append(n.Files[table], ref)
	return ref
}

// night returns a run whose tables are all there, and empty but for the given songs, one file each slice.
func night(t *testing.T, songs ...[]schemas.SongRow) *worktest.Night {
	t.Helper()
	n := worktest.New(t, "2026-01-05")
	run, err := lake.ClaimRun(t.Context(), n.Lake, "2026-01-05", lake.RunInfo{ConfigHash: "c", InputHash: "i", Producer: "test", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	n.Run = run
	for i, rows := range songs {
		write(t, n, schemas.TableSongs, string(rune('0'+i)), rows...)
	}
	write[schemas.Rejected](t, n, schemas.TableRejected, "0")
	write[schemas.Session](t, n, schemas.TableSessions, "0")
	write[schemas.SongVector](t, n, schemas.TableSongVectors, "0")
	write[schemas.SongNeighbour](t, n, schemas.TableSongNeighbours, "0")
	write[schemas.PreferenceByHour](t, n, schemas.TablePreferencesByHour, "0")
	write[schemas.SongMood](t, n, schemas.TableSongMoods, "0")
	write[schemas.DevicePreference](t, n, schemas.TableDevicePreferences, "0")
	write[schemas.Chart](t, n, schemas.TableCharts, "0")
	write[schemas.PopularByGenre](t, n, schemas.TablePopularByGenre, "0")
	write[schemas.PopularByContext](t, n, schemas.TablePopularByContext, "0")
	write[schemas.Persona](t, n, schemas.TablePersonas, "0")
	write[schemas.UserProfile](t, n, schemas.TableUserProfiles, "0")
	write[schemas.Recommendation](t, n, schemas.TableUserRecommendations, "0")
	write[schemas.Coverage](t, n, schemas.TableCoverage, "0")
	write[schemas.ListQuality](t, n, schemas.TableListQuality, "0")
	write(t, n, schemas.TableEvaluation, "0", schemas.Evaluation{Metric: "ndcg@100", Stratum: schemas.All, Method: "published", Value: 0.25, Cases: 7})
	write[schemas.GateRule](t, n, schemas.TableGate, "0")
	return n
}

func song(id string) schemas.SongRow { return schemas.SongRow{SongID: id, Title: "title of " + id} }

// A night is published whole: every table with its rows, key and order, the run's hashes and the quality figures.
func TestPublish(t *testing.T) {
	n := night(t, []schemas.SongRow{song("a"), song("b")})
	n.MustStage(publish.Stage())
	p, m, err := lake.Current(t.Context(), n.Lake)
	if err != nil {
		t.Fatal(err)
	}
	if p.Run != n.Run || m.ConfigHash != "c" || m.InputHash != "i" || m.Producer != "test" || m.KernelTier != simd.Tier() || len(m.Tables) != len(n.Files) {
		t.Errorf("published %+v as %+v", m, p)
	}
	if songs, ok := m.Table(schemas.TableSongs); !ok || songs.Rows != 2 || len(songs.ContentHash) != 64 || songs.HashVersion != parquetio.ContentVersion || songs.Bytes == 0 || songs.Key[0] != "song_id" {
		t.Errorf("songs: %+v", songs)
	}
	if len(m.Quality) != 1 || m.Quality[0].Name != "ndcg@100/published" || m.Quality[0].Value != 0.25 {
		t.Errorf("quality: %+v", m.Quality)
	}
	if problems, err := lake.Verify(t.Context(), n.Lake, m); err != nil || len(problems) != 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
	n.MustStage(publish.Stage()) // again: adopted
	if again, err := lake.ReadPointer(t.Context(), n.Lake); err != nil || again.Generation != p.Generation {
		t.Errorf("published twice: %+v, %v", again, err)
	}
	write(t, n, schemas.TableSongs, "1", song("c"))
	if err := n.Stage(publish.Stage()); !errors.Is(err, lake.ErrExists) {
		t.Errorf("other contents of a published run: %v", err)
	}
}

// A night one of whose rules failed is written whole and not made current; asked again, it is refused again.
func TestCandidate(t *testing.T) {
	n := night(t, []schemas.SongRow{song("a")})
	n.Files[schemas.TableGate] = nil
	write(t, n, schemas.TableGate, "1",
		schemas.GateRule{Rule: "nulls", Status: schemas.GateWarn}, schemas.GateRule{Rule: "rows", Subject: "charts", Status: schemas.GateFail},
		schemas.GateRule{Rule: "rows", Subject: "songs", Status: schemas.GateFail}, schemas.GateRule{Rule: "run", Status: schemas.GateOK})
	for range 2 {
		if err := n.Stage(publish.Stage()); !errors.Is(err, work.ErrGate) || !errors.Is(err, lake.ErrHeld) {
			t.Fatalf("published: %v", err)
		}
		if _, err := lake.ReadPointer(t.Context(), n.Lake); !errors.Is(err, lake.ErrNotExist) {
			t.Fatalf("the pointer moved: %v", err)
		}
	}
	m, err := lake.ReadManifest(t.Context(), n.Lake, n.Run)
	if err != nil || !slices.Equal(m.Failed, []string{"rows"}) {
		t.Errorf("failed rules %v, %v", m.Failed, err)
	}
}

// The content hash of a table does not depend on how its rows are cut into files, and does on every value.
func TestContentHash(t *testing.T) {
	rows := []schemas.SongRow{song("a"), song("b"), song("c"), song("d")}
	changed := append([]schemas.SongRow{}, rows...)
	changed[2].Plays++
	hashes := []string{}
	for _, cut := range [][][]schemas.SongRow{{rows}, {rows[:1], rows[1:]}, {{rows[1], rows[3]}, {rows[0], rows[2]}, {}}, {changed}} {
		t.Run("", func(t *testing.T) {
			n := night(t, cut...)
			n.MustStage(publish.Stage())
			m, err := lake.ReadManifest(t.Context(), n.Lake, n.Run)
			if err != nil {
				t.Fatal(err)
			}
			songs, _ := m.Table(schemas.TableSongs)
			hashes = append(hashes, songs.ContentHash)
		})
	}
	if hashes[0] != hashes[1] || hashes[0] != hashes[2] || hashes[0] == hashes[3] {
		t.Errorf("hashes %q", hashes)
	}
}

// A table that is missing, a file that changed or went, a repeated key and rows out of order stop the release.
func TestRefused(t *testing.T) {
	cases := map[string]struct {
		spoil func(t *testing.T, n *worktest.Night)
		says  string
	}{
		"no table": {func(t *testing.T, n *worktest.Night) { delete(n.Files, schemas.TableCharts) }, schemas.TableCharts},
		"no file": {func(t *testing.T, n *worktest.Night) {
			if err := n.Lake.Delete(t.Context(), n.Files[schemas.TableSongs][0].Key); err != nil {
				t.Fatal(err)
			}
		}, "songs/part-0"},
		"other size":   {func(t *testing.T, n *worktest.Night) { n.Files[schemas.TableSongs][0].Size++ }, "songs/part-0"},
		"other etag":   {func(t *testing.T, n *worktest.Night) { n.Files[schemas.TableSongs][0].ETag = "x" }, "songs/part-0"},
		"other rows":   {func(t *testing.T, n *worktest.Night) { n.Files[schemas.TableSongs][0].Rows++ }, schemas.TableSongs},
		"repeated key": {func(t *testing.T, n *worktest.Night) { write(t, n, schemas.TableSongs, "1", song("a")) }, "key"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := night(t, []schemas.SongRow{song("a"), song("b")})
			c.spoil(t, n)
			err := n.Stage(publish.Stage())
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("published: %v", err)
			}
			if _, _, err := lake.Current(t.Context(), n.Lake); !errors.Is(err, lake.ErrNotExist) {
				t.Errorf("current: %v", err)
			}
		})
	}
}
