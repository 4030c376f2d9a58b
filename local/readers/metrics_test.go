package readers_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"segue/transforms/algo/metrics"
)

// rankedCase is one case as metrics.py reads it.
type rankedCase struct {
	Seeds  []int32 `json:"seeds"`
	Hidden []int32 `json:"hidden"`
	Ranked []int32 `json:"ranked"`
}

// songFacts is what metrics.py is told of songs, by number.
type songFacts struct {
	Playlists []float64   `json:"playlists"`
	All       float64     `json:"all_playlists"`
	Artist    []int32     `json:"artist"`
	Vectors   [][]float32 `json:"vectors"`
}

// randomSongs draws songs of which some have no artist, no vector or no playlist.
func randomSongs(r *rand.Rand, n, dim int) songFacts {
	f := songFacts{All: 5000}
	for range n {
		f.Playlists = append(f.Playlists, math.Floor(3000*math.Pow(r.Float64(), 6)))
		f.Artist = append(f.Artist, int32(r.IntN(n/6)-1))
		v, length := make([]float32, dim), 0.0
		for k := range v {
			v[k] = float32(r.NormFloat64())
			length += float64(v[k]) * float64(v[k])
		}
		for k := range v {
			if v[k] /= float32(math.Sqrt(length)); r.IntN(400) == 0 {
				clear(v)
			}
		}
		f.Vectors = append(f.Vectors, v)
	}
	return f
}

// randomCase hides songs that the ranking has at all depths, near the front or not at all.
func randomCase(r *rand.Rand, songs int) rankedCase {
	p := r.Perm(songs)
	take := func(n int) []int32 {
		out := make([]int32, n)
		for i := range out {
			out[i] = int32(p[i])
		}
		p = p[n:]
		return out
	}
	c := rankedCase{Seeds: take(1 + r.IntN(25)), Hidden: take(5 + r.IntN(200))}
	c.Ranked = append(take(r.IntN(600)), c.Hidden[:r.IntN(len(c.Hidden)+1)]...)
	for len(c.Ranked) < 700 {
		c.Ranked = append(c.Ranked, take(50)...)
	}
	front := len(c.Ranked)
	if r.IntN(2) == 0 {
		front = 120
	}
	r.Shuffle(front, func(i, j int) { c.Ranked[i], c.Ranked[j] = c.Ranked[j], c.Ranked[i] })
	return c
}

// measures takes every measure of a case.
func measures(c rankedCase, f songFacts, flat []float32) map[string]float64 {
	h, n := metrics.Hits(c.Ranked, c.Hidden), len(c.Hidden)
	return map[string]float64{
		"ndcg@100": metrics.NDCG(h, n, 100), "recall@10": metrics.Recall(h, n, 10), "recall@100": metrics.Recall(h, n, 100),
		"r_precision": metrics.RPrecision(h, n), "mrr": metrics.ReciprocalRank(h), "clicks": metrics.Clicks(h),
		"r_precision_artist":  metrics.ArtistRPrecision(c.Ranked, c.Hidden, f.Artist),
		"novelty@100":         metrics.Novelty(c.Ranked, f.Playlists, f.All, 100),
		"popularity_lift@100": metrics.PopularityLift(c.Ranked, c.Seeds, f.Playlists, 100),
		"artist_entropy@100":  metrics.ArtistEntropy(c.Ranked, f.Artist, 100),
		"distance@100":        metrics.Distance(c.Ranked, flat, len(f.Vectors[0]), 100),
	}
}

// Every measure agrees to 1e-9 with ranx or with its definition in NumPy, case by case.
func TestMetricsAgree(t *testing.T) {
	path := python(t)
	if out, err := exec.Command(path, "-c", "import ranx").CombinedOutput(); err != nil {
		t.Skipf("no ranx: run make readers\n%s", out)
	}
	const seed = 11
	r := rand.New(rand.NewPCG(seed, 0))
	f := randomSongs(r, 1500, 24)
	var flat []float32
	for _, v := range f.Vectors {
		flat = append(flat, v...)
	}
	data := struct {
		Cases    []rankedCase         `json:"cases"`
		Songs    songFacts            `json:"songs"`
		Measured map[string][]float64 `json:"measured"`
	}{Songs: f, Measured: map[string][]float64{}}
	shown := make([]int64, len(f.Artist))
	for range 500 {
		c := randomCase(r, len(f.Artist))
		data.Cases = append(data.Cases, c)
		for name, x := range measures(c, f, flat) {
			data.Measured[name] = append(data.Measured[name], x)
		}
		for _, s := range c.Ranked[:100] {
			shown[s]++
		}
	}
	data.Measured["coverage@100"], data.Measured["gini@100"] = []float64{metrics.Coverage(shown)}, []float64{metrics.Gini(shown)}
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cases.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "metrics.py", file).CombinedOutput()
	t.Logf("\n%s", out)
	if err != nil || !strings.Contains(string(out), "500 cases, 13 measures, 0 differ") {
		t.Errorf("seed %d: %v", seed, err)
	}
}
