package peers_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"segue/transforms/algo/csr"
	"segue/transforms/algo/csr/csrtest"
	"segue/transforms/algo/knn/knntest"
	"segue/transforms/algo/svd"
)

// put writes numbers of a fixed size, little endian, as numpy reads them.
func put[T any](t testing.TB, folder, name string, data []T) {
	t.Helper()
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	const batch = 1 << 16
	for at := 0; at < len(data); at += batch {
		if err := binary.Write(w, binary.LittleEndian, data[at:min(at+batch, len(data))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

// load reads what put wrote.
func load[T any](t testing.TB, folder, name string, size int) []T {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]T, int(info.Size())/size)
	r := bufio.NewReaderSize(f, 1<<20)
	const batch = 1 << 16
	for at := 0; at < len(out); at += batch {
		if err := binary.Read(r, binary.LittleEndian, out[at:min(at+batch, len(out))]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func loadMatrix(t testing.TB, folder string) csr.Matrix {
	return csr.Matrix{Start: load[int64](t, folder, "start.i64", 8), Items: load[int32](t, folder, "items.i32", 4)}
}

func putVectors(t testing.TB, folder string, n, dim int) {
	rows, _ := knntest.Clustered(42, n, dim)
	put(t, folder, "vectors.f32", rows)
}

// putPlaylists writes playlists of songs in at least least playlists, columns by playlists falling.
func putPlaylists(t testing.TB, folder string, lists, least int) csr.Matrix {
	m := csr.Build(csrtest.Playlists(lists, 1), csrtest.Songs)
	limit := int32(csr.AtLeast(m.Counts(), least))
	out := csr.Matrix{Start: make([]int64, 1, lists+1)}
	for r := range m.Rows.Rows() {
		out.Items = append(out.Items, m.Rows.Prefix(r, limit)...)
		out.Start = append(out.Start, int64(len(out.Items)))
	}
	put(t, folder, "start.i64", out.Start)
	put(t, folder, "items.i32", out.Items)
	return out
}

// putWeighted writes playlists and the factors of their rows and columns.
func putWeighted(t testing.TB, folder string, lists int) {
	p := svd.Default()
	m := putPlaylists(t, folder, lists, p.MinCount)
	s := svd.NewScales(m, csr.Counts(csr.Transpose(m, songsOf(m))), p)
	put(t, folder, "row.f32", s.Row)
	put(t, folder, "col.f32", s.Col)
}

func songsOf(m csr.Matrix) int {
	n := int32(0)
	for _, i := range m.Items {
		n = max(n, i+1)
	}
	return int(n)
}

// hidden is how many playlists, the last ones, are kept from training of skip-grams.
const hidden = 500

// putText writes all playlists as matrix, and those to train on as lines of shuffled song numbers.
func putText(t testing.TB, folder string, lists, least int) {
	m := putPlaylists(t, folder, lists+hidden, least)
	f, err := os.Create(filepath.Join(folder, "playlists.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, draw := bufio.NewWriterSize(f, 1<<20), rand.New(rand.NewPCG(3, 3))
	for r := range lists {
		row := m.Row(r)
		for _, i := range draw.Perm(len(row)) {
			fmt.Fprint(w, row[i], " ")
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}
