package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// maxPut is the largest object one PUT may carry. Larger ones would need multipart, whose conditions stores do not all keep.
const maxPut = 5 << 30

// s3Store keeps objects in a bucket. Every write is one conditional PUT.
type s3Store struct {
	url      string
	endpoint string
	bucket   string
	prefix   string // "" or with a slash at its end
	copies   string // the folder of local copies of what is written; "" = none are kept
	core     *minio.Core
}

// openS3 opens s3://<rest> with the settings of the environment and asks for the bucket once.
func openS3(ctx context.Context, url, rest string) (*s3Store, error) {
	bucket, prefix, _ := strings.Cut(rest, "/")
	prefix = strings.Trim(prefix, "/")
	if prefix != "" {
		if err := checkKey("open lake", prefix); err != nil {
			return nil, err
		}
		prefix += "/"
	}
	env, err := s3Environment()
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", url, err)
	}
	core, err := env.connect()
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", url, err)
	}
	s := &s3Store{url: url, endpoint: env.endpoint.String(), bucket: bucket, prefix: prefix, core: core}
	_, err = s.try(ctx, 0, func(ctx context.Context) error { // a listing, because the answer to HEAD cannot say what is wrong
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for o := range core.Client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: prefix, MaxKeys: 1}) {
			return o.Err
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, s.explain("open lake", url, err)
	}
	return s, nil
}

func (s *s3Store) URL() string { return s.url }

func (s *s3Store) info(key string, o minio.ObjectInfo) Info {
	return Info{Key: key, Size: o.Size, ETag: strings.Trim(o.ETag, `"`), ModifiedAt: o.LastModified.UTC()}
}

func (s *s3Store) Get(ctx context.Context, key string) ([]byte, Info, error) {
	if err := checkKey("get", key); err != nil {
		return nil, Info{}, err
	}
	var data []byte
	var in Info
	_, err := s.try(ctx, 0, func(ctx context.Context) error {
		body, o, _, err := s.core.GetObject(ctx, s.bucket, s.prefix+key, minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		defer body.Close()
		in = s.info(key, o)
		data, err = readExactly(ctx, body, o.Size)
		return err
	})
	if err != nil {
		return nil, Info{}, s.explain("get", key, err)
	}
	return data, in, nil
}

func (s *s3Store) Stat(ctx context.Context, key string) (Info, error) {
	if err := checkKey("stat", key); err != nil {
		return Info{}, err
	}
	var o minio.ObjectInfo
	_, err := s.try(ctx, 0, func(ctx context.Context) (err error) {
		o, err = s.core.StatObject(ctx, s.bucket, s.prefix+key, minio.StatObjectOptions{})
		return err
	})
	if err != nil {
		return Info{}, s.explain("stat", key, err)
	}
	return s.info(key, o), nil
}

// walk calls visit with every entry under a prefix of keys, again from the start after a transient error.
func (s *s3Store) walk(ctx context.Context, prefix string, recursive bool, restart func(), visit func(minio.ObjectInfo)) error {
	_, err := s.try(ctx, maxPut, func(ctx context.Context) error {
		restart()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for o := range s.core.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: recursive}) {
			if o.Err != nil {
				return o.Err
			}
			visit(o)
		}
		return ctx.Err()
	})
	if err != nil {
		return s.explain("list", prefix, err)
	}
	return nil
}

func (s *s3Store) List(ctx context.Context, prefix string) ([]Info, error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	var out []Info
	err := s.walk(ctx, prefix, true, func() { out = nil }, func(o minio.ObjectInfo) {
		key := strings.TrimPrefix(o.Key, s.prefix)
		if checkPath(key) == nil { // others are folder markers and objects we could not have written
			out = append(out, s.info(key, o))
		}
	})
	slices.SortFunc(out, byKey)
	return out, err
}

// Folders returns the names of the folders directly under a folder, ascending; a missing one has none.
func (s *s3Store) Folders(ctx context.Context, folder string) ([]string, error) {
	if err := checkKey("list", folder); err != nil {
		return nil, err
	}
	var out []string
	err := s.walk(ctx, folder+"/", false, func() { out = nil }, func(o minio.ObjectInfo) {
		if name, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, s.prefix+folder+"/"), "/"); ok && name != "" {
			out = append(out, name)
		}
	})
	slices.Sort(out)
	return out, err
}

