package lake_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// What a crash leaves in .tmp is not listed, and a finished write leaves nothing there.
func TestDirLeftovers(t *testing.T) {
	root := t.TempDir()
	s := must[lake.Store](t)(lake.Open(t.Context(), root))
	must[lake.Info](t)(create(s, t.Context(), "a", "x"))
	left, err := os.ReadDir(filepath.Join(root, ".tmp"))
	if err != nil || len(left) != 0 {
		t.Errorf("left in .tmp: %v, %v", left, err)
	}
	if err := os.WriteFile(filepath.Join(root, ".tmp", "new-crashed"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if l := must[[]lake.Info](t)(s.List(t.Context(), "")); len(l) != 1 || l[0].Key != "a" {
		t.Errorf("listed %v", l)
	}
}

// Who waits for the disk holds no lock: others write and delete the same key meanwhile. They might be what its way back waits for.
func TestDirWaitsWithoutLocks(t *testing.T) {
	s := must[lake.Store](t)(lake.Open(t.Context(), t.TempDir()))
	plain, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	waits := 0
	ctx := lake.WithWait(plain, func(f func() error) error {
		waits++
		err := f()
		in, _ := s.Stat(plain, "swapped")
		_, swapErr := s.Swap(plain, "swapped", []byte("other"), in.ETag)
		return errors.Join(err, swapErr, s.Delete(plain, "swapped"))
	})
	first := must[lake.Info](t)(s.Swap(ctx, "swapped", []byte("first"), ""))
	if _, err := s.Swap(ctx, "swapped", []byte("second"), first.ETag); !errors.Is(err, lake.ErrConflict) {
		t.Errorf("swap of what was deleted meanwhile: %v", err)
	}
	must[lake.Info](t)(create(s, ctx, "created", "x"))
	if waits != 3 {
		t.Errorf("waited %d times for three writes", waits)
	}
}

// The ETag of a file that others put there is its sha256, follows its content, and is the same for another opening.
func TestDirETag(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "landing.jsonl")
	s := must[lake.Store](t)(lake.Open(t.Context(), root))
	old := time.Now().Add(-time.Hour)
	etags := map[string]bool{}
	for i, content := range []string{"one", "two", "six"} { // all of one size
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		stamp := old.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(path, stamp, stamp); err != nil {
			t.Fatal(err)
		}
		first := must[lake.Info](t)(s.Stat(t.Context(), "landing.jsonl"))
		other := must[lake.Store](t)(lake.Open(t.Context(), root))
		again := must[lake.Info](t)(other.Stat(t.Context(), "landing.jsonl"))
		if first.ETag != again.ETag || etags[first.ETag] || len(first.ETag) != 64 {
			t.Errorf("content %q: etag %s, then %s", content, first.ETag, again.ETag)
		}
		etags[first.ETag] = true
	}
}

// A file changed a moment ago is read again: its clock may not have ticked.
func TestDirETagOfYoungFile(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "f")
	s := must[lake.Store](t)(lake.Open(t.Context(), root))
	etags := map[string]bool{}
	for _, content := range []string{"one", "two", "six"} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		etags[must[lake.Info](t)(s.Stat(t.Context(), "f")).ETag] = true
	}
	if len(etags) != 3 {
		t.Errorf("3 contents, %d etags", len(etags))
	}
}

// A reader of a file keeps its bytes when the key is swapped.
func TestDirOpenIsStable(t *testing.T) {
	s := must[lake.Store](t)(lake.Open(t.Context(), t.TempDir()))
	in := must[lake.Info](t)(create(s, t.Context(), "a", "old"))
	o := must[lake.Object](t)(s.Open(t.Context(), "a"))
	defer o.Close()
	must[lake.Info](t)(s.Swap(t.Context(), "a", []byte("new"), in.ETag))
	p := make([]byte, 3)
	if _, err := o.ReadAt(p, 0); err != nil || string(p) != "old" {
		t.Errorf("read %q, %v", p, err)
	}
}

// A key below an object, or an object where a folder is, is an error that names the key, not a broken lake.
func TestDirFileAndFolder(t *testing.T) {
	s := must[lake.Store](t)(lake.Open(t.Context(), t.TempDir()))
	must[lake.Info](t)(create(s, t.Context(), "a/b", "x"))
	for _, key := range []string{"a", "a/b/c"} {
		if _, err := create(s, t.Context(), key, "y"); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("create %s: %v", key, err)
		}
	}
	if err := s.Delete(t.Context(), "a/b/c"); err != nil {
		t.Error(err)
	}
	if got, _, err := s.Get(t.Context(), "a/b"); err != nil || string(got) != "x" {
		t.Errorf("read %q, %v", got, err)
	}
}

// When the temporary file cannot be written, Write and Commit say so and no object appears.
func TestFullDisk(t *testing.T) {
	root := t.TempDir()
	disk := must[lake.Store](t)(lake.Open(t.Context(), root))
	if err := os.WriteFile(filepath.Join(root, ".tmp"), nil, 0o644); err != nil { // no folder can be made there
		t.Fatal(err)
	}
	mem := must[lake.Store](t)(lake.Open(t.Context(), "mem://"+t.TempDir()))
	t.Setenv("TMPDIR", filepath.Join(root, "none"))
	for _, s := range []lake.Store{disk, mem} {
		f := must[*lake.File](t)(lake.NewFile(t.Context(), s, "big"))
		if _, err := f.Write(make([]byte, 17<<20)); err == nil || !strings.Contains(err.Error(), "big") {
			t.Errorf("write: %v", err)
		}
		if _, err := f.Commit(t.Context(), 1); err == nil {
			t.Error("committed a file that was not written")
		}
		if _, err := s.Stat(t.Context(), "big"); !errors.Is(err, lake.ErrNotExist) {
			t.Errorf("stat: %v", err)
		}
	}
}
