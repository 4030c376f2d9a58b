package peers_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
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
