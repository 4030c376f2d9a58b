package lake_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"segue/transforms/io/lake"
)

// A wrong key, a missing bucket, no server and no keys are told apart when a lake is opened, and no message holds the secret.
func TestS3Errors(t *testing.T) {
	cases := []struct {
		name, env, value, url string
		want                  error
		says                  string
	}{
		{"wrong secret", "AWS_SECRET_ACCESS_KEY", "wrong-secret", "s3://lake/x", lake.ErrDenied, "AWS_SECRET_ACCESS_KEY"},
		{"wrong key", "AWS_ACCESS_KEY_ID", "nobody", "s3://lake/x", lake.ErrDenied, "AWS_ACCESS_KEY_ID"},
		{"no key", "AWS_ACCESS_KEY_ID", "", "s3://lake/x", lake.ErrDenied, "AWS_ACCESS_KEY_ID"},
		{"no bucket", "SEGUE_S3_PATH_STYLE", "true", "s3://none/x", lake.ErrNoBucket, "none"},
		{"no server", "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1", "s3://lake/x", lake.ErrUnreachable, "http://127.0.0.1:1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(c.env, c.value)
			_, err := lake.Open(t.Context(), c.url)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), server.SecretKey) || strings.Contains(err.Error(), "wrong-secret") {
				t.Errorf("the message holds a secret: %v", err)
			}
		})
	}
	for _, bad := range []string{"", "ftp://x", "s3://lake/../x"} {
		if _, err := lake.Open(t.Context(), bad); err == nil {
			t.Errorf("opened %q", bad)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://user:hidden@host")
	if _, err := lake.Open(t.Context(), "s3://lake/x"); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("endpoint with a password: %v", err)
	}
}

// through opens a lake whose requests pass a handler first; forward sends one on to the server.
func through(t *testing.T, handle func(w http.ResponseWriter, r *http.Request, forward http.Handler)) lake.Store {
	t.Helper()
	target := must[*url.URL](t)(url.Parse(server.Endpoint))
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // is signed
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r, proxy) }))
	t.Cleanup(front.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", front.URL)
	return must[lake.Store](t)(lake.Open(t.Context(), freshS3()))
}

// counted opens the server's store and counts the requests to it.
func counted(t *testing.T) (lake.Store, *atomic.Int64) {
	t.Helper()
	asked := new(atomic.Int64)
	return through(t, func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		asked.Add(1)
		forward.ServeHTTP(w, r)
	}), asked
}

// A store that is busy for a moment is asked again.
func TestS3Busy(t *testing.T) {
	var n atomic.Int64
	s := through(t, func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		if n.Add(1)%2 == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		forward.ServeHTTP(w, r)
	})
	must[lake.Info](t)(create(s, t.Context(), "a", "x"))
	if got, _, err := s.Get(t.Context(), "a"); err != nil || string(got) != "x" {
		t.Errorf("read %q, %v", got, err)
	}
}

// When the answer to a conditional write is lost, the repeated write meets its own object and is a success;
// a repeated write that meets another's object is not.
func TestS3LostAnswer(t *testing.T) {
	var lose atomic.Bool
	s := through(t, func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		if r.Method == http.MethodPut && lose.CompareAndSwap(true, false) {
			forward.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // closes the connection
		}
		forward.ServeHTTP(w, r)
	})
	lose.Store(true)
	in := must[lake.Info](t)(create(s, t.Context(), "a", "mine"))
	if stat := must[lake.Info](t)(s.Stat(t.Context(), "a")); stat.ETag != in.ETag || in.Size != 4 {
		t.Errorf("created %+v, stored %+v", in, stat)
	}
	lose.Store(true)
	in = must[lake.Info](t)(s.Swap(t.Context(), "a", []byte("next"), in.ETag))
	if stat := must[lake.Info](t)(s.Stat(t.Context(), "a")); stat.ETag != in.ETag {
		t.Errorf("swapped %+v, stored %+v", in, stat)
	}
	lose.Store(true)
	if _, err := create(s, t.Context(), "a", "late"); !errors.Is(err, lake.ErrExists) {
		t.Errorf("create of a taken key: %v", err)
	}
	lose.Store(true)
	if _, err := s.Swap(t.Context(), "a", []byte("late"), "old"); !errors.Is(err, lake.ErrConflict) {
		t.Errorf("stale swap: %v", err)
	}
}

// A read of an object that was swapped after it was opened fails: it never mixes two versions.
func TestS3OpenIsOneVersion(t *testing.T) {
	s := must[lake.Store](t)(lake.Open(t.Context(), freshS3()))
	in := must[lake.Info](t)(create(s, t.Context(), "a", "old"))
	o := must[lake.Object](t)(s.Open(t.Context(), "a"))
	defer o.Close()
	must[lake.Info](t)(s.Swap(t.Context(), "a", []byte("new"), in.ETag))
	p := make([]byte, 3)
	if _, err := o.ReadAt(p, 0); !errors.Is(err, lake.ErrConflict) {
		t.Errorf("read %q, %v", p, err)
	}
}
