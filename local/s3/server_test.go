package s3_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"segue/local/s3"
	"segue/transforms/io/lake"
)

// A server answers on loopback, keeps its objects over a restart, is one a process, and frees the process when stopped.
func TestServer(t *testing.T) {
	dir := t.TempDir()
	for round := range 2 {
		s, err := s3.Start(t.Context(), dir, s3.Options{Buckets: []string{"music"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s3.Start(t.Context(), dir, s3.Options{}); err == nil {
			t.Fatal("a second server in one process was started")
		}
		if !strings.HasPrefix(s.Endpoint, "http://127.0.0.1:") {
			t.Fatalf("endpoint %s is not on loopback", s.Endpoint)
		}
		setenv(t, s.Environ())
		l, err := lake.Open(t.Context(), "s3://music/lake")
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Create(t.Context(), "a.txt", strings.NewReader("kept"), 4)
		if round == 0 && err != nil {
			t.Fatal(err)
		}
		if got, _, err := l.Get(t.Context(), "a.txt"); err != nil || string(got) != "kept" {
			t.Fatalf("round %d: read %q, %v", round, got, err)
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := http.Get(s.Endpoint); err == nil {
			t.Fatal("a stopped server still answers")
		}
	}
}

func setenv(t *testing.T, environ []string) {
	t.Helper()
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
}

// The same objects are there behind late answers, each late.
func TestSlow(t *testing.T) {
	s, err := s3.Start(t.Context(), t.TempDir(), s3.Options{Buckets: []string{"music"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	setenv(t, s.Environ())
	const late = 20 * time.Millisecond
	slow, err := s.Slow(late)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := lake.Open(t.Context(), "s3://music/lake")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", slow)
	l, err := lake.Open(t.Context(), "s3://music/lake")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := l.Create(t.Context(), "a.txt", strings.NewReader("late"), 4); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < late {
		t.Errorf("answered after %s", took)
	}
	if got, _, err := fast.Get(t.Context(), "a.txt"); err != nil || string(got) != "late" {
		t.Errorf("read %q, %v", got, err)
	}
}
