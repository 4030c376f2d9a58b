package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// dirStore keeps objects as files under a root. A file appears whole, by a hard link from the folder .tmp; a crash leaves
// leftovers there only.
type dirStore struct {
	root     string // absolute
	volatile bool   // files need not outlive a crash of the host: nothing waits until the disk has them
	etags    etagCache
}

func openDir(path string) (*dirStore, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", path, err)
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("open lake %s: %w", path, err)
	}
	return &dirStore{root: root}, nil
}

func (s *dirStore) URL() string { return s.root }

func (s *dirStore) path(key string) string { return filepath.Join(s.root, filepath.FromSlash(key)) }

// dirObject is an open file; the bytes it reads stay those of its ETag even when the key is swapped.
type dirObject struct {
	*os.File
	info Info
}

func (o dirObject) Info() Info { return o.info }

func (s *dirStore) Open(ctx context.Context, key string) (Object, error) {
	if err := ready(ctx, "open", key); err != nil {
		return nil, err
	}
	f, err := os.Open(s.path(key))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, notExist(err))
	}
	in, err := s.describe(ctx, f, key)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	return dirObject{f, in}, nil
}

// describe returns the Info of an open file; a folder is no object.
func (s *dirStore) describe(ctx context.Context, f *os.File, key string) (Info, error) {
	st, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	if !st.Mode().IsRegular() {
		return Info{}, ErrNotExist
	}
	etag, err := s.etag(ctx, f, st)
	if err != nil {
		return Info{}, err
	}
	return Info{Key: key, Size: st.Size(), ETag: etag, ModifiedAt: st.ModTime().UTC()}, nil
}

// etag returns the hex sha256 of a file; of one that is not hashed, which file it is and when it was written.
func (s *dirStore) etag(ctx context.Context, f *os.File, st os.FileInfo) (string, error) {
	if !s.volatile {
		return s.etags.of(ctx, f, st)
	}
	state, err := stateOf(f)
	return fmt.Sprintf("%x-%x-%x", state.ino, state.size, state.modified), err
}

// notExist maps the file system's words for a missing object.
func notExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) || isNotDir(err) {
		return ErrNotExist
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %w", ErrDenied, err)
	}
	return err
}

func (s *dirStore) Get(ctx context.Context, key string) ([]byte, Info, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	defer o.Close()
	data, err := readExactly(ctx, io.NewSectionReader(o, 0, o.Info().Size), o.Info().Size)
	if err != nil {
		return nil, Info{}, fmt.Errorf("get %s: %w", key, err)
	}
	return data, o.Info(), nil
}

func (s *dirStore) Stat(ctx context.Context, key string) (Info, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return Info{}, err
	}
	return o.Info(), o.Close()
}

func (s *dirStore) List(ctx context.Context, prefix string) ([]Info, error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	var out []Info
	start := s.path(prefix[:strings.LastIndexByte(prefix, '/')+1])
	err := filepath.WalkDir(start, func(path string, d fs.DirEntry, err error) error {
		if err := cmpErr(ctx.Err(), err); err != nil {
			return err
		}
		rel, err := filepath.Rel(s.root, path)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(rel)
		if d.IsDir() {
			return s.enter(key, prefix)
		}
		if !strings.HasPrefix(key, prefix) {
			return nil
		}
		in, err := s.Stat(ctx, key)
		if errors.Is(err, ErrNotExist) {
			return nil
		}
		out = append(out, in)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	slices.SortFunc(out, byKey)
	return out, nil
}

// enter skips folders in which no key can have the prefix.
func (s *dirStore) enter(folder, prefix string) error {
	if folder == tempFolder || (folder != "." && !strings.HasPrefix(folder+"/", prefix) && !strings.HasPrefix(prefix, folder+"/")) {
		return fs.SkipDir
	}
	return nil
}

// Folders returns the names of the folders directly under a folder, ascending; a missing one has none.
func (s *dirStore) Folders(ctx context.Context, folder string) ([]string, error) {
	if err := ready(ctx, "list", folder); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.path(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}
