package lake_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"segue/transforms/io/lake"
)

// A file behind an address with a signature is read by ranges of one version; nothing is written, and errors keep their identity
// and no signature.
func TestWeb(t *testing.T) {
	want, tag := content(3<<20+17), `"one"`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet || r.URL.Query().Get("signature") != "a/b":
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/data/whole":
			w.Write(want)
		case r.URL.Path != "/data/big":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("ETag", tag)
			http.ServeContent(w, r, "big", time.Time{}, bytes.NewReader(want))
		}
	}))
	defer server.Close()
	open := func(path string) (lake.Store, string) {
		s, key, err := lake.OpenWeb(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		return s, key
	}
	s, key := open("/data/big?signature=a/b")
	if data, in, err := s.Get(t.Context(), key); err != nil || key != "big" || !bytes.Equal(data, want) || in.ETag != "one" || strings.Contains(s.URL(), "signature") {
		t.Errorf("%d bytes of %s at %s: %+v, %v", len(data), key, s.URL(), in, err)
	}
	o := must[lake.Object](t)(s.Open(t.Context(), key))
	defer o.Close()
	p := make([]byte, 200<<10)
	if _, err := o.ReadAt(p, 1<<20); err != nil || !bytes.Equal(p, want[1<<20:1<<20+200<<10]) {
		t.Errorf("range: %v", err)
	}
	tag = `"two"`
	if _, err := o.ReadAt(p, 2<<20); !errors.Is(err, lake.ErrConflict) {
		t.Errorf("replaced: %v", err)
	}
	if _, err := s.Create(t.Context(), key, nil, 0); !errors.Is(err, lake.ErrDenied) {
		t.Errorf("create: %v", err)
	}
	for path, class := range map[string]error{"/data/none?signature=a/b": lake.ErrNotExist, "/data/big": lake.ErrDenied} {
		s, key := open(path)
		if _, err := s.Open(t.Context(), key); !errors.Is(err, class) || strings.Contains(err.Error(), "a/b") {
			t.Errorf("%s: %v, want %v", path, err, class)
		}
	}
	s, key = open("/data/whole?signature=a/b")
	if _, err := s.Open(t.Context(), key); err == nil || !strings.Contains(err.Error(), "gives no ranges") {
		t.Errorf("server without ranges: %v", err)
	}
	if _, _, err := lake.OpenWeb(server.URL); err == nil {
		t.Error("an address without a file is taken")
	}
}
