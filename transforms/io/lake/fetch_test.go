package lake_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"segue/transforms/io/lake"
)

// Small files are asked for once, however many want them, and read without a request; when the last lets go of them, their copies are gone and
// the bucket is asked again.
func TestFetch(t *testing.T) {
	remote, asked := counted(t)
	const files = 40
	var refs []lake.FileRef
	content := func(i int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%03d", i), 100+i) }
	for i := range files {
		refs = append(refs, commit(t, remote, fmt.Sprintf("small/%d", i), content(i)))
	}
	folder := t.TempDir()
	s := must[lake.Store](t)(lake.KeepCopies(remote, folder))
	asked.Store(0)
	var drops [3]func()
	var wg sync.WaitGroup
	for i := range drops {
		wg.Go(func() { drops[i] = lake.Fetch(t.Context(), s, append(refs, refs...)) })
	}
	wg.Wait()
	read := func() {
		t.Helper()
		for i, ref := range refs {
			o := must[lake.Object](t)(lake.OpenFile(t.Context(), s, ref))
			if !bytes.Equal(readAll(t, o), content(i)) {
				t.Errorf("%s differs", ref.Key)
			}
			o.Close()
		}
	}
	for i, drop := range drops {
		if read(); asked.Load() != files {
			t.Errorf("%d requests for %d files, %d users gone", asked.Load(), files, i)
		}
		drop()
	}
	if left := must[[]os.DirEntry](t)(os.ReadDir(folder)); len(left) > 0 {
		t.Errorf("%d copies are left", len(left))
	}
	if read(); asked.Load() <= files {
		t.Error("read without a copy and without a request")
	}
}

// What cannot be fetched, or is not what its reference says, is left to who opens it; large files, and what was written here, stay where they are.
func TestFetchLeavesOthersAlone(t *testing.T) {
	remote := through(t, func(w http.ResponseWriter, r *http.Request, forward http.Handler) { forward.ServeHTTP(w, r) })
	large := commit(t, remote, "large", make([]byte, 2<<20))
	other, forged := commit(t, remote, "other", []byte("content")), commit(t, remote, "forged", []byte("content"))
	other.ETag = "of another content"
	forged.SHA256 = other.SHA256[1:] + "0"
	folder := t.TempDir()
	s := must[lake.Store](t)(lake.KeepCopies(remote, folder))
	own := commit(t, s, "own", []byte("written here"))
	drop := lake.Fetch(t.Context(), s, []lake.FileRef{large, other, forged, own, {}, {Key: "none", ETag: "x", Size: 1}})
	copies := func() int { return len(must[[]string](t)(filepath.Glob(filepath.Join(folder, "*")))) }
	if n := copies(); n != 1 {
		t.Errorf("%d copies, want that of what was written here", n)
	}
	if _, err := lake.OpenFile(t.Context(), s, other); !errors.Is(err, lake.ErrConflict) {
		t.Errorf("opened with another ETag: %v", err)
	}
	drop()
	if n := copies(); n != 1 {
		t.Errorf("%d copies afterwards, want that of what was written here", n)
	}
	if lake.KeepsCopies(remote) {
		t.Error("a store that keeps no copies says that it does")
	}
}
