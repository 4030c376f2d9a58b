package importer_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"segue/schemas"
	"segue/transforms/io/importer"
)

// write makes a file in a fresh folder and returns its path.
func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func parquetOf[T any](t *testing.T, rows ...T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What cannot be read at all is an error that names the file and the place, and nothing is written, not even what was
// read before it.
func TestUnreadableInputWritesNothing(t *testing.T) {
	type wrong struct {
		User string `parquet:"user_id"`
		Song string `parquet:"song_id"`
		At   bool   `parquet:"started_at"`
	}
	events, err := os.ReadFile("testdata/plain/events.csv")
	if err != nil {
		t.Fatal(err)
	}
	packed := gzipped(t, bytes.Repeat(events, 100))
	good := parquetOf(t, schemas.Play{UserID: "u", SongID: "s"})
	damaged := slices.Clone(good)
	for i := 4; i < 60; i++ {
		damaged[i] ^= 0xff
	}
	for name, c := range map[string]struct {
		file string
		data []byte
		want []string
	}{
		"missing file":      {"", nil, []string{"plays", "nothere.csv", "no such file"}},
		"column":            {"e.csv", []byte("user,rating\nu,1\n"), []string{"e.csv", "started_at", "played_at", "timestamp"}},
		"semicolons":        {"e.csv", []byte("user;track;ts\nu;t;1\n"), []string{"e.csv", "started_at", "one column", "user;track;ts", "','"}},
		"column in JSON":    {"e.jsonl", []byte(`{"user":"u","track":"t"}`), []string{"e.jsonl", "started_at", "ts"}},
		"no listener":       {"e.csv", []byte("track,ts\nt,1\n"), []string{"e.csv", "user_id", "whole import"}},
		"empty CSV":         {"e.csv", nil, []string{"e.csv", "empty"}},
		"open quote":        {"e.csv", []byte("user,track,ts\nu,t,1\nu,\"t,1\nu,t,2\nu,t,3\n"), []string{"e.csv", "at 3", "quote"}},
		"broken array":      {"e.json", []byte(`[{"user":"u","track":"t","ts":1},{"user":`), []string{"e.json", "at 2", "byte"}},
		"truncated gzip":    {"e.csv.gz", packed[:len(packed)/2], []string{"e.csv.gz", "unexpected EOF"}},
		"no gzip":           {"e.csv.gz", []byte("user,track,ts\n"), []string{"e.csv.gz", "unpack"}},
		"no Parquet":        {"e.parquet", []byte("user,track,ts\nu,t,1\n"), []string{"e.parquet", "not a whole Parquet file"}},
		"truncated Parquet": {"e.parquet", good[:len(good)-20], []string{"e.parquet", "not a whole Parquet file"}},
		"damaged Parquet":   {"e.parquet", damaged, []string{"e.parquet"}},
		"type in Parquet":   {"e.parquet", parquetOf(t, wrong{"u", "s", true}), []string{"e.parquet", "started_at", "BOOLEAN", "a time"}},
		"LZ4 in Parquet":    {"e.parquet", parquetOf(t, packedPlay{"u", "s", 1}), []string{"e.parquet", "song_id", "LZ4_RAW", "snappy"}},
		"list in Parquet":   {"e.parquet", parquetOf(t, listPlay{[]string{"u"}, "s", 1}), []string{"e.parquet", "user_id", "a list of", "as text"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := "nothere.csv"
			if c.file != "" {
				path = write(t, c.file, c.data)
			}
			s, src := newLake(t), plain()
			src.Plays = []string{path}
			_, err := importer.Import(t.Context(), s, src, importer.Options{})
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			if got := list(t, s, "landing"); len(got) > 0 {
				t.Errorf("something was written: %v", got)
			}
		})
	}
}

// An empty folder, an unknown format and no sources at all are errors.
func TestNothingToImport(t *testing.T) {
	for name, src := range map[string]importer.Sources{
		"folder": {From: importer.CSV, Plays: []string{t.TempDir()}},
		"glob":   {From: importer.CSV, Plays: []string{filepath.Join(t.TempDir(), "*.csv")}},
		"format": {From: "xml", Plays: []string{"testdata/plain/events.csv"}},
		"none":   {From: importer.CSV},
	} {
		if _, err := importer.Import(t.Context(), newLake(t), src, importer.Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// gzip and zstd are transparent, and a byte order mark is not part of the first column.
func TestCompressedFiles(t *testing.T) {
	plainData := []byte("\xef\xbb\xbfuser,track,ts\nu,t,1402884087\n")
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"e.csv": plainData, "e.csv.gz": gzipped(t, plainData), "e.csv.zst": z.EncodeAll(plainData, nil)} {
		r := mustImport(t, newLake(t), importer.Sources{From: importer.CSV, Plays: []string{write(t, name, data)}}, importer.Options{})
		if k := r.Kind("plays"); k.Out != 1 {
			t.Errorf("%s: %+v", name, k)
		}
	}
}

// Bytes that are no UTF-8 make a bad record of each format, and the reject is valid UTF-8.
func TestInvalidUTF8(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, data := range map[string][]byte{
		"e.csv":     []byte("user,track,ts\nu,t\xff,1402884087\nu,t,1402884087\n"),
		"e.jsonl":   []byte("{\"user\":\"u\",\"track\":\"t\xff\",\"ts\":1402884087}\n{\"user\":\"u\",\"track\":\"t\",\"ts\":1402884087}"),
		"e.parquet": parquetOf(t, schemas.Play{UserID: "u", SongID: "t\xff", StartedAt: at}, schemas.Play{UserID: "u", SongID: "t", StartedAt: at}),
	} {
		s := newLake(t)
		k := mustImport(t, s, importer.Sources{From: importer.CSV, Plays: []string{write(t, name, data)}}, importer.Options{}).Kind("plays")
		if k.Out != 1 || k.Rejected != 1 || k.Reasons[0].Reason != schemas.ReasonInvalidUTF8 {
			t.Errorf("%s: %+v", name, k)
		}
		says := "\uFFFD"
		if name == "e.parquet" {
			says = `\"user_id\":\"u\"`
		}
		if got := rows[schemas.Rejected](t, s, schemas.LandingRejected); len(got) != 1 || !strings.Contains(got[0], says) {
			t.Errorf("%s: rejects are %q", name, got)
		}
	}
}
