package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
)

func double(n int) int { return 2 * n }

func refuse(n int) (int, error) {
	if n == 3 {
		return 0, errors.New("song 3 has no vector")
	}
	return n, nil
}

func dieAt(n int) int {
	if n == 3 {
		os.Exit(7)
	}
	return n
}

// prismServer starts prism as a job service of its own and returns its address.
var prismServer = sync.OnceValue(func() string {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		panic(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	if _, err := prism.CreateJobServer(context.Background(), prism.Options{Port: port}); err != nil {
		panic(err)
	}
	return fmt.Sprintf("localhost:%d", port)
})

func doubles() *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	passert.Equals(s, beam.ParDo(s, double, beam.Create(s, 1, 2, 3)), 2, 4, 6)
	return p
}

func ignore(metrics.Results) {}

func TestExecuteWithWorkersOfThisProcess(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for range 20 {
		if _, err := Execute(t.Context(), Settings{Endpoint: prismServer(), Environment: "loopback"}, "doubles", doubles(), ignore); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("20 submissions left %v, error %v", left, err)
	}
}

// startPool serves a pool of workers that are this test binary, until the test ends or stop is called.
func startPool(t *testing.T) (address string, log *syncBuffer, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	log = &syncBuffer{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- NewPool(log).Serve(ctx, l) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return l.Addr().String(), log, stop
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestExecuteWithWorkersOfAPool(t *testing.T) {
	address, log, _ := startPool(t)
	s := Settings{Endpoint: prismServer(), Environment: "external", Workers: address}
	if _, err := Execute(t.Context(), s, "doubles", doubles(), ignore); err != nil {
		t.Fatalf("%v\npool said:\n%s", err, log)
	}
	if !strings.Contains(log.String(), "started, process") {
		t.Errorf("the pool started no process: %s", log)
	}
}

// A worker that dies ends the job within seconds, with a word on where to look, on an engine that would wait for ever.
func TestWorkerDies(t *testing.T) {
	address, log, stop := startPool(t)
	p, s := beam.NewPipelineWithRoot()
	beam.ParDo(s, dieAt, beam.Create(s, 1, 2, 3))
	_, err := Execute(t.Context(), Settings{Endpoint: prismServer(), Environment: "external", Workers: address}, "dies", p, ignore)
	if !errors.Is(err, ErrJob) {
		t.Fatalf("error %v, want ErrJob", err)
	}
	stop() // it has seen the end of its workers then
	if !strings.Contains(log.String(), "ended by itself: exit status 7") {
		t.Errorf("the pool does not tell how its worker ended: %s", log)
	}
}

func TestFailureTellsItsRootCause(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	beam.ParDo(s, refuse, beam.Create(s, 1, 2, 3))
	_, err := Execute(t.Context(), Settings{Endpoint: prismServer(), Environment: "loopback"}, "refuse", p, ignore)
	if !errors.Is(err, ErrJob) || !strings.Contains(err.Error(), "song 3 has no vector") {
		t.Fatalf("error %q", err)
	}
	if lines := strings.Count(err.Error(), "\n"); lines > 0 || len(err.Error()) > 300 {
		t.Errorf("error of %d lines and %d bytes: want one line", lines+1, len(err.Error()))
	}
}

func TestNoEngine(t *testing.T) {
	started := time.Now()
	_, err := Submit(t.Context(), Settings{Endpoint: "localhost:1", Environment: "loopback"}, "x", doubles())
	if err == nil || !strings.Contains(err.Error(), "no job service answers at localhost:1") {
		t.Errorf("error %v", err)
	}
	if time.Since(started) > time.Minute {
		t.Errorf("took %s to say so", time.Since(started))
	}
}

// What answers and is no job service of this version is named within seconds.
func TestAnotherService(t *testing.T) {
	pages := httptest.NewServer(http.NotFoundHandler())
	defer pages.Close()
	strange := grpc.NewServer()
	healthpb.RegisterHealthServer(strange, health.NewServer())
	old := grpc.NewServer()
	jobpb.RegisterJobServiceServer(old, &recorder{says: "java.lang.IllegalArgumentException: Unknown Coder URN beam:coder:row:v1. Known URNs: [beam:coder:bytes:v1]"})
	for address, says := range map[string]string{
		strings.TrimPrefix(pages.URL, "http://"): "not Beam's job service",
		serve(t, strange):                        "not Beam's job service",
		serve(t, old):                            "its job server is of another version: this binary speaks Beam 2.77",
	} {
		started := time.Now()
		_, err := Submit(t.Context(), Settings{Endpoint: address, Environment: "loopback"}, "x", doubles())
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q", err, says)
		}
		if time.Since(started) > time.Minute {
			t.Errorf("took %s to say so", time.Since(started))
		}
	}
}

// Where the engine is on this host, a pool that is not there is named before anything is submitted.
func TestNoPool(t *testing.T) {
	_, err := Submit(t.Context(), Settings{Endpoint: prismServer(), Environment: "external", Workers: "localhost:1"}, "x", doubles())
	if err == nil || !strings.Contains(err.Error(), "no worker pool answers at localhost:1") {
		t.Errorf("error %v", err)
	}
}

// What an engine is told holds no secret of the environment, whatever variables are set.
func TestSecretsStayHere(t *testing.T) {
	const secret = "k7-not-to-be-seen"
	for _, name := range []string{"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "SEGUE_KAFKA_PASSWORD"} {
		t.Setenv(name, secret)
	}
	seen := &recorder{says: "not taken"}
	server := grpc.NewServer(grpc.Creds(insecure.NewCredentials()))
	jobpb.RegisterJobServiceServer(server, seen)
	address := serve(t, server)
	_, err := Submit(t.Context(), Settings{Endpoint: address, Environment: "loopback"}, "secrets", doubles())
	if err == nil || !strings.Contains(err.Error(), "not taken") {
		t.Fatalf("error %v, want that of the recorder", err)
	}
	if text := seen.request.String(); text == "" || strings.Contains(text, secret) {
		t.Errorf("the engine was told %q", text)
	}
}

// recorder is a job service that keeps the first request and refuses it.
type recorder struct {
	jobpb.UnimplementedJobServiceServer
	says    string
	request *jobpb.PrepareJobRequest
}

func (r *recorder) Prepare(_ context.Context, req *jobpb.PrepareJobRequest) (*jobpb.PrepareJobResponse, error) {
	r.request = req
	return nil, errors.New(r.says)
}

// serve serves until the end of the test and returns the address.
func serve(t *testing.T, server *grpc.Server) string {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(server.Stop)
	return l.Addr().String()
}
