package evaluate

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"segue/schemas"
)

// realData returns the folder of a real set, or skips: SEGUE_REAL_DATA, else ../shared/data beside the repository.
func realData(t *testing.T, set string) string {
	t.Helper()
	root := os.Getenv("SEGUE_REAL_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir := filepath.Join(root, set)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data at %s: set SEGUE_REAL_DATA to the folder that holds %s", dir, set)
	}
	return dir
}

func readPlaylists(t *testing.T, dir string) []schemas.Playlist {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "playlists.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []schemas.Playlist
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var p struct {
			PlaylistID string   `json:"playlist_id"`
			Tracks     []string `json:"tracks"`
		}
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, schemas.Playlist{PlaylistID: p.PlaylistID, Songs: p.Tracks})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// readArtists returns the normalised artist name by song.
func readArtists(t *testing.T, dir string) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "tracks.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, row := range rows[1:] {
		out[row[0]] = strings.ToLower(strings.TrimSpace(row[2]))
	}
	return out
}

// bar is the lower 95 % bound that small real sets must pass.
const bar = 0.95

// The published table is not worse than item-kNN stored at 100 on radio lists, three salts pooled.
func TestRealClassicRock(t *testing.T) {
	realSet(t, "classic_rock")
}

// The same on concert programmes.
func TestRealNYPhil(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	realSet(t, "nyphil")
}

func realSet(t *testing.T, set string) {
	dir := realData(t, set)
	r, err := Protocol(readPlaylists(t, dir), readArtists(t, dir), DefaultProtocol())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d cases, vocabulary %v", set, r.Cases, r.Vocabulary)
	for _, row := range r.Rows {
		t.Logf("%-18s %-12s %.4f  ratio %.3f (%.3f-%.3f)", row.Metric, row.Method, row.Mean.Value, row.Ratio.Value, row.Ratio.Low, row.Ratio.High)
	}
	got := r.Ratio(MetricNDCG, MethodPublished, MethodStored)
	t.Logf("published over item_knn@100: %.3f (%.3f-%.3f)", got.Value, got.Low, got.High)
	if !(got.Low > bar) {
		t.Errorf("lower bound of nDCG@100 of published over item_knn@100 is %.3f, want above %v", got.Low, bar)
	}
}
