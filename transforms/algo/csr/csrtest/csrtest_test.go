package csrtest

import (
	"slices"
	"testing"
)

// Lengths, popularity and communities are as the package says, and more playlists begin with those of fewer.
func TestShape(t *testing.T) {
	const n, seed = 20000, 7
	parts := Playlists(n, seed)
	counts := make([]int, Songs)
	var lengths []int
	same, pairs := 0, 0
	for _, m := range parts {
		for r := range m.Rows() {
			row := m.Row(r)
			if !slices.IsSorted(row) || len(slices.Compact(slices.Clone(row))) != len(row) {
				t.Fatalf("seed %d: row %v is not ascending and distinct", seed, row)
			}
			lengths = append(lengths, len(row))
			for i, s := range row {
				counts[s]++
				if i > 0 {
					pairs++
					if Community(s) == Community(row[i-1]) {
						same++
					}
				}
			}
		}
	}
	slices.Sort(lengths)
	sum, seen := 0, 0
	for _, l := range lengths {
		sum += l
	}
	for _, c := range counts {
		if c > 0 {
			seen++
		}
	}
	mean, top := float64(sum)/n, slices.Max(counts)
	if lengths[n/2] < 47 || lengths[n/2] > 52 || mean < 62 || mean > 68 || lengths[0] < 1 || lengths[n-1] > 376 {
		t.Errorf("seed %d: median %d, mean %.1f, range %d to %d", seed, lengths[n/2], mean, lengths[0], lengths[n-1])
	}
	if share := float64(same) / float64(pairs); share < .3 {
		t.Errorf("seed %d: %.3f of the pairs are of one community", seed, share)
	}
	if top < n/200 || top > n/10 || seen < 150_000 {
		t.Errorf("seed %d: the most popular song is in %d playlists, %d songs in any", seed, top, seen)
	}
	fewer := Playlists(chunkLists+5, seed)
	if !slices.Equal(fewer[0].Items, parts[0].Items) || !slices.Equal(fewer[1].Items, parts[1].Items[:len(fewer[1].Items)]) {
		t.Errorf("seed %d: fewer playlists are others", seed)
	}
}
