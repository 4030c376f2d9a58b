package nearest

import (
	"slices"
	"testing"
)

// Typing errors find their name, closest first; strangers find nothing.
func TestNames(t *testing.T) {
	known := []string{"songs", "song_vectors", "song_neighbours", "charts", "coverage"}
	for _, c := range []struct {
		want  string
		found []string
	}{
		{"song", []string{"songs", "song_vectors", "song_neighbours"}},
		{"chart", []string{"charts"}},
		{"CHARTS", []string{"charts"}},
		{"song_neighbors", []string{"song_neighbours", "song_vectors"}},
		{"xyzzyxyzzy", nil},
	} {
		if got := Names(c.want, known, 3); !slices.Equal(got, c.found) {
			t.Errorf("Names(%q) = %q, want %q", c.want, got, c.found)
		}
	}
}

// The bytes of a Levenshtein table worked by hand.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		d    int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.d {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.d)
		}
	}
}

// A hint names the nearest, or everything when nothing is near.
func TestHint(t *testing.T) {
	if got, want := Hint("nightyl", []string{"nightly", "runs"}), ": did you mean nightly?"; got != want {
		t.Errorf("Hint = %q, want %q", got, want)
	}
	if got, want := Hint("qqqq", []string{"nightly", "runs"}), ": known are nightly, runs"; got != want {
		t.Errorf("Hint = %q, want %q", got, want)
	}
}

// Data names are answered with the closest ones, near or not.
func TestAmong(t *testing.T) {
	if got, want := Among("u1", []string{"u000009", "u000001", "zoe"}), ": the nearest are zoe, u000001 or u000009"; got != want {
		t.Errorf("Among = %q, want %q", got, want)
	}
	if got := Among("u1", nil); got != "" {
		t.Errorf("Among without names = %q", got)
	}
}
