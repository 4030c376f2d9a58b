package recommend

import (
	"fmt"
	"testing"
)

// Every id is found at its place, others are not, whatever collides.
func TestNames(t *testing.T) {
	for _, songs := range []int{0, 1, 2, 1000} {
		ids := make([]string, songs)
		for i := range ids {
			ids[i] = fmt.Sprintf("%05d", i)
		}
		n := newNames(ids)
		for i, id := range ids {
			if song, ok := n.find(id); !ok || song != int32(i) {
				t.Errorf("%d songs: %s is at %d, %v", songs, id, song, ok)
			}
			if _, ok := n.find(id + "x"); ok {
				t.Errorf("%d songs: found %sx", songs, id)
			}
		}
		if _, ok := n.find(""); ok {
			t.Errorf("%d songs: found the empty id", songs)
		}
	}
}
