package parquetio_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"segue/schemas"
	"segue/transforms/io/lake"
	"segue/transforms/io/parquetio"
)

// A file shows its schema, metadata, settings and rows without knowing the Go struct.
func TestOpenFile(t *testing.T) {
	s := memLake(t)
	at := time.Date(2026, 3, 29, 1, 2, 3, 4000, time.UTC)
	table, _ := schemas.FindTable(schemas.TableUserProfiles)
	ref, err := parquetio.WriteAll(t.Context(), s, "p.parquet", parquetio.MetaFor(table, "2026-03-29.1"), []schemas.UserProfile{
		{UserID: "a", Plays: 7, FirstPlayAt: &at, Taste: []float32{.5, -.5}, Favourites: []schemas.Seed{{SongID: "x", Weight: .25}}},
		{UserID: "b", Plays: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquetio.OpenFile(t.Context(), s, ref.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Rows != 2 || f.Bytes != ref.Size || len(f.RowGroups) != 1 || !strings.Contains(f.Schema, "optional int64 first_play_at (TIMESTAMP(isAdjustedToUTC=true,unit=MICROS))") {
		t.Errorf("file %+v", f)
	}
	if kv := (parquetio.KV{Key: "table", Value: schemas.TableUserProfiles}); f.Metadata[len(f.Metadata)-1] != kv || !strings.HasPrefix(f.CreatedBy, "segue") {
		t.Errorf("metadata %v, created by %s", f.Metadata, f.CreatedBy)
	}
	for _, c := range f.RowGroups[0].Chunks {
		want := map[string]string{"taste": "UNCOMPRESSED -0.5 0.5", "plays": "ZSTD 2 7", "favourites.weight": "ZSTD 0.25 0.25", "first_play_at": "ZSTD 2026-03-29T01:02:03.000004Z 2026-03-29T01:02:03.000004Z"}[c.Column]
		if got := c.Compression + " " + c.Min + " " + c.Max; want != "" && got != want {
			t.Errorf("column %s: %s, want %s", c.Column, got, want)
		}
	}
	columns, rows, err := f.Head(10)
	if err != nil || len(columns) != 25 || len(rows) != 2 {
		t.Fatalf("head: %v %v %v", columns, rows, err)
	}
	got, err := json.Marshal(rows[0])
	want := `["a","","",null,"",7,0,0,0,0,"2026-03-29T01:02:03.000004Z",null,[0.5,-0.5],[],[],[],[{"song_id":"x","weight":0.25}],[],[],[],[],[],[],"",""]`
	if err != nil || string(got) != want {
		t.Errorf("row %s (%v)\nwant %s", got, err, want)
	}
	if _, rows, err := f.Head(1); err != nil || len(rows) != 1 {
		t.Errorf("head of one: %v %v", rows, err)
	}
}

// Columns are summed up over all files of a table, empty ones too; bounds compare as values, not as text.
func TestStats(t *testing.T) {
	s := memLake(t)
	hour := int32(10)
	nine := int32(9)
	var files []lake.FileRef
	for i, rows := range [][]schemas.PreferenceByHour{{{Region: "SE", Hour: &hour}}, {}, {{Region: "AU", Hour: &nine}, {Region: "US"}}} {
		ref, err := parquetio.WriteAll(t.Context(), s, string(rune('a'+i)), parquetio.Meta{}, rows)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, ref)
	}
	stats, err := parquetio.Stats(t.Context(), s, files)
	if err != nil || len(stats) != 18 {
		t.Fatalf("%v %v", stats, err)
	}
	if r := stats[0]; r.Column != "region" || r.Values != 3 || r.Nulls != 0 || r.Min != "AU" || r.Max != "US" {
		t.Errorf("region %+v", r)
	}
	if h := stats[2]; h.Column != "hour" || h.Values != 3 || h.Nulls != 1 || h.Min != "9" || h.Max != "10" {
		t.Errorf("hour %+v", h)
	}
	other, err := parquetio.WriteAll(t.Context(), s, "other", parquetio.Meta{}, []schemas.Coverage{{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parquetio.Stats(t.Context(), s, append(files, other)); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("mixed files: %v", err)
	}
}

// A file that was replaced since its reference was made is not opened by it.
func TestOpenReplacedFile(t *testing.T) {
	s := memLake(t)
	ref, err := parquetio.WriteAll(t.Context(), s, "good", parquetio.Meta{}, []schemas.Coverage{{Tier: "world"}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquetio.OpenRef(t.Context(), s, ref)
	if err != nil || f.Rows != 1 {
		t.Fatal(f, err)
	}
	f.Close()
	ref.ETag, ref.SHA256 = "another", "another"
	if _, err := parquetio.OpenRef(t.Context(), s, ref); !errors.Is(err, lake.ErrConflict) {
		t.Error(err)
	}
}

// A file that is cut or no Parquet is an error that names it.
func TestOpenDamagedFile(t *testing.T) {
	s := memLake(t)
	ref, err := parquetio.WriteAll(t.Context(), s, "good", parquetio.Meta{}, []schemas.Coverage{{Tier: "world"}})
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := s.Get(t.Context(), ref.Key)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"empty": "", "text": strings.Repeat("no parquet ", 9), "cut": string(data[:len(data)-9]), "footer": "PAR1" + string(data[len(data)-8:])} {
		if _, err := s.Create(t.Context(), name, strings.NewReader(text), int64(len(text))); err != nil {
			t.Fatal(err)
		}
		if _, err := parquetio.OpenFile(t.Context(), s, name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
