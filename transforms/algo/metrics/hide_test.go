package metrics

import "testing"

// 60 songs: 25 seeds and 35 hidden; 11: 5 and 6; 9: 4 and 5; 8: 4 hidden are too few; repetitions count once.
func TestHide(t *testing.T) {
	for _, c := range []struct {
		songs, seeds int
		ok           bool
	}{{60, 25, true}, {11, 5, true}, {9, 4, true}, {8, 4, false}, {1, 0, false}, {0, 0, false}} {
		var songs []int32
		for i := range int32(c.songs) {
			songs = append(songs, i, i/2)
		}
		seeds, hidden, ok := Hide(songs)
		if ok != c.ok || len(seeds) != c.seeds || len(hidden) != c.songs-c.seeds {
			t.Errorf("%d songs: %d seeds, %d hidden, %v", c.songs, len(seeds), len(hidden), ok)
		}
	}
}
