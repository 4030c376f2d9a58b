package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// web is a store of one file behind an http(s) address, such as a presigned one. It is read by ranges and never written.
type web struct{ address, key string }

// OpenWeb returns a store that holds the one file at an http(s) address, and the file's key: the last part of the path.
func OpenWeb(address string) (Store, string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", fmt.Errorf("open %s: %w", address, err)
	}
	key := path.Base(u.Path)
	if u.Host == "" || key == "/" || key == "." {
		return nil, "", fmt.Errorf("open %s: it names no file", address)
	}
	return &web{address, key}, key, nil
}

// URL leaves out the query, where presigned addresses have their signature.
func (s *web) URL() string {
	address, _, _ := strings.Cut(s.address, "?")
	return strings.TrimSuffix(address, "/"+s.key)
}

func (s *web) Stat(ctx context.Context, key string) (Info, error) {
	if key != s.key {
		return Info{}, fmt.Errorf("open %s: %w", key, ErrNotExist)
	}
	resp, err := s.request(ctx, 0, 0) // a presigned address allows no HEAD
	if err != nil {
		return Info{}, err
	}
	resp.Body.Close()
	_, total, _ := strings.Cut(resp.Header.Get("Content-Range"), "/")
	size, err := strconv.ParseInt(total, 10, 64)
	if err != nil {
		return Info{}, fmt.Errorf("open %s: the server does not say its size: %q", s.key, resp.Header.Get("Content-Range"))
	}
	modified, _ := http.ParseTime(resp.Header.Get("Last-Modified"))
	return Info{Key: s.key, Size: size, ETag: strings.Trim(resp.Header.Get("ETag"), `"`), ModifiedAt: modified}, nil
}

// request asks for the bytes from first to last.
func (s *web) request(ctx context.Context, first, last int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address, nil)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s.key, err)
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, last))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		var with *url.Error // it has the whole address
		if errors.As(err, &with) {
			err = with.Err
		}
		return nil, fmt.Errorf("read %s: %w: %w", s.key, ErrUnreachable, err)
	}
	switch resp.StatusCode {
	case http.StatusPartialContent:
		return resp, nil
	case http.StatusOK:
		err = fmt.Errorf("read %s: the server gives no ranges: download the file", s.key)
	case http.StatusNotFound, http.StatusGone:
		err = fmt.Errorf("open %s: %w at %s", s.key, ErrNotExist, s.URL())
	case http.StatusUnauthorized, http.StatusForbidden:
		err = fmt.Errorf("open %s: %w", s.key, ErrDenied)
	default:
		err = fmt.Errorf("read %s: the server answers %s", s.key, resp.Status)
	}
	resp.Body.Close()
	return nil, err
}

func (s *web) Open(ctx context.Context, key string) (Object, error) {
	in, err := s.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &remote{in: in, fetch: func(p []byte, off int64) error {
		resp, err := s.request(ctx, off, off+int64(len(p))-1)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if now := strings.Trim(resp.Header.Get("ETag"), `"`); now != in.ETag {
			return fmt.Errorf("read %s: %w: its ETag was %s, now it is %s", key, ErrConflict, in.ETag, now)
		}
		if _, err := io.ReadFull(resp.Body, p); err != nil {
			return fmt.Errorf("read %s: %w: %w", key, ErrUnreachable, err)
		}
		return nil
	}}, nil
}

func (s *web) Get(ctx context.Context, key string) ([]byte, Info, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	data := make([]byte, o.Info().Size)
	_, err = o.ReadAt(data, 0)
	return data, o.Info(), err
}

func (s *web) List(ctx context.Context, prefix string) ([]Info, error) {
	if !strings.HasPrefix(s.key, prefix) {
		return nil, nil
	}
	in, err := s.Stat(ctx, s.key)
	return []Info{in}, err
}

func (s *web) Create(_ context.Context, key string, _ io.Reader, _ int64) (Info, error) {
	return Info{}, s.readOnly(key)
}

func (s *web) Swap(_ context.Context, key string, _ []byte, _ string) (Info, error) {
	return Info{}, s.readOnly(key)
}

func (s *web) Delete(_ context.Context, key string) error { return s.readOnly(key) }

func (s *web) readOnly(key string) error {
	return fmt.Errorf("write %s: %w: an http address is only read", key, ErrDenied)
}