func (s *s3Store) Create(ctx context.Context, key string, r io.Reader, size int64) (Info, error) {
	return s.create(ctx, key, r, size, "")
}

// create is Create of content whose hex sha256 may be known: it is signed then, for the store to check, and the client need not hash each piece.
func (s *s3Store) create(ctx context.Context, key string, r io.Reader, size int64, sha string) (Info, error) {
	if err := ready(ctx, "create", key); err != nil {
		return Info{}, err
	}
	if size > maxPut {
		return Info{}, fmt.Errorf("create %s: %d bytes, more than the %d one request may carry: write several files", key, size, int64(maxPut))
	}
	body, err := newBody(ctx, r, size)
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	defer body.close()
	body.sha = sha
	opts := minio.PutObjectOptions{DisableMultipart: true, ContentType: contentType(key), DisableContentSha256: sha != ""}
	opts.SetMatchETagExcept("*")
	in, retried, err := s.put(ctx, key, body, opts)
	if !lost(err) {
		return in, s.explain("create", key, err)
	}
	if retried { // the answer to our own first try may be what was lost
		if own, err := s.holds(ctx, key, body); err != nil || own.ETag != "" {
			return own, err
		}
	}
	return Info{}, fmt.Errorf("create %s: %w", key, ErrExists)
}

// put sends one object, again after transient errors; retried says that the store saw it more than once, perhaps.
func (s *s3Store) put(ctx context.Context, key string, body *body, opts minio.PutObjectOptions) (in Info, retried bool, err error) {
	retried, err = s.try(ctx, body.size, func(ctx context.Context) error {
		if err := body.rewind(); err != nil {
			return err
		}
		up, err := s.core.PutObject(ctx, s.bucket, s.prefix+key, body, body.size, "", body.sha, opts)
		if body.err != nil {
			return body.err
		}
		in = Info{Key: key, Size: body.size, ETag: strings.Trim(up.ETag, `"`), ModifiedAt: time.Now().UTC()}
		return err
	})
	if err != nil {
		in = Info{}
	}
	return in, retried, err
}

// holds returns the Info of an object whose content is that of body, and an empty one when it is not.
func (s *s3Store) holds(ctx context.Context, key string, body *body) (Info, error) {
	o, err := s.Open(ctx, key)
	if errors.Is(err, ErrNotExist) {
		return Info{}, nil
	}
	if err != nil {
		return Info{}, err
	}
	defer o.Close()
	if o.Info().Size != body.size {
		return Info{}, nil
	}
	ours, err := body.sum(ctx)
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	theirs, err := sumOf(ctx, o)
	if err != nil || ours != theirs {
		return Info{}, err
	}
	return o.Info(), nil
}

func (s *s3Store) Swap(ctx context.Context, key string, data []byte, etag string) (Info, error) {
	if err := ready(ctx, "swap", key); err != nil {
		return Info{}, err
	}
	opts := minio.PutObjectOptions{DisableMultipart: true, ContentType: contentType(key)}
	if etag == "" {
		opts.SetMatchETagExcept("*")
	} else {
		opts.SetMatchETag(etag)
	}
	in, retried, err := s.put(ctx, key, &body{r: bytes.NewReader(data), size: int64(len(data))}, opts)
	if !lost(err) && !(etag != "" && absent(err)) {
		return in, s.explain("swap", key, err)
	}
	if retried {
		if now, in, err := s.Get(ctx, key); err == nil && bytes.Equal(now, data) {
			return in, nil
		}
	}
	return Info{}, fmt.Errorf("swap %s: %w", key, ErrConflict)
}

func (s *s3Store) Delete(ctx context.Context, key string) error {
	if err := checkKey("delete", key); err != nil {
		return err
	}
	_, err := s.try(ctx, 0, func(ctx context.Context) error {
		return s.core.Client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{})
	})
	if absent(err) {
		return nil
	}
	return s.explain("delete", key, err)
}

func contentType(key string) string {
	if strings.HasSuffix(key, ".json") {
		return "application/json"
	}
	return "application/octet-stream"
}
