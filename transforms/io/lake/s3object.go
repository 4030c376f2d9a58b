package lake

import (
	"context"
	"io"

	"github.com/minio/minio-go/v7"
)

// Open returns the version of an object that there is now: when the key is swapped, reads fail with ErrConflict.
func (s *s3Store) Open(ctx context.Context, key string) (Object, error) {
	in, err := s.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &remote{in: in, fetch: func(p []byte, off int64) error { return s.fetch(ctx, in, p, off) }}, nil
}

// fetch reads exactly one range of the version that was opened.
func (s *s3Store) fetch(ctx context.Context, in Info, p []byte, off int64) error {
	var opts minio.GetObjectOptions
	if err := opts.SetMatchETag(in.ETag); err != nil {
		return err
	}
	if err := opts.SetRange(off, off+int64(len(p))-1); err != nil {
		return err
	}
	_, err := s.try(ctx, int64(len(p)), func(ctx context.Context) error {
		r, _, _, err := s.core.GetObject(ctx, s.bucket, s.prefix+in.Key, opts)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.ReadFull(r, p)
		return err
	})
	return s.explain("read", in.Key, err)
}
