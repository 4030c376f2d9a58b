package lake

import (
	"context"
	"fmt"
	"strings"
)

// Open returns the lake of a URL: a directory path (made when missing), s3://bucket/prefix, or mem://name.
//
// The same mem:// name is the same lake within the process. A bucket is asked for once, so that a wrong key, a wrong
// endpoint or a missing bucket fails here, with ErrDenied, ErrUnreachable or ErrNoBucket.
func Open(ctx context.Context, url string) (Store, error) {
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case url == "":
		return nil, fmt.Errorf("open lake: no address given: use a directory or s3://bucket/prefix")
	case !ok:
		return openDir(url)
	case scheme == "mem":
		return openMem(rest), nil
	case scheme == "s3":
		return openS3(ctx, url, rest)
	case scheme == "file":
		return openDir(rest)
	}
	return nil, fmt.Errorf("open lake %s: unknown scheme %q: use a directory or s3://bucket/prefix", url, scheme)
}

// OpenScratch opens a store for what need not outlive a crash of the host: a folder does not wait until the disk has its files, and does not hash
// them. Others are as Open has them.
func OpenScratch(ctx context.Context, url string) (Store, error) {
	s, err := Open(ctx, url)
	if d, ok := s.(*dirStore); ok {
		d.volatile = true
	}
	return s, err
}
