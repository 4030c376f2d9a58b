package memo

import (
	"errors"
	"sync"
	"testing"
)

// Concurrent callers of one key share one value; another key, a failure or Drop make it anew.
func TestLast(t *testing.T) {
	var l Last[int]
	made := 0
	get := func(key string) int {
		v, err := l.Of(key, func() (int, error) { made++; return made, nil })
		if err != nil {
			t.Error(err)
		}
		return v
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { get("a") })
	}
	wg.Wait()
	if made != 1 {
		t.Fatalf("made %d times, want 1", made)
	}
	if _, err := l.Of("b", func() (int, error) { return 0, errors.New("no") }); err == nil || get("a") != 1 {
		t.Error("a failure replaced the value")
	}
	if get("b") != 2 || get("a") != 3 {
		t.Error("another key met the old value")
	}
	if l.Drop(); get("a") != 4 {
		t.Error("dropped value returned")
	}
}
