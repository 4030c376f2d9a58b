package version

import (
	"slices"
	"testing"
)

// Chains end at their last song; unknown names, names of oneself and circles end where they are.
func TestMain(t *testing.T) {
	ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	of := []string{"", "a", "b", "nobody", "e", "g", "f", ""}
	if got, want := Main(ids, of), []int32{0, 0, 0, 3, 4, 5, 6, 7}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Main(nil, nil); len(got) != 0 {
		t.Errorf("no songs have %v", got)
	}
}
