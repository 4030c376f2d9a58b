package peers_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// contest is one input, and the methods that run on it one after the other.
type contest struct {
	title string
	size  string
	input func(t testing.TB, folder string)
	unit  string // of the quality
	grade string // numbers of Segue's method sgns-quality, run after each side; "" = a side grades itself
	duels []duel
}

// duel is one line of the report.
type duel struct {
	what   string
	segue  string // method and numbers
	peer   string // method and arguments
	named  string // the other program
	goal   float64
	second bool // both sides get two threads
}

func contests(large bool) []contest {
	songs, lists := number("SEGUE_PEERS_SONGS", 100_000), number("SEGUE_PEERS_PLAYLISTS", 50_000)
	all := []contest{
		search100(songs), decomposition(lists), cooccurrence(lists), skipgrams(lists / 4),
	}
	if large {
		all = append(all, search1000(1_000_000))
	}
	return all
}

func search100(n int) contest {
	return contest{
		"100 nearest of every row, inner product", fmt.Sprintf("%d rows of 128, clustered", n),
		func(t testing.TB, folder string) { putVectors(t, folder, n, 128) }, "recall@100", "",
		[]duel{
			{what: "exact, float32", segue: "flat 128 1", peer: "flat 128", named: "FAISS IndexFlatIP", goal: 2.5},
			{what: "exact, int8 screen", segue: "flat 128 0", peer: "flat 128", named: "FAISS IndexFlatIP", goal: 4.5},
			{what: "at recall ≥ .995", segue: "near 128 .995", peer: "ivf 128 1024 .995", named: "FAISS IndexIVFFlat", goal: 2},
		},
	}
}

func search1000(n int) contest {
	return contest{
		"100 nearest of every row, inner product", fmt.Sprintf("%d rows of 64, clustered", n),
		func(t testing.TB, folder string) { putVectors(t, folder, n, 64) }, "recall@100", "",
		[]duel{{what: "at recall ≥ .99", segue: "near 64 .99", peer: "ivf 64 4096 .99", named: "FAISS IndexIVFFlat", goal: 2.5}},
	}
}

func decomposition(lists int) contest {
	return contest{
		"truncated decomposition, 128 + 32 columns, four passes", fmt.Sprintf("%d playlists", lists),
		func(t testing.TB, folder string) { putWeighted(t, folder, lists) }, "captured share", "",
		[]duel{{what: "SVD, d = 128", segue: "svd 128 32 4", peer: "svd 128 32 4", named: "scikit-learn randomized_svd", goal: 3}},
	}
}

func cooccurrence(lists int) contest {
	return contest{
		"songs that share playlists, cosine, 200 a song", fmt.Sprintf("%d playlists", lists),
		func(t testing.TB, folder string) { putPlaylists(t, folder, lists, 2) }, "mean sum of a list", "",
		[]duel{{what: "co-occurrence", segue: "cooc 200", peer: "cooc 200", named: "implicit CosineRecommender", goal: 3}},
	}
}

func skipgrams(lists int) contest {
	const peer = "sgns 128 10 5 2"
	return contest{
		"skip-grams, d = 128, window 10, 5 negatives, 10 epochs", fmt.Sprintf("%d playlists", lists),
		func(t testing.TB, folder string) { putText(t, folder, lists, 5) }, "held-out recall@100", "128",
		[]duel{
			{what: "SGNS, hogwild, to no lower quality: 7 epochs", segue: "sgns 128 7 1", peer: peer, named: "gensim Word2Vec", goal: 10, second: true},
			{what: "SGNS, hogwild", segue: "sgns 128 10 1", peer: peer, named: "gensim Word2Vec", goal: 10, second: true},
			{what: "SGNS, deterministic blocks", segue: "sgns 128 10 0", peer: peer, named: "gensim Word2Vec", goal: 3, second: true},
		},
	}
}

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// arena runs methods in one folder, each once.
type arena struct {
	t      *testing.T
	python string
	folder string
	grade  string
	done   map[string]cost
}

// run returns the cost of Segue's method, or that of another program.
func (a *arena) run(segue bool, method string, second bool) cost {
	a.t.Helper()
	key := fmt.Sprint(segue, method)
	if c, ok := a.done[key]; ok {
		return c
	}
	c := a.process(segue, method, second)
	if a.grade != "" {
		c.Quality = a.process(true, "sgns-quality "+a.grade, true).Quality
	}
	a.done[key] = c
	a.t.Logf("%-8s %-24s %.2f CPU-s, %.2f s, %d MB, quality %.4f, %s", map[bool]string{true: "segue", false: "peer"}[segue], method, c.CPU, c.Wall, c.Peak>>20, c.Quality, c.Note)
	return c
}

// process runs a method in a process of its own, with one thread or two.
func (a *arena) process(segue bool, method string, second bool) cost {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Hour)
	defer cancel()
	threads := map[bool]string{false: "1", true: "2"}[second]
	name, rest, _ := strings.Cut(method, " ")
	cmd := exec.CommandContext(ctx, a.python, append([]string{"methods.py", name, a.folder}, strings.Fields(rest)...)...)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS="+threads, "OPENBLAS_NUM_THREADS="+threads)
	if segue {
		cmd = exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestMethod$", "-test.v")
		cmd.Env = append(os.Environ(), envMethod+"="+strings.Join([]string{name, a.folder, rest}, " "), "GOMAXPROCS="+threads)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		a.t.Fatalf("%s: %v\n%s", method, err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		var c cost
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &c) == nil {
			return c
		}
	}
	a.t.Fatalf("%s printed no cost: %s", method, out)
	return cost{}
}

// TestPeers measures Segue's methods beside other programs, one after the other on the same input, and writes the report
// SEGUE_PEERS_REPORT names. SEGUE_PEERS_SONGS and SEGUE_PEERS_PLAYLISTS are the sizes; SEGUE_PEERS_LARGE=1 adds a search
// among a million rows. It fails where a side is worse than the other by more than the tolerance of its kind; ratios do
// not fail it, for machines differ.
func TestPeers(t *testing.T) {
	path := os.Getenv("SEGUE_PEERS_REPORT")
	if path == "" {
		t.Skip("run make bench-peers")
	}
	python := cmp.Or(os.Getenv("SEGUE_PYTHON"), "../../.venv-peers/bin/python")
	var r report
	r.tiles(t, python)
	for _, c := range contests(os.Getenv("SEGUE_PEERS_LARGE") != "") {
		a := &arena{t, python, t.TempDir(), c.grade, map[string]cost{}}
		c.input(t, a.folder)
		r.begin(c)
		for _, d := range c.duels {
			ours, theirs := a.run(true, d.segue, d.second), a.run(false, d.peer, d.second)
			r.add(d, ours, theirs)
			if ours.Quality < theirs.Quality-tolerance(theirs.Quality) {
				t.Errorf("%s: %s is %.4f here and %.4f there", d.what, c.unit, ours.Quality, theirs.Quality)
			}
		}
	}
	if err := writeReport(path, r.String()); err != nil {
		t.Fatal(err)
	}
}

// tolerance is how much less a quality may be and pass for the same.
func tolerance(q float64) float64 { return math.Abs(q) * .02 }
