package neighbours

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Golden neighbours: the first three of the first forty songs of a small generated world, with scores to three digits, as all kernel
// tiers give them. SEGUE_GOLDEN=1 writes the file again. Real sets have no golden: their expectations are computed.
func TestGoldenNeighbours(t *testing.T) {
	lists, songs, artist := world(47, 200, 300, 8)
	n, _ := night(t, lists, songs, artist)
	n.MustStage(Stage(Default()))
	var got strings.Builder
	for _, row := range published(n) {
		if row.Rank > 3 || row.SongID >= id(40) {
			continue
		}
		line, err := json.Marshal(map[string]string{
			"song": row.SongID, "neighbour": row.NeighbourID, "score": fmt.Sprintf("%.3f", row.Score),
			"cooc": fmt.Sprintf("%.3f", row.CoocScore), "emb": fmt.Sprintf("%.3f", row.EmbScore), "artist": fmt.Sprint(row.SameArtist),
		})
		if err != nil {
			t.Fatal(err)
		}
		got.Write(append(line, '\n'))
	}
	path := filepath.Join("testdata", "world", "want.jsonl")
	if os.Getenv("SEGUE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("neighbours differ from %s; make golden writes them again:\n%s", path, got.String())
	}
}
