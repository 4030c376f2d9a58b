package neighbourio

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"segue/transforms/algo/blend"
	"segue/transforms/io/lake"
	"segue/transforms/io/npy"
)

func openLake(t *testing.T) lake.Store {
	t.Helper()
	s, err := lake.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Lists of several blocks are read back as they were written, empty ones too; songs that are not there have none.
func TestRoundTrip(t *testing.T) {
	for _, songs := range []int{0, 1, blend.BlockSongs, 2*blend.BlockSongs + 5} {
		r, s := rand.New(rand.NewPCG(uint64(songs), 1)), openLake(t)
		var files []lake.FileRef
		var want blend.Lists
		for b := range max(blend.Blocks(songs), 1) {
			p := blend.Part{Start: []int32{0}}
			lo, hi := blend.Block(b, songs)
			for range hi - lo {
				for range r.IntN(4) {
					p.Songs, p.Scores = append(p.Songs, r.Int32()), append(p.Scores, r.Float32()-.5)
				}
				p.Start = append(p.Start, int32(len(p.Songs)))
			}
			ref, err := Write(t.Context(), s, fmt.Sprint("lists-", b), p)
			if err != nil {
				t.Fatal(err)
			}
			files, want = append(files, ref), append(want, p)
		}
		got, err := Open(t.Context(), s, files, songs)
		if err != nil {
			t.Fatal(err)
		}
		for i := range songs {
			p, k := want[i/blend.BlockSongs], i%blend.BlockSongs
			near, scores := got.Of(int32(i))
			from, to := p.Start[k], p.Start[k+1]
			if !slices.Equal(near, p.Songs[from:to]) || !slices.Equal(scores, p.Scores[from:to]) {
				t.Fatalf("song %d of %d has %v with %v, want %v with %v", i, songs, near, scores, p.Songs[from:to], p.Scores[from:to])
			}
		}
		for _, absent := range []int32{-1, int32(songs), int32(songs + blend.BlockSongs), -blend.BlockSongs} {
			if near, scores := got.Of(absent); near != nil || scores != nil || got.StartOf(absent) != nil {
				t.Errorf("song %d of %d has %v", absent, songs, near)
			}
		}
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Files that are missing, too many, cut or of other songs are errors that name one.
func TestWrongFiles(t *testing.T) {
	s := openLake(t)
	put := func(name string, data ...int32) lake.FileRef {
		ref, err := npy.Write(t.Context(), s, name, data)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	good := put("good", 0, 1, 1, 7, 0)
	for name, c := range map[string]struct {
		files []lake.FileRef
		songs int
	}{
		"good and more": {[]lake.FileRef{good, good}, 2},
		"good":          {[]lake.FileRef{good}, blend.BlockSongs + 1},
		"few":           {[]lake.FileRef{put("few", 0, 0)}, 2},
		"many":          {[]lake.FileRef{put("many", 0, 0, 0, 0)}, 2},
		"cut":           {[]lake.FileRef{put("cut", 0, 1, 2, 7, 8, 0)}, 2},
		"late":          {[]lake.FileRef{put("late", 1, 1, 1, 7, 0)}, 2},
		"below":         {[]lake.FileRef{put("below", 0, 0, -1)}, 2},
	} {
		if _, err := Open(t.Context(), s, c.files, c.songs); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if l, err := Open(t.Context(), s, nil, 5); err != nil || len(l.Lists) != 0 {
		t.Errorf("no files: %v, %v", l, err)
	}
}
