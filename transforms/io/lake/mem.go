package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// memStore keeps objects in this process. ETag = sha256.
type memStore struct {
	name    string
	mu      sync.RWMutex
	objects map[string]memObject
}

type memObject struct {
	*bytes.Reader
	data []byte
	info Info
}

var (
	memMu     sync.Mutex
	memStores = map[string]*memStore{}
)

func openMem(name string) *memStore {
	memMu.Lock()
	defer memMu.Unlock()
	s, ok := memStores[name]
	if !ok {
		s = &memStore{name: name, objects: map[string]memObject{}}
		memStores[name] = s
	}
	return s
}

func (s *memStore) URL() string { return "mem://" + s.name }

func (s *memStore) find(ctx context.Context, op, key string) (memObject, error) {
	if err := ready(ctx, op, key); err != nil {
		return memObject{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.objects[key]
	if !ok {
		return o, fmt.Errorf("%s %s: %w", op, key, ErrNotExist)
	}
	return o, nil
}

// ready refuses bad keys and ended contexts.
func ready(ctx context.Context, op, key string) error {
	if err := checkKey(op, key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s %s: %w", op, key, err)
	}
	return nil
}

func (s *memStore) Open(ctx context.Context, key string) (Object, error) {
	o, err := s.find(ctx, "open", key)
	if err != nil {
		return nil, err
	}
	o.Reader = bytes.NewReader(o.data)
	return o, nil
}

func (o memObject) Info() Info { return o.info }
func (memObject) Close() error { return nil }

func (s *memStore) Get(ctx context.Context, key string) ([]byte, Info, error) {
	o, err := s.find(ctx, "get", key)
	return bytes.Clone(o.data), o.info, err
}

func (s *memStore) Stat(ctx context.Context, key string) (Info, error) {
	o, err := s.find(ctx, "stat", key)
	return o.info, err
}

func (s *memStore) List(ctx context.Context, prefix string) ([]Info, error) {
	if err := cmpErr(checkPrefix(prefix), ctx.Err()); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Info
	for key, o := range s.objects {
		if strings.HasPrefix(key, prefix) {
			out = append(out, o.info)
		}
	}
	slices.SortFunc(out, byKey)
	return out, nil
}

func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *memStore) Create(ctx context.Context, key string, r io.Reader, size int64) (Info, error) {
	if err := ready(ctx, "create", key); err != nil {
		return Info{}, err
	}
	data, err := readExactly(ctx, r, size)
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.objects[key]; ok {
		return Info{}, fmt.Errorf("create %s: %w", key, ErrExists)
	}
	return s.put(key, data), nil
}

func (s *memStore) Swap(ctx context.Context, key string, data []byte, etag string) (Info, error) {
	if err := ready(ctx, "swap", key); err != nil {
		return Info{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects[key].info.ETag != etag {
		return Info{}, fmt.Errorf("swap %s: %w", key, ErrConflict)
	}
	return s.put(key, bytes.Clone(data)), nil
}

func (s *memStore) put(key string, data []byte) Info {
	in := Info{Key: key, Size: int64(len(data)), ETag: hashOf(data), ModifiedAt: time.Now().UTC()}
	s.objects[key] = memObject{data: data, info: in}
	return in
}

func (s *memStore) Delete(ctx context.Context, key string) error {
	if err := ready(ctx, "delete", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
	return nil
}

// hashOf returns the hex SHA-256 of data.
func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
