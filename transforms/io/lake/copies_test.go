package lake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"segue/transforms/io/lake"
)

// What a store with copies has written is read without a request, small or spooled to disk; checks of the store still ask it, and a
// reference to another content never meets the copy.
func TestKeepCopies(t *testing.T) {
	remote, asked := counted(t)
	s := must[lake.Store](t)(lake.KeepCopies(remote, t.TempDir()))
	for key, size := range map[string]int{"small": 1 << 10, "large": 17 << 20} {
		want := bytes.Repeat([]byte(key), size/len(key))
		ref := commit(t, s, key, want)
		asked.Store(0)
		o := must[lake.Object](t)(lake.OpenFile(t.Context(), s, ref))
		m := must[*lake.Mapping](t)(lake.Map(t.Context(), s, ref))
		if !bytes.Equal(readAll(t, o), want) || !bytes.Equal(m.Bytes(), want) || o.Info().ETag != ref.ETag {
			t.Errorf("%s: a copy differs from what was written", key)
		}
		if n := asked.Load(); n != 0 {
			t.Errorf("%s: %d requests to read what was written here", key, n)
		}
		o.Close()
		m.Close()
		o = must[lake.Object](t)(lake.OpenStored(t.Context(), s, ref))
		if !bytes.Equal(readAll(t, o), want) || asked.Load() == 0 {
			t.Errorf("%s: what is stored differs, or was not asked for", key)
		}
		o.Close()
		ref.ETag = "of another content"
		if _, err := lake.OpenFile(t.Context(), s, ref); !errors.Is(err, lake.ErrConflict) {
			t.Errorf("%s: opened with another ETag: %v", key, err)
		}
	}
}

// A copy that was cut, in a folder of its own or in the one that processes share, is fetched again.
func TestCutCopies(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	remote := through(t, func(w http.ResponseWriter, r *http.Request, forward http.Handler) { forward.ServeHTTP(w, r) })
	own := t.TempDir()
	want := bytes.Repeat([]byte("segue"), 10_000)
	for folder, s := range map[string]lake.Store{
		filepath.Join(os.Getenv("XDG_CACHE_HOME"), "segue", "objects"): remote, own: must[lake.Store](t)(lake.KeepCopies(remote, own)),
	} {
		ref := commit(t, s, "cut/"+filepath.Base(folder), want)
		must[*lake.Mapping](t)(lake.Map(t.Context(), s, ref)).Close()
		for _, e := range must[[]os.DirEntry](t)(os.ReadDir(folder)) {
			if err := os.Truncate(filepath.Join(folder, e.Name()), 1); err != nil {
				t.Fatal(err)
			}
		}
		o := must[lake.Object](t)(lake.OpenFile(t.Context(), s, ref))
		if !bytes.Equal(readAll(t, o), want) {
			t.Errorf("%s: a cut copy is read", folder)
		}
		o.Close()
		m := must[*lake.Mapping](t)(lake.Map(t.Context(), s, ref))
		if !bytes.Equal(m.Bytes(), want) {
			t.Errorf("%s: a cut copy is mapped", folder)
		}
		m.Close()
	}
}

// A directory needs no copies.
func TestKeepCopiesOfDirectory(t *testing.T) {
	s := must[lake.Store](t)(lake.Open(t.Context(), t.TempDir()))
	if got := must[lake.Store](t)(lake.KeepCopies(s, "/nowhere/at/all")); got != s {
		t.Error("another store")
	}
}

func commit(t *testing.T, s lake.Store, key string, data []byte) lake.FileRef {
	t.Helper()
	f := must[*lake.File](t)(lake.NewFile(context.Background(), s, key))
	must[int](t)(f.Write(data))
	return must[lake.FileRef](t)(f.Commit(t.Context(), 1))
}

func readAll(t *testing.T, o lake.Object) []byte {
	t.Helper()
	return must[[]byte](t)(io.ReadAll(io.NewSectionReader(o, 0, o.Info().Size)))
}
