package world

import (
	"os"
	"slices"
	"sync"
	"testing"
)

// A world of a million playlists has the counts published for the Million Playlist Dataset (66.3 million entries, lengths
// of median 49 and mean 66, some 600 to 700 thousand songs in five playlists or more; 38 artists a playlist, counted on 100,000
// of them), each within 15 %.
func TestShapeOfMPD(t *testing.T) {
	if os.Getenv("SEGUE_BENCH_LARGE") == "" {
		t.Skip("SEGUE_BENCH_LARGE is not set: a million playlists take minutes")
	}
	p := Default()
	p.Shape, p.Songs, p.Artists, p.Playlists = MPD, 2_200_000, 300_000, 1_000_000
	c := newCatalogue(p)
	number := make(map[string]int32, len(c.songs))
	for i := range c.songs {
		number[c.songs[i].id] = int32(i)
	}
	var mu sync.Mutex
	counts, lengths, artists := make([]int, len(c.songs)), make([]int, 0, p.Playlists), 0
	count := func(from, to int) []int32 {
		var songs []int32
		for _, l := range playlists(p, c, from, to) {
			by := map[int]bool{}
			for _, id := range l.Songs {
				songs = append(songs, number[id])
				by[c.songs[number[id]].artist] = true
			}
			mu.Lock()
			lengths, artists = append(lengths, len(l.Songs)), artists+len(by)
			mu.Unlock()
		}
		return songs
	}
	add := func(songs []int32) error {
		for _, i := range songs {
			counts[i]++
		}
		return nil
	}
	if err := inBlocks(t.Context(), p.Playlists, count, add); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lengths)
	entries, frequent, once := 0, 0, 0
	for _, n := range counts {
		entries += n
		if n >= 5 {
			frequent++
		}
		if n == 1 {
			once++
		}
	}
	t.Logf("%d entries, median length %d, %d songs in 5 playlists or more, %d in one, the first in %d, %.1f artists a playlist", entries, lengths[len(lengths)/2],
		frequent, once, slices.Max(counts), float64(artists)/float64(p.Playlists))
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"entries", float64(entries), 66.3e6},
		{"median length", float64(lengths[len(lengths)/2]), 49},
		{"mean length", float64(entries) / float64(p.Playlists), 66.3},
		{"songs in 5 playlists", float64(frequent), 650e3},
		{"artists a playlist", float64(artists) / float64(p.Playlists), 38.1},
	} {
		if c.got < .85*c.want || c.got > 1.15*c.want {
			t.Errorf("%s: %.1f, want %.1f within 15 %%", c.what, c.got, c.want)
		}
	}
}
