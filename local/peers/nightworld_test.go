package peers_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"segue/transforms/io/lake"
)

// generateWorld makes a world in the shape of the Million Playlist Dataset: as many listeners as playlists, some plays of each over some days.
func generateWorld(t *testing.T, folder string, playlists int, plays float64, days int) {
	t.Helper()
	count := func(per float64) string { return strconv.Itoa(int(float64(playlists) * per)) }
	command(t, os.Getenv("SEGUE_BINARY")+"-dev", "generate", "--out", folder, "--shape", "mpd", "--playlists", count(1), "--songs", count(2.2),
		"--artists", count(.3), "--users", count(1), "--plays", count(plays), "--days", strconv.Itoa(days))
}

// importWorld brings a world into a lake: plays by their days, the rest as snapshots of the first night.
func importWorld(t *testing.T, folder, to string) {
	t.Helper()
	load := []string{"import", "--from", "parquet", "--lake", to}
	command(t, os.Getenv("SEGUE_BINARY"), append(load, "--plays", filepath.Join(folder, "plays.parquet"))...)
	load = append(load, "--date", nightDate)
	for _, kind := range []string{"playlists", "songs", "users"} {
		load = append(load, "--"+kind, filepath.Join(folder, kind+".parquet"))
	}
	command(t, os.Getenv("SEGUE_BINARY"), load...)
}

// tableHashes returns the content hash of every table of the current release of a lake.
func tableHashes(t *testing.T, folder string) map[string]string {
	t.Helper()
	s, err := lake.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	_, m, err := lake.Current(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range m.Tables {
		out[table.Name] = table.ContentHash
	}
	return out
}

// nightStages returns the records of the first run of a lake; none before it wrote one.
func nightStages(t *testing.T, folder string) []lake.StageRecord {
	t.Helper()
	s, err := lake.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	records, err := lake.ReadStages(t.Context(), s, lake.RunID(nightDate, 1))
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// forgetNights removes all of a lake but what landed.
func forgetNights(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		if err == nil && e.Name() != "landing" {
			err = os.RemoveAll(filepath.Join(folder, e.Name()))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
