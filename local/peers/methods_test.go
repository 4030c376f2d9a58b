package peers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"segue/transforms/algo/cooc"
	"segue/transforms/algo/csr"
	"segue/transforms/algo/knn"
	"segue/transforms/algo/sgns"
	"segue/transforms/algo/simd"
	"segue/transforms/algo/svd"
	"segue/transforms/algo/topk"
	"segue/transforms/algo/vec"
)

// cost is what a method took and how good it was, as methods.py prints it too.
type cost struct {
	CPU     float64 `json:"cpu"`  // seconds, user and system
	Wall    float64 `json:"wall"` // seconds
	Peak    int64   `json:"peak"` // bytes resident at most while it ran, input included
	Quality float64 `json:"quality"`
	Note    string  `json:"note"`
}

// measured runs a method from a heap that holds its input only.
func measured(t *testing.T, run func()) cost {
	t.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		t.Fatal(err)
	}
	cpu, wall := cpuSeconds(), time.Now()
	run()
	return cost{CPU: cpuSeconds() - cpu, Wall: time.Since(wall).Seconds(), Peak: peakBytes(t)}
}

// peakBytes returns the largest resident size since the last reset.
func peakBytes(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	kib, err := strconv.ParseInt(string(bytes.Fields(after)[0]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// methods are Segue's sides: what a run is given is its folder and numbers.
var methods = map[string]func(*testing.T, string, []float64) cost{
	"flat": searchAll, "near": searchNear, "svd": decompose, "cooc": together, "sgns": train, "sgns-quality": quality,
}

// envMethod asks a test process to be one of the methods: its name, folder and numbers.
const envMethod = "SEGUE_PEERS_METHOD"

// A process of its own runs one method, so that its peak memory is its own.
func TestMethod(t *testing.T) {
	f := strings.Fields(os.Getenv(envMethod))
	if len(f) < 2 {
		t.Skip("a method is run by TestPeers")
	}
	numbers := make([]float64, len(f)-2)
	for i := range numbers {
		var err error
		if numbers[i], err = strconv.ParseFloat(f[2+i], 64); err != nil {
			t.Fatal(err)
		}
	}
	out, err := json.Marshal(methods[f[0]](t, f[1], numbers))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\n%s\n", out)
}

// searchAll finds the 100 nearest of every row. Numbers: dim, 1 to screen with float32.
func searchAll(t *testing.T, folder string, n []float64) cost {
	return search(t, folder, int(n[0]), knn.Params{K: 100, Floats: n[1] == 1})
}

// searchNear does so with the fewest near blocks of enough recall, tried beforehand. Numbers: dim, recall.
func searchNear(t *testing.T, folder string, n []float64) cost {
	p := knn.Problem{Dim: int(n[0]), Base: load[float32](t, folder, "vectors.f32", 4)}
	l, err := knn.Arrange(p, 7)
	if err != nil {
		t.Fatal(err)
	}
	blocks := len(l.Base) / knn.BlockRows
	for near := 24; near < blocks; near += near / 3 {
		x, err := knn.NewIndex(p, l, knn.Params{K: 100, Near: near})
		if err != nil {
			t.Fatal(err)
		}
		if hits, wanted := recalled(t, x); float64(hits) >= n[1]*float64(wanted) {
			p.Base = nil
			return search(t, folder, p.Dim, knn.Params{K: 100, Near: near})
		}
	}
	return search(t, folder, p.Dim, knn.Params{K: 100})
}

func recalled(t *testing.T, x *knn.Index) (hits, wanted int) {
	t.Helper()
	sample := knn.Sample(x.Positions(), sampled, 1)
	exact, err := x.Exact(t.Context(), sample)
	if err != nil {
		t.Fatal(err)
	}
	return x.Recall(sample, exact, 100)
}

func search(t *testing.T, folder string, dim int, params knn.Params) cost {
	p := knn.Problem{Dim: dim, Base: load[float32](t, folder, "vectors.f32", 4)}
	var lists *knn.Lists
	c := measured(t, func() {
		l, err := knn.Arrange(p, 7)
		if err != nil {
			t.Fatal(err)
		}
		x, err := knn.NewIndex(p, l, params)
		if err != nil {
			t.Fatal(err)
		}
		if lists, err = x.Search(t.Context(), 0, x.Positions()); err != nil {
			t.Fatal(err)
		}
	})
	c.Quality = naiveRecall(p, lists)
	c.Note = "exact, float32 screen"
	switch {
	case params.Near > 0:
		c.Note = fmt.Sprintf("%d near blocks of %d", params.Near, len(p.Base)/dim/knn.BlockRows)
	case !params.Floats && simd.FastI8():
		c.Note = "exact, int8 screen"
	}
	return c
}

// sampled is how many queries tell the recall: where some rows miss most of their list, few queries tell little.
const sampled = 2000

// naiveRecall compares the lists of other queries with those of scoring everything.
func naiveRecall(p knn.Problem, lists *knn.Lists) float64 {
	rows := len(p.Base) / p.Dim
	hits, wanted := make([]int, lists.Len()), 0
	sample := knn.Sample(lists.Len(), sampled/2, 2)
	vec.Each(len(sample), func(s int) {
		i := sample[s]
		q := int(lists.Queries[i])
		var best topk.List
		best.Reset(100)
		for j := range rows {
			if j != q {
				best.Push(int32(j), vec.Dot(p.Base[q*p.Dim:(q+1)*p.Dim], p.Base[j*p.Dim:(j+1)*p.Dim]))
			}
		}
		found := lists.List(i, nil)
		for _, e := range best.Sorted() {
			if slices.ContainsFunc(found, func(f topk.Entry) bool { return f.ID == e.ID }) {
				hits[i]++
			}
		}
	})
	all := 0
	for _, i := range sample {
		all, wanted = all+hits[i], wanted+100
	}
	return float64(all) / float64(wanted)
}

// decompose is the fit of the night, to its vectors' spectrum. Numbers: dim, oversample, passes.
func decompose(t *testing.T, folder string, n []float64) cost {
	p := svd.Default()
	p.Dim, p.Oversample, p.Iterations = int(n[0]), int(n[1]), int(n[2])
	m := loadMatrix(t, folder)
	songs := songsOf(m)
	keys := make([]uint64, songs)
	for i := range keys {
		keys[i] = svd.Key(1, uint64(i))
	}
	var share float64
	c := measured(t, func() {
		cols := csr.Transpose(m, songs)
		f := svd.NewFitting(m, cols, svd.NewScales(m, csr.Counts(cols), p), p)
		if err := f.Run(svd.Start{Keys: keys}); err != nil {
			t.Fatal(err)
		}
		share = f.Share
	})
	c.Quality, c.Note = share, fmt.Sprintf("%d entries, %d × %d", len(m.Items), m.Rows(), songs)
	return c
}

// together is the co-occurrence stage with the weights of a cosine. Numbers: depth. Quality: mean sum of a list's scores.
func together(t *testing.T, folder string, n []float64) cost {
	p := cooc.Params{MinCount: 1, Cap: 1000, Beta: .5, Depth: int(n[0])}
	m := loadMatrix(t, folder)
	songs := songsOf(m)
	sums := make([]float64, songs)
	c := measured(t, func() {
		cols := csr.Transpose(m, songs)
		model, names := cooc.NewModel(m, csr.Counts(cols), p, 1), make([]int32, songs)
		for i := range names {
			names[i] = int32(i)
		}
		lists := make([][]topk.Entry, songs)
		const block = 1024
		vec.Each((songs+block-1)/block, func(b int) {
			rows := cooc.NewRows(model, cols, names, p)
			defer rows.Close()
			for i := b * block; i < min((b+1)*block, songs); i++ {
				lists[i] = slices.Clone(rows.List(i))
				for _, e := range lists[i] {
					sums[i] += float64(e.Score)
				}
			}
		})
		runtime.KeepAlive(lists)
	})
	for _, s := range sums {
		c.Quality += s / float64(songs)
	}
	c.Note = fmt.Sprintf("%d entries, %d songs", len(m.Items), songs)
	return c
}

// train learns skip-grams and leaves both matrices. Numbers: dim, epochs, 1 to race.
func train(t *testing.T, folder string, n []float64) cost {
	p := sgns.Default()
	p.Dim, p.Epochs = int(n[0]), int(n[1])
	m := loadMatrix(t, folder)
	songs := songsOf(m)
	lists := m.Rows() - hidden
	in := sgns.Input{Playlists: csr.Matrix{Start: m.Start[:lists+1], Items: m.Items[:m.Start[lists]]}, Seed: 1, Racing: n[2] == 1, Keys: make([]uint64, songs)}
	for i := range in.Keys {
		in.Keys[i] = svd.Key(1, uint64(i))
	}
	in.Counts = csr.Counts(csr.Transpose(in.Playlists, songs))
	var model *sgns.Model
	c := measured(t, func() {
		var err error
		if model, err = sgns.Train(t.Context(), in, p); err != nil {
			t.Fatal(err)
		}
	})
	put(t, folder, "in.f32", model.In)
	put(t, folder, "out.f32", model.Out)
	c.Note = fmt.Sprintf("%d entries, %d songs", len(in.Playlists.Items), songs)
	return c
}

// quality is the recall@100 of the second half of playlists nothing was trained on, asked for with their first half: by the
// mean of cosines of in and out vectors and a fifth of the logarithm of playlists over six. Numbers: dim.
func quality(t *testing.T, folder string, n []float64) cost {
	d := int(n[0])
	m := loadMatrix(t, folder)
	from, to, songs := load[float32](t, folder, "in.f32", 4), load[float32](t, folder, "out.f32", 4), songsOf(m)
	from, to = append(from, make([]float32, songs*d-len(from))...), append(to, make([]float32, songs*d-len(to))...)
	bias := make([]float32, songs)
	for i, c := range csr.Counts(csr.Transpose(m, songs)) {
		vec.Unit(from[i*d : (i+1)*d])
		vec.Unit(to[i*d : (i+1)*d])
		bias[i] = float32(.2 / 6 * math.Log(float64(max(c, 1))))
	}
	hits, wanted := 0, 0
	for r := m.Rows() - hidden; r < m.Rows(); r++ {
		row := m.Row(r)
		seeds, rest := make(map[int32]bool, len(row)), make(map[int32]bool, len(row))
		query := make([]float32, d)
		for k, i := range row {
			if k%2 == 1 {
				rest[i] = true
				continue
			}
			seeds[i] = true
			vec.Axpy(1/float32((len(row)+1)/2), from[int(i)*d:(int(i)+1)*d], query)
		}
		var best topk.List
		best.Reset(100)
		for j := range songs {
			if !seeds[int32(j)] {
				best.Push(int32(j), vec.Dot(query, to[j*d:(j+1)*d])+bias[j])
			}
		}
		for _, e := range best.Sorted() {
			if rest[e.ID] {
				hits++
			}
		}
		wanted += len(rest)
	}
	return cost{Quality: float64(hits) / float64(wanted)}
}
