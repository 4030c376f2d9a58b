package parquetio_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

func memLake(t *testing.T) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), "mem://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Rows come back as they were written, optional and list columns too, and the reference says what is in the file.
func TestRoundTrip(t *testing.T) {
	s := memLake(t)
	at := time.Date(2026, 3, 29, 1, 2, 3, 4000, time.UTC)
	ms, hour, growth := int64(123), int32(7), 0.5
	check(t, s, schemas.TableCharts, []schemas.Chart{
		{Region: "SE", WindowDays: 7, Rank: 1, SongID: "a", Listeners: 3, DecayedPlays: 2.5, Growth: &growth},
		{Region: schemas.World, WindowDays: 7, Rank: 1, SongID: "b"},
	})
	check(t, s, schemas.TablePreferencesByHour, []schemas.PreferenceByHour{{Region: "SE", Hour: &hour, ShrunkShare: 0.25, Share: new(float64)}, {Region: "US"}})
	check(t, s, schemas.TableSessions, []schemas.Session{{UserID: "u", StartedAt: at, EndedAt: at.Add(time.Hour), Songs: []string{"a", "a"}}})
	check(t, s, schemas.TableUserProfiles, []schemas.UserProfile{{
		UserID: "u", FirstPlayAt: &at, Taste: []float32{.6, .8}, Favourites: []schemas.Seed{{SongID: "a", Weight: 1}},
		Recent: []float32{}, ClusterWeights: []float32{}, ClusterVectors: []float32{}, Artists: []schemas.NamedShare{}, Devices: []schemas.NamedCount{},
		Places: []schemas.NamedCount{}, Moods: []schemas.ClassShare{}, Genres: []schemas.ClassShare{}, Contexts: []schemas.ContextShare{},
	}})
	check(t, s, "", []schemas.Play{{EventID: "e", UserID: "u", SongID: "a", StartedAt: at, Kind: schemas.KindPlay, MsPlayed: &ms}})
	check(t, s, "", []schemas.CleanPlaylist{{PlaylistID: "p", HeldOut: true, Songs: []int32{3, 1}}})
	check(t, s, schemas.TableRejected, []schemas.Rejected{})
}

func check[T any](t *testing.T, s lake.Store, table string, rows []T) {
	t.Helper()
	m := parquetio.Meta{}
	if table != "" {
		tab, ok := schemas.FindTable(table)
		if !ok {
			t.Fatalf("no table %s", table)
		}
		m = parquetio.MetaFor(tab, "2026-03-29.1")
	}
	key := reflect.TypeFor[T]().Name() + ".parquet"
	ref, err := parquetio.WriteAll(t.Context(), s, key, m, rows)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parquetio.ReadAll[T](t.Context(), s, ref)
	if err != nil {
		t.Fatal(err)
	}
	if ref.Rows != int64(len(rows)) || len(got) != len(rows) {
		t.Fatalf("%s: reference says %d rows, read %d, wrote %d", key, ref.Rows, len(got), len(rows))
	}
	for i := range rows {
		if !reflect.DeepEqual(got[i], rows[i]) {
			t.Errorf("%s row %d: got\n%+v, want\n%+v", key, i, got[i], rows[i])
		}
	}
}

// A column of another type, a missing column and a file that is no Parquet are errors that name the file and the column.
func TestReadErrors(t *testing.T) {
	type narrow struct {
		Region int64 `parquet:"region"`
	}
	type short struct {
		SongID string `parquet:"song_id"`
	}
	s := memLake(t)
	other, err := parquetio.WriteAll(t.Context(), s, "other.parquet", parquetio.Meta{}, []narrow{{1}})
	if err != nil {
		t.Fatal(err)
	}
	less, err := parquetio.WriteAll(t.Context(), s, "less.parquet", parquetio.Meta{}, []short{{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(t.Context(), "text.parquet", strings.NewReader("no parquet"), 10); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ref  lake.FileRef
		want []string
	}{
		{other, []string{"other.parquet", "column region", "INT(64"}},
		{less, []string{"less.parquet", "missing"}},
		{lake.FileRef{Key: "text.parquet"}, []string{"text.parquet", "not a whole Parquet file"}},
		{lake.FileRef{Key: "none.parquet"}, []string{"none.parquet"}},
	} {
		_, err := parquetio.ReadAll[schemas.Chart](t.Context(), s, c.ref)
		for _, part := range c.want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("read %s: error %v, want %q in it", c.ref.Key, err, part)
			}
		}
	}
}

// A file that was replaced since it was listed is refused, not half-read.
func TestReadRefusesAReplacedFile(t *testing.T) {
	s := memLake(t)
	listed, err := parquetio.WriteAll(t.Context(), s, "part.parquet", parquetio.Meta{}, []schemas.Rejected{{Source: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), listed.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := parquetio.WriteAll(t.Context(), s, "part.parquet", parquetio.Meta{}, []schemas.Rejected{{Source: "b"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := parquetio.ReadAll[schemas.Rejected](t.Context(), s, listed); !errors.Is(err, lake.ErrConflict) {
		t.Errorf("read a replaced file: %v, want ErrConflict", err)
	}
}

// A file whose recorded ETag is another store's is read when its content is the recorded one.
func TestReadOfACopiedLake(t *testing.T) {
	s := memLake(t)
	ref, err := parquetio.WriteAll(t.Context(), s, "part.parquet", parquetio.Meta{}, []schemas.Rejected{{Source: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	ref.ETag = "9b2cf535f27731c974343645a3985328-2" // a bucket's
	rows, err := parquetio.ReadAll[schemas.Rejected](t.Context(), s, ref)
	if err != nil || len(rows) != 1 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
	ref.SHA256 = strings.Repeat("0", 64)
	if _, err := parquetio.ReadAll[schemas.Rejected](t.Context(), s, ref); !errors.Is(err, lake.ErrConflict) {
		t.Errorf("read other content: %v, want ErrConflict", err)
	}
}
